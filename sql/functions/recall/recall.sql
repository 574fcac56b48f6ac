-- Invoker: what it reads is under the caller's policies. Own and shared rows are separate branches,
-- so that each has its index. Exact: every memory in scope is weighed, so that a small owner loses
-- nothing beside a large one.
create or replace function memoriesdb.recall(
  query text,
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
returns table (
  memory_id uuid,
  owner_id uuid,
  kind text,
  content text,
  metadata jsonb,
  score real,
  similarity real,
  keyword_rank integer,
  vector_rank integer,
  occurred_at timestamptz,
  embedding_state text
)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- otherwise the plan depends on who came first
set jit = off
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
  v_model_id uuid;
  v_dimensions integer;
  v_embedding @extschema:vector@.halfvec;
  v_lexemes tsquery[];
  v_any tsquery;
  v_vector_weight real := memoriesdb._setting('recall_vector_weight')::real;
  v_keyword_weight real := memoriesdb._setting('recall_keyword_weight')::real;
  v_fuzzy_weight real := memoriesdb._setting('recall_fuzzy_weight')::real;
  v_smoothing real := memoriesdb._setting('recall_smoothing')::real;
  v_grantors uuid[] := '{}'::uuid[];
  v_granted uuid[] := '{}'::uuid[];
  v_ids uuid[] := '{}'::uuid[];
begin
  perform memoriesdb._check_recall(query, k, query_embedding, metadata_filter);
  perform memoriesdb._spend('recalls', 1);
  select a.model_id, a.dimensions into v_model_id, v_dimensions
  from memoriesdb._active_model() as a;
  if query_embedding is not null then
    if v_model_id is not null
       and @extschema:vector@.vector_dims(query_embedding) <> v_dimensions then
      raise exception 'wrong vector dimension' using
        errcode = 'MD109',
        detail = format('query_embedding has %s dimensions, the active model %s.',
          @extschema:vector@.vector_dims(query_embedding), v_dimensions),
        hint = 'Embed the query with the active model (embedding_models.is_active), or leave '
          'query_embedding out.';
    end if;
    -- Its length means nothing for a cosine, and might not fit into half precision.
    v_embedding := @extschema:vector@.l2_normalize(query_embedding)::@extschema:vector@.halfvec;
  elsif v_model_id is not null then
    v_embedding := @extschema:vector@.l2_normalize(memoriesdb.embed_query(query))
      ::@extschema:vector@.halfvec;
  end if;
  if query ~ '[^[:space:]]' then
    -- Words are never AND-ed: a question holds many that no memory has.
    v_lexemes := array(
      select memoriesdb._lexeme_query(l)
      from unnest(tsvector_to_array(memoriesdb._search_vector(query))) as l
      limit 200
    );
    v_any := nullif(array_to_string(v_lexemes, ' | '), '')::tsquery;
  end if;
  if include_shared then
    v_grantors := memoriesdb._grantors('read');
    v_granted := memoriesdb._granted_ids('read');
  end if;

  for
    memory_id, owner_id, kind, content, metadata, score, similarity, keyword_rank, vector_rank,
    occurred_at, embedding_state
  in
  with scope as materialized (
    select s.*
    from (
      select
        m.owner_id, m.id, m.seq, m.stream, m.occurred_at,
        case when m.search @@ v_any then array(
          select i from generate_subscripts(v_lexemes, 1) as i where m.search @@ v_lexemes[i]
        ) end as words
      from memoriesdb.memories as m
      where m.owner_id = v_user_id
        and m.forgotten_at is null
        and (m.expires_at is null or m.expires_at > statement_timestamp())
        and (kinds is null or m.kind = any (kinds))
        and (recall.stream is null or m.stream = recall.stream)
        and (metadata_filter is null or m.metadata @> metadata_filter)
        and (since is null or m.occurred_at >= since)
        and (until is null or m.occurred_at < until)
      offset 0
    ) as s
    union all
    select s.*
    from (
      select
        m.owner_id, m.id, m.seq, m.stream, m.occurred_at,
        case when m.search @@ v_any then array(
          select i from generate_subscripts(v_lexemes, 1) as i where m.search @@ v_lexemes[i]
        ) end as words
      from memoriesdb.memories as m
      where m.owner_id = any (v_grantors) and m.id = any (v_granted)
        and m.forgotten_at is null
        and (m.expires_at is null or m.expires_at > statement_timestamp())
        and (kinds is null or m.kind = any (kinds))
        and (recall.stream is null or m.stream = recall.stream)
        and (metadata_filter is null or m.metadata @> metadata_filter)
        and (since is null or m.occurred_at >= since)
        and (until is null or m.occurred_at < until)
      offset 0
    ) as s
  ),

  word as materialized (
    -- Rare words weigh more: the inverse document frequency, over what this user can find and
    -- nobody else's memories.
    select w.i, ln(1 + (t.total - count(*) + 0.5) / (count(*) + 0.5)) as weight
    from scope as s
    cross join unnest(s.words) as w (i)
    cross join (select count(*) as total from scope) as t
    group by w.i, t.total
  ),

  keyword as materialized (
    select s.owner_id, s.id, sum(w.weight) as strength
    from scope as s
    cross join unnest(s.words) as x (i)
    join word as w on w.i = x.i
    group by s.owner_id, s.id
  ),

  vector as materialized (
    select s.owner_id, s.id,
      1 - (e.embedding operator(@extschema:vector@.<=>) v_embedding) as strength
    from scope as s
    join memoriesdb.memory_embeddings as e
      on e.owner_id = s.owner_id and e.memory_id = s.id and e.model_id = v_model_id
    where v_embedding is not null
      and @extschema:vector@.vector_dims(e.embedding) = @extschema:vector@.vector_dims(v_embedding)
    offset 0
  ),

  fuzzy as materialized (
    -- For typos and names, where words found little: it reads the beginning of every text. Its
    -- cost grows with the square of a text that repeats itself: one of 256 kB, which anybody could
    -- share, took a minute.
    select s.owner_id, s.id, w.strength
    from scope as s
    join memoriesdb.memories as m on m.owner_id = s.owner_id and m.id = s.id
    cross join lateral (
      select
        @extschema:pg_trgm@.word_similarity(left(query, 200), left(m.content, 2000)) as strength
      offset 0
    ) as w
    where v_fuzzy_weight > 0 and query is not null and (select count(*) from keyword) < k
      and not m.is_encrypted
      and w.strength >= 0.4
  ),

  -- Each arm divided by its best, weighted, and added up.
  part as (
    select x.owner_id, x.id, v_keyword_weight * x.strength / max(x.strength) over () as points,
      (rank() over (order by x.strength desc))::integer as keyword_rank,
      null::integer as vector_rank, null::double precision as similarity
    from keyword as x
    union all
    select x.owner_id, x.id,
      v_vector_weight * greatest(x.strength, 0) / nullif(greatest(max(x.strength) over (), 0), 0),
      null, (rank() over (order by x.strength desc))::integer, x.strength
    from vector as x
    union all
    select x.owner_id, x.id, v_fuzzy_weight * x.strength / max(x.strength) over (), null, null, null
    from fuzzy as x
  ),

  fused as materialized (
    select p.owner_id, p.id, coalesce(sum(p.points), 0) as points,
      max(p.keyword_rank) as keyword_rank,
      max(p.vector_rank) as vector_rank, max(p.similarity) as similarity
    from part as p
    group by p.owner_id, p.id
  ),

  -- Neighbours in a stream lend each other score: the answer often stands beside the words of the
  -- question. Beside means in the stream, within the filters, whether it was found or not.
  beside as (
    select
      s.owner_id, s.id, s.seq, f.points, f.keyword_rank, f.vector_rank, f.similarity,
      case when s.stream is null then 0 else v_smoothing end as smoothing,
      greatest(lag(f.points) over neighbour, lead(f.points) over neighbour) as neighbours_points,
      count(*) over (partition by s.owner_id, s.stream) as stream_length
    from scope as s
    left join fused as f on f.owner_id = s.owner_id and f.id = s.id
    window neighbour as (partition by s.owner_id, s.stream order by s.occurred_at, s.seq)
  ),

  smoothed as (
    select
      b.owner_id, b.id, b.seq, b.keyword_rank, b.vector_rank, b.similarity,
      case
        when b.stream_length = 1 then b.points
        else (b.points + b.smoothing * coalesce(b.neighbours_points, 0)) / (1 + b.smoothing)
      end / (
        -- Of the arms that were asked: without an embedder a perfect match by words is a whole
        -- one.
        case when v_any is null then 0 else v_keyword_weight end
        + case when v_embedding is null then 0 else v_vector_weight end
        + case when exists (select from fuzzy) then v_fuzzy_weight else 0 end
      ) as points
    from beside as b
    where b.points is not null
  ),

  best as materialized (
    select b.*
    from smoothed as b
    -- As it is returned: a score that was read in an answer bounds the next one from below.
    where min_score is null or b.points::real >= greatest(-1, least(min_score, 2))::real
    order by b.points desc, b.seq desc
    limit k
  )

  select
    m.id, m.owner_id, m.kind, m.content, m.metadata, b.points::real, b.similarity::real,
    b.keyword_rank, b.vector_rank, m.occurred_at,
    case
      when e.text_hash = m.embedding_text_hash then 'ready'
      when e.text_hash is not null then 'stale'
      when v_model_id is null or m.is_encrypted then 'none'
      else 'pending'
    end
  from best as b
  join memoriesdb.memories as m on m.owner_id = b.owner_id and m.id = b.id
  left join memoriesdb.memory_embeddings as e
    on e.owner_id = b.owner_id and e.memory_id = b.id and e.model_id = v_model_id
  order by b.points desc, b.seq desc
  loop
    v_ids := v_ids || recall.memory_id;
    return next;
  end loop;
  perform memoriesdb._log_access('recall', 'answered', v_ids, cardinality(v_ids), query);
end;
$function$;

alter function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) owner to memoriesdb_definer;
revoke all on function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) from public;
grant execute on function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) is
'Find memories: one''s own and those shared with one, by meaning, words and spelling. k: how '
'many (1 to 1000). query_embedding: the query''s vector by the active model, where the caller '
'has it. since (inclusive) and until (exclusive) bound occurred_at. score: 0 to 1 within one '
'answer (each arm divided by its best, then weighted: settings recall_…). similarity: cosine. '
'embedding_state: ready, stale (the vector is of a former text), pending, or none (no model). '
'Encrypted memories are found by meaning alone, where their owner gave a vector, and come as they '
'are kept. Spelling is looked for in the first 2,000 characters of a text, where words found '
'fewer than k. '
'Without an embedder it goes on with words and says so in a NOTICE. Raises MD001, MD101, MD102, '
'MD104, MD108, MD109, and MD011, MD012 by a token with a limit.';
