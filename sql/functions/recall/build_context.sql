create or replace function memoriesdb.build_context(
  query text,
  max_tokens integer default 2000,
  k integer default 50,
  query_embedding @extschema:vector@.vector default null,
  kinds text[] default null,
  stream text default null,
  metadata_filter jsonb default null,
  since timestamptz default null,
  until timestamptz default null,
  min_score double precision default null,
  include_shared boolean default true
)
returns table (context text, token_count integer, memory_count integer, citations jsonb)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_memory record;
  v_line text;
  v_tokens integer;
  v_taken jsonb := '[]'::jsonb;
  v_seen text[] := '{}'::text[];
  v_same text;
begin
  perform memoriesdb._require_scope('read');
  if max_tokens is null or max_tokens not between 1 and 1000000 then
    raise exception 'max_tokens is out of range' using
      errcode = 'MD110', hint = 'Give a number from 1 to 1000000.';
  end if;
  token_count := 0;
  -- The best first, as long as there is room; a long one is passed over for a shorter one.
  for v_memory in
    select r.*, m.stream as in_stream, m.seq
    from memoriesdb.recall(
      query, k, query_embedding, kinds, stream, metadata_filter, since, until, min_score,
      include_shared
    ) with ordinality as r (
      memory_id, owner_id, kind, content, metadata, score, similarity, keyword_rank, vector_rank,
      occurred_at, embedding_state, why, place
    )
    cross join lateral (
      select x.stream, x.seq from memoriesdb.memories as x
      where x.owner_id = r.owner_id and x.id = r.memory_id and not x.is_encrypted
      offset 0
    ) as m
    order by r.place
  loop
    v_same := memoriesdb._normal_text(v_memory.content);
    continue when v_same = any (v_seen);
    v_line := memoriesdb._context_line(
      v_memory.content, v_memory.metadata, v_memory.occurred_at
    );
    -- With its number and the end of the line.
    v_tokens := memoriesdb._token_count(v_line) + 4;
    continue when token_count + v_tokens > max_tokens;
    token_count := token_count + v_tokens;
    v_seen := v_seen || v_same;
    v_taken := v_taken || jsonb_build_object(
      'memory_id', v_memory.memory_id, 'owner_id', v_memory.owner_id, 'kind', v_memory.kind,
      'score', v_memory.score, 'occurred_at', v_memory.occurred_at,
      'stream', v_memory.in_stream, 'seq', v_memory.seq, 'line', v_line
    );
  end loop;
  -- In order of time, so that what was said last is read last; numbered as they are cited.
  select
    coalesce(string_agg(format('[%s] %s', o.number, o.line), E'\n' order by o.number), ''),
    count(*)::integer,
    coalesce(jsonb_agg(
      o.item - array['seq', 'line'] || jsonb_build_object('number', o.number) order by o.number
    ), '[]')
  into context, memory_count, citations
  from (
    select t.item, t.item ->> 'line' as line, row_number() over (
      order by (t.item ->> 'occurred_at')::timestamptz, (t.item ->> 'seq')::bigint
    ) as number
    from jsonb_array_elements(v_taken) as t (item)
  ) as o;
  return next;
end;
$function$;

alter function memoriesdb.build_context(
  text, integer, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz,
  timestamptz, double precision, boolean
) owner to memoriesdb_definer;
revoke all on function memoriesdb.build_context(
  text, integer, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz,
  timestamptz, double precision, boolean
) from public;
grant execute on function memoriesdb.build_context(
  text, integer, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz,
  timestamptz, double precision, boolean
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.build_context(
  text, integer, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz,
  timestamptz, double precision, boolean
) is
'The best memories for a query as one text for a language model: recall(), of which as much is '
'taken as fits into max_tokens (1 to 1000000, about: a tokenizer may count otherwise), the best '
'first, the same text once, none that is encrypted; then in order of time, a line each: [number] '
'speaker (date): content. citations: an array of objects, by number, with memory_id, owner_id, '
'kind, score, occurred_at and stream. One row, whose context is empty where nothing was found or '
'fits. Raises what recall() raises, and MD110.';
