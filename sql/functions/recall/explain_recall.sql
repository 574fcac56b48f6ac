create or replace function memoriesdb.explain_recall(
  query text,
  memory_id uuid,
  k integer default 10,
  query_embedding @extschema:vector@.vector default null,
  kinds text[] default null,
  stream text default null,
  metadata_filter jsonb default null,
  since timestamptz default null,
  until timestamptz default null,
  min_score double precision default null,
  include_shared boolean default true
)
returns table (step text, outcome text, rank integer, score real, detail text)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
  v_memory memoriesdb.memories;
  v_model_id uuid;
  v_embedding @extschema:vector@.halfvec;
  v_facts jsonb;
  v_found record;
  v_chosen bigint;
begin
  perform memoriesdb._check_recall(query, k, query_embedding, metadata_filter);
  select m.* into v_memory from memoriesdb.memories as m
  where m.id = explain_recall.memory_id
    and (m.owner_id = v_user_id or m.owner_id = any (memoriesdb._grantors('read')));
  if not found then
    perform memoriesdb._raise_not_found(explain_recall.memory_id);
  end if;
  perform memoriesdb._spend('recalls', 1);
  select q.model_id, q.embedding into v_model_id, v_embedding
  from memoriesdb._query_vector(query, query_embedding) as q;
  v_facts := memoriesdb._recall_facts(explain_recall.memory_id, query, v_model_id, k);

  -- The filters, whether given or always there.
  for step, outcome, detail in
    select f.step, case when f.passes then 'passed' else 'removed' end, f.detail
    from (
      values
      ('shared', v_memory.owner_id = v_user_id or include_shared,
        case when v_memory.owner_id = v_user_id then 'your own'
          else 'shared by ' || v_memory.owner_id end, true),
      ('forgotten', v_memory.forgotten_at is null, 'forgotten at ' || v_memory.forgotten_at,
        v_memory.forgotten_at is not null),
      ('expired', coalesce(v_memory.expires_at > statement_timestamp(), true),
        'expires at ' || v_memory.expires_at, v_memory.expires_at is not null),
      ('kinds', v_memory.kind = any (kinds), 'its kind is ' || v_memory.kind, kinds is not null),
      ('stream', coalesce(v_memory.stream = explain_recall.stream, false),
        'its stream is ' || coalesce(v_memory.stream, 'none'), explain_recall.stream is not null),
      ('metadata_filter', v_memory.metadata @> metadata_filter, 'its metadata: '
        || left(v_memory.metadata::text, 200), metadata_filter is not null),
      ('since', v_memory.occurred_at >= since, 'it occurred at ' || v_memory.occurred_at,
        since is not null),
      ('until', v_memory.occurred_at < until, 'it occurred at ' || v_memory.occurred_at,
        until is not null)
    ) as f (step, passes, detail, is_told)
    where f.is_told
  loop
    return next;
  end loop;

  select r.* into v_found
  from memoriesdb._rank(
    query, k, v_model_id, v_embedding, kinds, stream, metadata_filter, since, until, min_score,
    include_shared, explain_recall.memory_id
  ) as r
  where r.memory_id = explain_recall.memory_id;
  if (v_facts -> 'is_diverse')::boolean and v_found.place is not null then
    -- Which are chosen depends on all that are chosen before.
    select r.place into v_chosen
    from memoriesdb._rank(
      query, k, v_model_id, v_embedding, kinds, stream, metadata_filter, since, until, min_score,
      include_shared
    ) as r
    where r.memory_id = explain_recall.memory_id;
    v_found.why := v_found.why || jsonb_build_object('before', v_found.place);
    v_found.place := coalesce(v_chosen, greatest(v_found.place, k + 1));
  end if;

  return query
  select e.step, e.outcome, e.rank, e.score, e.detail
  from memoriesdb._explain_arms(v_facts, v_found.why, v_memory.search) as e;

  perform memoriesdb._log_access(
    'explain_recall', 'answered', array[explain_recall.memory_id], 1, query
  );
  return query
  select e.step, e.outcome, e.rank, e.score, e.detail
  from memoriesdb._explain_score(
    v_found.why, v_found.place, v_found.score, v_found.is_candidate, k, min_score
  ) as e;
end;
$function$;

alter function memoriesdb.explain_recall(
  text, uuid, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) owner to memoriesdb_definer;
revoke all on function memoriesdb.explain_recall(
  text, uuid, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) from public;
grant execute on function memoriesdb.explain_recall(
  text, uuid, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.explain_recall(
  text, uuid, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) is
'Why recall() finds a memory or does not, for the same arguments: one row a step, in order. First '
'the filters (passed, removed), then its rank and score in every arm (candidate, beyond the '
'candidates, not found, not asked) with how the arm was asked, then what they add up to, and its '
'place. Raises what recall() raises, and MD201 for a memory that one cannot read.';
