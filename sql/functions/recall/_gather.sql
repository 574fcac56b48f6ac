-- What is worth weighing: the best of each arm, and what stands beside them in their streams, with
-- exact scores in every arm for all of them. One statement, and so one snapshot: a memory either
-- waits to be indexed or is indexed, never both and never neither. Materialized steps and OFFSET 0
-- are fences: without them a plan took seconds.
create or replace function memoriesdb._gather(asked memoriesdb._recall_request)
returns table (
  owner_id uuid,
  doc bigint,
  memory_id uuid,
  stream_id uuid,
  occurred_at timestamptz,
  speaker text,
  importance real,
  trust real,
  keyword_rank bigint,
  vector_rank bigint,
  fuzzy_rank bigint,
  is_candidate boolean,
  strength double precision,
  similarity double precision,
  likeness double precision,
  near_ones bigint[],
  far_ones bigint[]
)
language plpgsql
stable
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- otherwise the plan depends on who came first
set enable_nestloop = off -- steps are hashed; look-ups are lateral, and loops anyhow
set enable_mergejoin = off
set enable_seqscan = off
set enable_bitmapscan = off -- it would read the table where the index has everything
set jit = off
as $function$
#variable_conflict use_column
declare
  v_k1 double precision := (asked.settings -> 'bm25_k1')::double precision;
  v_b double precision := (asked.settings -> 'bm25_b')::double precision;
  v_smooths boolean := (asked.settings -> 'smoothing')::double precision > 0
    or (asked.settings -> 'smoothing_far')::double precision > 0;
  -- Where frequent words are looked up for the candidates alone, there are more of them.
  v_pool integer := case when asked.probed = '{}' then 2 else 10 end * asked.candidates;
  v_dimensions integer := @extschema:vector@.vector_dims(asked.embedding);
begin
  return query
  with granted as materialized (
    select
      m.owner_id, m.seq as doc, m.id as memory_id, memoriesdb._stream_id(m.stream) as stream_id,
      m.occurred_at, memoriesdb._speaker(m.metadata) as speaker, m.importance, m.trust, m.search
    from memoriesdb.memory_grants as g
    cross join lateral (
      select s.* from memoriesdb.memories as s
      where s.owner_id = g.owner_id and s.id = g.memory_id
      offset 0
    ) as m
    where asked.include_shared and g.grantee_id = asked.user_id
      and (g.expires_at is null or g.expires_at > clock_timestamp())
      and m.forgotten_at is null
      and (m.expires_at is null or m.expires_at > statement_timestamp())
      and (asked.kinds is null or m.kind = any (asked.kinds))
      and (asked.stream_id is null or memoriesdb._stream_id(m.stream) = asked.stream_id)
      and (asked.metadata_filter is null or m.metadata @> asked.metadata_filter)
      and (asked.since is null or m.occurred_at >= asked.since)
      and (asked.until is null or m.occurred_at < asked.until)
  ),

  -- What is not indexed: one's own that waits, and what others share.
  loose as materialized (
    select w.doc, m.search
    from memoriesdb.search_schedule as w
    cross join lateral (
      select s.search from memoriesdb.memories as s
      where s.owner_id = asked.user_id and s.id = w.memory_id
      offset 0
    ) as m
    where w.owner_id = asked.user_id and asked.any_term is not null
    union all
    select g.doc, g.search from granted as g where asked.any_term is not null
  ),

  loose_size as materialized (
    select l.doc, l.search, (
      select sum(least(coalesce(cardinality(u.positions), 1), 255)) from unnest(l.search) as u
    ) as word_count
    from loose as l
  ),

  size as materialized (
    select
      coalesce(sum(c.document_count), 0)::double precision
      + (select count(*) from loose_size) as documents,
      coalesce(sum(c.word_count), 0)::double precision
      + (select coalesce(sum(l.word_count), 0) from loose_size as l) as words
    from memoriesdb.search_counts as c
    where c.owner_id = asked.user_id
  ),

  found as materialized (
    select t.term, t.doc, t.frequency, t.word_count
    from memoriesdb.memory_terms as t
    where t.owner_id = asked.user_id and t.term = any (asked.driving || asked.similar_terms)
    union all
    select
      u.lexeme, l.doc, least(coalesce(cardinality(u.positions), 1), 255), l.word_count::integer
    from loose_size as l
    cross join lateral unnest(l.search) as u
    where l.search @@ asked.any_term and u.lexeme = any (asked.driving || asked.probed)
  ),

  -- The inverse document frequency, over what this user can find and nobody else's memories.
  weight as materialized (
    select
      q.term, q.similarity, q.is_probed,
      ln(1 + (greatest(s.documents - q.document_count, 0) + 0.5) / (q.document_count + 0.5))
      as idf
    from (
      select a.term, a.similarity, a.is_probed,
        coalesce(a.document_count, 0) + coalesce(c.document_count, 0) as document_count
      from (
        select d.term, null::real as similarity, false as is_probed, null::bigint
          as document_count
        from unnest(asked.driving) as d (term)
        union all
        select p.term, null, true, p.document_count
        from unnest(asked.probed, asked.probed_counts) as p (term, document_count)
        union all
        select x.term, x.similarity, false, null
        from unnest(asked.similar_terms, asked.similarities) as x (term, similarity)
      ) as a
      left join (
        select f.term, count(*) as document_count from found as f group by f.term
      ) as c on c.term = a.term
    ) as q
    cross join size as s
  ),

  keyword as materialized (
    select
      f.doc,
      sum(
        w.idf * f.frequency * (v_k1 + 1)
        / (f.frequency + v_k1 * (1 - v_b + v_b * f.word_count * s.documents / s.words))
      ) filter (where w.similarity is null) as strength,
      sum(w.idf * w.similarity) as likeness
    from found as f
    join weight as w on w.term = f.term
    cross join size as s
    group by f.doc
  ),

  pool as materialized (
    select p.doc, min(p.distance) as distance
    from (
      (
        select y.doc, null::double precision as distance
        from keyword as y
        where y.strength > 0
        order by y.strength desc
        limit v_pool
      )
      union all
      (
        select y.doc, null from keyword as y where y.likeness > 0
        order by y.likeness desc
        limit asked.candidates
      )
      union all
      select n.doc, n.distance from unnest(asked.near_docs, asked.near_distances) as n (doc, distance)
      union all
      select m.seq, null from memoriesdb.memories as m
      where m.owner_id = asked.user_id and m.id = asked.watched
    ) as p
    group by p.doc
  ),

  passing as materialized (
    select
      asked.user_id as owner_id, p.doc, d.memory_id, d.stream_id, d.occurred_at, d.speaker,
      d.importance, d.trust, p.distance, true as is_own
    from pool as p
    cross join lateral (
      select x.*
      from memoriesdb.memory_documents as x
      where x.owner_id = asked.user_id and x.doc = p.doc
        and (x.expires_at is null or x.expires_at > statement_timestamp())
        and (asked.kinds is null or x.kind = any (asked.kinds))
        and (asked.stream_id is null or x.stream_id = asked.stream_id)
        and (asked.since is null or x.occurred_at >= asked.since)
        and (asked.until is null or x.occurred_at < asked.until)
        and (asked.metadata_filter is null or exists (
          select from memoriesdb.memories as m
          where m.owner_id = asked.user_id and m.id = x.memory_id and m.metadata @> asked.metadata_filter
        ))
      offset 0
    ) as d
    union all
    select
      g.owner_id, g.doc, g.memory_id, g.stream_id, g.occurred_at, g.speaker, g.importance,
      g.trust, e.distance, false
    from granted as g
    left join lateral (
      select v.embedding operator(@extschema:vector@.<=>) asked.embedding as distance
      from memoriesdb.memory_embeddings as v
      where v.owner_id = g.owner_id and v.memory_id = g.memory_id
        and v.model_id = asked.model_id
        and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
      offset 0
    ) as e
      on true
  ),

  weighed as materialized (
    select p.*, y.strength, y.likeness from passing as p left join keyword as y on y.doc = p.doc
  ),

  -- A filter that most of an arm's best do not pass: then everything that passes is weighed.
  short as materialized (
    select
      (select count(*) from keyword as y where y.strength > 0) > v_pool
      and count(*) filter (where w.strength > 0) < asked.candidates as of_words,
      cardinality(asked.near_docs) >= asked.candidates
      and count(*) filter (where w.distance is not null and w.is_own) < asked.candidates as of_vectors
    from weighed as w
  ),

  scope as materialized (
    select x.*
    from memoriesdb.memory_documents as x
    where (select s.of_words or s.of_vectors from short as s)
      and x.owner_id = asked.user_id
      and (x.expires_at is null or x.expires_at > statement_timestamp())
      and (asked.kinds is null or x.kind = any (asked.kinds))
      and (asked.stream_id is null or x.stream_id = asked.stream_id)
      and (asked.since is null or x.occurred_at >= asked.since)
      and (asked.until is null or x.occurred_at < asked.until)
      and (asked.metadata_filter is null or exists (
        select from memoriesdb.memories as m
        where m.owner_id = asked.user_id and m.id = x.memory_id and m.metadata @> asked.metadata_filter
      ))
  ),

  extra as materialized (
    select b.doc, min(b.distance) as distance
    from (
      (
        select s.doc, null::double precision as distance
        from scope as s
        join keyword as y on y.doc = s.doc
        where y.strength > 0
        order by y.strength desc
        limit v_pool
      )
      union all
      (
        select s.doc, e.distance
        from scope as s
        join (
          select v.doc, v.embedding operator(@extschema:vector@.<=>) asked.embedding as distance
          from memoriesdb.memory_embeddings as v
          where (select t.of_vectors from short as t)
            and v_dimensions <= 1300
            and v.owner_id = asked.user_id and v.model_id = asked.model_id
            and @extschema:vector@.vector_dims(v.embedding) <= 1300
            and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
          union all
          select v.doc, v.embedding operator(@extschema:vector@.<=>) asked.embedding
          from memoriesdb.memory_embeddings as v
          where (select t.of_vectors from short as t)
            and v_dimensions > 1300
            and v.owner_id = asked.user_id and v.model_id = asked.model_id
            and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
        ) as e on e.doc = s.doc
        order by e.distance
        limit asked.candidates
      )
    ) as b
    group by b.doc
  ),

  ranked as materialized (
    select
      a.*,
      case when a.strength > 0 then rank() over (order by a.strength desc nulls last) end
        as keyword_rank,
      case when a.distance is not null then rank() over (order by a.distance nulls last) end
        as vector_rank,
      case when a.likeness > 0 then rank() over (order by a.likeness desc nulls last) end
        as fuzzy_rank
    from (
      select
        w.owner_id, w.doc, w.memory_id, w.stream_id, w.occurred_at, w.speaker, w.importance,
        w.trust, w.is_own, w.distance, w.likeness,
        -- Frequent words, looked up for these alone.
        coalesce(w.strength, 0) + coalesce(f.strength, 0) as strength
      from (
        select * from weighed
        union all
        select
          asked.user_id, s.doc, s.memory_id, s.stream_id, s.occurred_at, s.speaker, s.importance,
          s.trust, x.distance, true, y.strength, y.likeness
        from extra as x
        join scope as s on s.doc = x.doc
        left join keyword as y on y.doc = x.doc
        where not exists (select from weighed as w where w.doc = x.doc)
      ) as w
      left join lateral (
        select sum(
          q.idf * t.frequency * (v_k1 + 1)
          / (t.frequency + v_k1 * (1 - v_b + v_b * t.word_count * z.documents / z.words))
        ) as strength
        from weight as q
        cross join size as z
        cross join lateral (
          select p.frequency, p.word_count from memoriesdb.memory_terms as p
          where p.owner_id = asked.user_id and p.term = q.term and p.doc = w.doc
          offset 0
        ) as t
        where q.is_probed and w.is_own
        offset 0
      ) as f
        on asked.probed <> '{}'
    ) as a
  ),

  candidate as materialized (
    select
      r.*,
      least(r.keyword_rank, r.vector_rank, r.fuzzy_rank) <= asked.candidates as is_candidate
    from ranked as r
    where least(r.keyword_rank, r.vector_rank, r.fuzzy_rank) <= asked.candidates
      or r.memory_id = asked.watched
  ),

  -- What stands beside a candidate in its stream, one and two steps away, within the filters and
  -- whether it was found or not.
  beside as materialized (
    select c.doc, n.*
    from candidate as c
    cross join lateral (
      (
        select
          x.doc as other, row_number() over (order by x.occurred_at desc, x.doc desc) as steps,
          x.memory_id, x.stream_id, x.occurred_at, x.speaker, x.importance, x.trust
        from memoriesdb.memory_documents as x
        where x.owner_id = asked.user_id and x.stream_id = c.stream_id
          and (x.occurred_at, x.doc) < (c.occurred_at, c.doc)
          and (x.expires_at is null or x.expires_at > statement_timestamp())
          and (asked.kinds is null or x.kind = any (asked.kinds))
          and (asked.since is null or x.occurred_at >= asked.since)
          and (asked.until is null or x.occurred_at < asked.until)
          and (asked.metadata_filter is null or exists (
            select from memoriesdb.memories as m
            where m.owner_id = asked.user_id and m.id = x.memory_id
              and m.metadata @> asked.metadata_filter
          ))
        order by x.occurred_at desc, x.doc desc
        limit 2
      )
      union all
      (
        select
          x.doc, row_number() over (order by x.occurred_at, x.doc),
          x.memory_id, x.stream_id, x.occurred_at, x.speaker, x.importance, x.trust
        from memoriesdb.memory_documents as x
        where x.owner_id = asked.user_id and x.stream_id = c.stream_id
          and (x.occurred_at, x.doc) > (c.occurred_at, c.doc)
          and (x.expires_at is null or x.expires_at > statement_timestamp())
          and (asked.kinds is null or x.kind = any (asked.kinds))
          and (asked.since is null or x.occurred_at >= asked.since)
          and (asked.until is null or x.occurred_at < asked.until)
          and (asked.metadata_filter is null or exists (
            select from memoriesdb.memories as m
            where m.owner_id = asked.user_id and m.id = x.memory_id
              and m.metadata @> asked.metadata_filter
          ))
        order by x.occurred_at, x.doc
        limit 2
      )
    ) as n
    where c.is_own and c.stream_id is not null and v_smooths
  ),

  edge as materialized (
    select b.doc, b.other, b.steps from beside as b
    union
    select b.other, b.doc, b.steps from beside as b
    union
    select g.doc, x.other, x.steps
    from (
      select
        p.doc,
        lag(p.doc) over line as before, lead(p.doc) over line as after,
        lag(p.doc, 2) over line as far_before, lead(p.doc, 2) over line as far_after
      from passing as p
      where not p.is_own and p.stream_id is not null and v_smooths
      window line as (partition by p.owner_id, p.stream_id order by p.occurred_at, p.doc)
    ) as g
    cross join lateral (
      values (g.before, 1), (g.after, 1), (g.far_before, 2), (g.far_after, 2)
    ) as x (other, steps)
    where x.other is not null
  ),

  -- With exact scores in every arm for all of them.
  part as materialized (
    select
      a.owner_id, a.doc, a.memory_id, a.stream_id, a.occurred_at, a.speaker, a.importance,
      a.trust, a.keyword_rank, a.vector_rank, a.fuzzy_rank, a.is_candidate, a.likeness,
      a.strength, greatest(1 - coalesce(a.distance, e.distance), -1) as similarity
    from (
      select
        c.owner_id, c.doc, c.memory_id, c.stream_id, c.occurred_at, c.speaker, c.importance,
        c.trust, c.keyword_rank, c.vector_rank, c.fuzzy_rank, c.is_candidate, c.likeness,
        c.strength, c.distance, c.is_own
      from candidate as c
      union all
      select
        asked.user_id, n.doc, n.memory_id, n.stream_id, n.occurred_at, n.speaker, n.importance,
        n.trust, null, null, null, false, y.likeness, coalesce(y.strength, 0), null, true
      from (
        select distinct on (b.other)
          b.other as doc, b.memory_id, b.stream_id, b.occurred_at, b.speaker, b.importance,
          b.trust
        from beside as b
        where not exists (select from candidate as c where c.doc = b.other)
      ) as n
      left join keyword as y on y.doc = n.doc
    ) as a
    left join lateral (
      select v.embedding operator(@extschema:vector@.<=>) asked.embedding as distance
      from memoriesdb.memory_embeddings as v
      where a.distance is null and a.is_own
        and v.owner_id = asked.user_id and v.memory_id = a.memory_id
        and v.model_id = asked.model_id
        and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
      offset 0
    ) as e
      on true
  )

  select
    p.owner_id, p.doc, p.memory_id, p.stream_id, p.occurred_at, p.speaker, p.importance, p.trust,
    p.keyword_rank, p.vector_rank, p.fuzzy_rank, p.is_candidate, p.strength, p.similarity,
    p.likeness, e.near_ones, e.far_ones
  from part as p
  left join (
    select g.doc, array_agg(g.other) filter (where g.steps = 1) as near_ones,
      array_agg(g.other) filter (where g.steps = 2) as far_ones
    from edge as g
    group by g.doc
  ) as e on e.doc = p.doc;
end;
$function$;

alter function memoriesdb._gather(memoriesdb._recall_request) owner to memoriesdb_definer;
revoke all on function memoriesdb._gather(memoriesdb._recall_request) from public;
comment on function memoriesdb._gather(memoriesdb._recall_request) is
'The memories that a recall weighs: the best of each arm (is_candidate, with their ranks in it) and '
'their neighbours in the stream, one and two steps away (near_ones, far_ones: numbers of memories). '
'strength: BM25; similarity: cosine; likeness: of words that are spelt alike.';
