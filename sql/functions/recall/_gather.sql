-- What is worth weighing: the best of each arm, and what stands beside them in their streams, with
-- exact scores in every arm for all of them. One snapshot: a memory either waits to be indexed or
-- is indexed, never both and never neither. One long statement, since its steps hand each other
-- thousands of rows, which between statements would have to be arrays. Materialized steps and
-- OFFSET 0 are fences: without them a plan took seconds.
create or replace function memoriesdb._gather(asked memoriesdb._recall_request)
returns table (
  owner_id uuid,
  doc bigint,
  memory_id uuid,
  stream_id uuid,
  place bigint,
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
  coverage double precision
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
set work_mem = '32MB' -- whatever the session has: beyond it goes to disk
as $function$
#variable_conflict use_column
declare
  v_k1 double precision := (asked.settings -> 'bm25_k1')::double precision;
  v_b double precision := (asked.settings -> 'bm25_b')::double precision;
  v_covers boolean := (asked.settings -> 'coverage')::double precision > 0;
  v_smooths boolean := v_covers or (asked.settings -> 'smoothing')::double precision > 0
    or (asked.settings -> 'smoothing_far')::double precision > 0
    or (asked.settings -> 'smoothing_passage')::double precision > 0;
  -- Some more than are asked for, since a few may have expired; more where ranks are added up or
  -- frequent words are looked up for these alone; and where a filter is given so many that all of
  -- one's memories are read only where it lets few through.
  v_pool integer := asked.candidates + case
    when num_nonnulls(
      asked.kinds, asked.stream_id, asked.metadata_filter, asked.since, asked.until
    ) > 0 then greatest(3 * asked.candidates, 480)
    when asked.probed <> '{}' then 9 * asked.candidates
    when asked.settings ->> 'fusion' = 'rrf' then 3 * asked.candidates
    else 10
  end;
  -- Among what an arm has found a rank is right as far as all better ones are there: those of
  -- another arm, and what others share, may stand far behind.
  v_known integer := case
    when asked.settings ->> 'fusion' = 'rrf' then v_pool else asked.candidates
  end;
  v_dimensions integer := @extschema:vector@.vector_dims(asked.embedding);
  -- Not as fields: a field of a record was fifty times as dear in each row.
  v_user_id uuid := asked.user_id;
  v_kinds text[] := asked.kinds;
  v_stream_id uuid := asked.stream_id;
  v_metadata_filter jsonb := asked.metadata_filter;
  v_since timestamptz := asked.since;
  v_until timestamptz := asked.until;
  v_model_id uuid := asked.model_id;
  v_embedding @extschema:vector@.halfvec := asked.embedding;
  v_candidates integer := asked.candidates;
  v_watched uuid := asked.watched;
  v_any_term tsquery := asked.any_term;
  v_near_docs bigint[] := asked.near_docs;
  v_near_count integer := asked.near_count;
  v_driving text[] := asked.driving;
  v_probed text[] := asked.probed;
  -- What others share comes unasked: it counts for no more than what is given away for good, and
  -- nobody's share is crowded out by how much somebody else shares.
  v_shared_limit integer := (asked.settings -> 'shared_limit')::integer;
  v_shared_trust real := case
    when (asked.settings -> 'trust_boost')::double precision > 0
      then memoriesdb._setting('transfer_max_trust')::real
    else 1
  end;
begin
  return query
  with granted as materialized (
    select
      m.owner_id, m.seq as doc, m.id as memory_id, memoriesdb._stream_id(m.stream) as stream_id,
      m.occurred_at, memoriesdb._speaker(m.metadata) as speaker,
      least(m.importance, 0.5::real) as importance, least(m.trust, v_shared_trust) as trust,
      m.search, g.standing > v_shared_limit as is_beyond
    from (
      select
        n.owner_id, n.memory_id, row_number() over (order by n.number, n.memory_id desc) as standing
      from (
        select
          a.owner_id, a.memory_id,
          row_number() over (partition by a.owner_id order by a.memory_id desc) as number
        from memoriesdb.memory_grants as a
        where asked.include_shared and a.grantee_id = v_user_id
          and (a.expires_at is null or a.expires_at > clock_timestamp())
      ) as n
    ) as g
    cross join lateral (
      select s.* from memoriesdb.memories as s
      where s.owner_id = g.owner_id and s.id = g.memory_id
      offset 0
    ) as m
    where (g.standing <= v_shared_limit or g.memory_id = v_watched)
      and m.forgotten_at is null
      and (m.expires_at is null or m.expires_at > statement_timestamp())
      and (v_kinds is null or m.kind = any (v_kinds))
      and (v_stream_id is null or memoriesdb._stream_id(m.stream) = v_stream_id)
      and (v_metadata_filter is null or m.metadata @> v_metadata_filter)
      and (v_since is null or m.occurred_at >= v_since)
      and (v_until is null or m.occurred_at < v_until)
  ),

  -- What is not indexed: one's own that waits, and what others share.
  loose as (
    select w.doc, m.search
    from memoriesdb.search_schedule as w
    cross join lateral (
      select s.search from memoriesdb.memories as s
      where s.owner_id = v_user_id and s.id = w.memory_id
      offset 0
    ) as m
    where w.owner_id = v_user_id and v_any_term is not null
    union all
    select g.doc, g.search from granted as g where v_any_term is not null and not g.is_beyond
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
    where c.owner_id = v_user_id
  ),

  loose_word as materialized (
    select
      u.lexeme as term, l.doc, least(coalesce(cardinality(u.positions), 1), 255) as frequency,
      l.word_count
    from loose_size as l
    cross join lateral unnest(l.search) as u
    where l.search @@ v_any_term
      and u.lexeme = any (v_driving || v_probed || asked.similar_terms)
  ),

  -- What a word counts in BM25: gain * f / (f + base + slope * length). The inverse document
  -- frequency is over what this user can find and nobody else's memories.
  weight as materialized (
    select
      q.term, q.number, q.similarity, q.is_probed, q.idf, q.idf * (v_k1 + 1) as gain,
      v_k1 * (1 - v_b) as base, v_k1 * v_b * q.documents / nullif(q.words, 0) as slope
    from (
      select
        a.term, a.number, a.similarity, a.is_probed, s.documents, s.words,
        ln(1 + (greatest(s.documents - a.document_count - coalesce(c.document_count, 0), 0) + 0.5)
          / (a.document_count + coalesce(c.document_count, 0) + 0.5)) as idf
      from (
        select d.term, d.document_count, d.number, null::real as similarity, false as is_probed
        from unnest(v_driving, asked.driving_counts)
          with ordinality as d (term, document_count, number)
        union all
        select p.term, p.document_count, 1000 + p.number, null, true
        from unnest(v_probed, asked.probed_counts)
          with ordinality as p (term, document_count, number)
        union all
        select x.term, x.document_count, 2000 + x.number, x.similarity, false
        from unnest(asked.similar_terms, asked.similar_counts, asked.similarities)
          with ordinality as x (term, document_count, similarity, number)
      ) as a
      left join (
        select w.term, count(*) as document_count from loose_word as w group by w.term
      ) as c on c.term = a.term
      cross join size as s
    ) as q
  ),

  hit as materialized (
    select
      t.doc, w.number, w.similarity is null as is_asked,
      case
        when w.similarity is null
          then w.gain * t.frequency / (t.frequency + w.base + w.slope * t.word_count)
        else w.idf * w.similarity
      end as weight
    from weight as w
    cross join lateral (
      select m.doc, m.frequency, m.word_count
      from memoriesdb.memory_terms as m
      where m.owner_id = v_user_id and m.term = w.term
      offset 0
    ) as t
    where not w.is_probed
    union all
    select
      l.doc, w.number, w.similarity is null,
      case
        when w.similarity is null
          then w.gain * l.frequency / (l.frequency + w.base + w.slope * l.word_count)
        else w.idf * w.similarity
      end
    from loose_word as l
    join weight as w on w.term = l.term
  ),

  -- Rounded: equals are equal in whatever order their words were added up.
  keyword as materialized (
    select
      h.doc, round(1e9 * sum(h.weight) filter (where h.is_asked)) / 1e9 as strength,
      round(1e9 * sum(h.weight) filter (where not h.is_asked)) / 1e9 as likeness
    from hit as h
    group by h.doc
  ),

  -- Of equals the later ones.
  best as materialized (
    select y.doc, y.strength, y.likeness
    from keyword as y
    where y.strength > 0
    order by y.strength desc, y.doc desc
    limit v_pool
  ),

  best_alike as materialized (
    select y.doc, y.strength, y.likeness
    from keyword as y
    where asked.similar_terms <> '{}' and y.likeness > 0
    order by y.likeness desc, y.doc desc
    limit v_pool
  ),

  near as materialized (
    select n.doc, n.distance, n.number
    from unnest(v_near_docs, asked.near_distances)
      with ordinality as n (doc, distance, number)
  ),

  pool as (
    select
      p.doc, min(p.distance) as distance, max(p.strength) as strength,
      max(p.likeness) as likeness, bool_and(p.is_watched) as is_watched
    from (
      select
        b.doc, null::double precision as distance, b.strength, b.likeness, false as is_watched
      from best as b
      union all
      select b.doc, null, b.strength, b.likeness, false from best_alike as b
      union all
      select n.doc, n.distance, null, null, false
      from near as n
      where n.number <= v_near_count
      union all
      -- Whatever the arms have found: to be told how far it was from that.
      select
        m.seq, e.embedding operator(@extschema:vector@.<=>) v_embedding, y.strength, y.likeness,
        true
      from memoriesdb.memories as m
      left join memoriesdb.memory_embeddings as e
        on e.owner_id = v_user_id and e.memory_id = v_watched and e.model_id = v_model_id
          and @extschema:vector@.vector_dims(e.embedding) = v_dimensions
      left join keyword as y on y.doc = m.seq
      where m.owner_id = v_user_id and m.id = v_watched
    ) as p
    group by p.doc
  ),

  passing as materialized (
    select
      v_user_id as owner_id, p.doc, d.memory_id, d.stream_id, d.occurred_at, d.speaker,
      d.importance, d.trust, p.distance, p.strength, p.likeness, true as is_own, p.is_watched
    from pool as p
    cross join lateral (
      select x.*
      from memoriesdb.memory_documents as x
      where x.owner_id = v_user_id and x.doc = p.doc
        and (x.expires_at is null or x.expires_at > statement_timestamp())
        and (v_kinds is null or x.kind = any (v_kinds))
        and (v_stream_id is null or x.stream_id = v_stream_id)
        and (v_since is null or x.occurred_at >= v_since)
        and (v_until is null or x.occurred_at < v_until)
        and (v_metadata_filter is null or exists (
          select from memoriesdb.memories as m
          where m.owner_id = v_user_id and m.id = x.memory_id and m.metadata @> v_metadata_filter
        ))
      offset 0
    ) as d
    union all
    select
      g.owner_id, g.doc, g.memory_id, g.stream_id, g.occurred_at, g.speaker, g.importance,
      g.trust, e.distance, y.strength, y.likeness, false, g.is_beyond
    from granted as g
    left join keyword as y on y.doc = g.doc
    left join lateral (
      select v.embedding operator(@extschema:vector@.<=>) v_embedding as distance
      from memoriesdb.memory_embeddings as v
      where v.owner_id = g.owner_id and v.memory_id = g.memory_id
        and v.model_id = v_model_id
        and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
      offset 0
    ) as e
      on true
  ),

  -- A filter that most of an arm's best do not pass: then everything that passes is weighed. What
  -- another arm has found, or others share, may stand behind what is missing, and is not counted.
  short as materialized (
    select
      l.words = v_pool
      and count(*) filter (where p.strength >= l.strength and not p.is_watched) < v_candidates
      as of_words,
      l.alike = v_pool
      and count(*) filter (where p.likeness >= l.likeness and not p.is_watched) < v_candidates
      as of_spelling,
      cardinality(v_near_docs) >= v_candidates
      and count(*) filter (where p.distance is not null and p.is_own and not p.is_watched)
        < v_candidates as of_vectors
    from (
      select b.words, b.strength, a.alike, a.likeness
      from (select count(*) as words, min(x.strength) as strength from best as x) as b
      cross join (select count(*) as alike, min(x.likeness) as likeness from best_alike as x) as a
    ) as l
    left join passing as p on true
    group by l.words, l.strength, l.alike, l.likeness
  ),

  scope as materialized (
    select x.*
    from memoriesdb.memory_documents as x
    where (select s.of_words or s.of_spelling or s.of_vectors from short as s)
      and x.owner_id = v_user_id
      and (x.expires_at is null or x.expires_at > statement_timestamp())
      and (v_kinds is null or x.kind = any (v_kinds))
      and (v_stream_id is null or x.stream_id = v_stream_id)
      and (v_since is null or x.occurred_at >= v_since)
      and (v_until is null or x.occurred_at < v_until)
      and (v_metadata_filter is null or exists (
        select from memoriesdb.memories as m
        where m.owner_id = v_user_id and m.id = x.memory_id and m.metadata @> v_metadata_filter
      ))
  ),

  extra as materialized (
    select
      b.doc, min(b.distance) as distance, max(b.strength) as strength, max(b.likeness) as likeness
    from (
      (
        select s.doc, null::double precision as distance, y.strength, y.likeness
        from scope as s
        join keyword as y on y.doc = s.doc
        where y.strength > 0
        order by y.strength desc, y.doc desc
        limit v_pool
      )
      union all
      (
        select s.doc, null, y.strength, y.likeness
        from scope as s
        join keyword as y on y.doc = s.doc
        where asked.similar_terms <> '{}' and y.likeness > 0
        order by y.likeness desc, y.doc desc
        limit v_pool
      )
      union all
      (
        select s.doc, e.distance, null, null
        from scope as s
        join (
          select v.doc, v.embedding operator(@extschema:vector@.<=>) v_embedding as distance
          from memoriesdb.memory_embeddings as v
          where (select t.of_vectors from short as t)
            and v_dimensions <= 1300
            and v.owner_id = v_user_id and v.model_id = v_model_id
            and @extschema:vector@.vector_dims(v.embedding) <= 1300
            and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
          union all
          select v.doc, v.embedding operator(@extschema:vector@.<=>) v_embedding
          from memoriesdb.memory_embeddings as v
          where (select t.of_vectors from short as t)
            and v_dimensions > 1300
            and v.owner_id = v_user_id and v.model_id = v_model_id
            and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
        ) as e on e.doc = s.doc
        order by e.distance, s.doc desc
        limit v_candidates
      )
    ) as b
    group by b.doc
  ),

  ranked as (
    select
      a.*,
      -- Of one that only explain_recall() asked for, among all.
      case
        when a.strength > 0 and a.is_watched
          then (select count(*) + 1 from keyword as y where y.strength > a.strength)
        when a.strength > 0 then rank() over (order by a.strength desc nulls last)
      end as keyword_rank,
      case
        when a.distance is not null and a.is_watched then (
          select count(*) + 1
          from memoriesdb.memory_embeddings as v
          where v.owner_id = v_user_id and v.model_id = v_model_id
            and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
            and v.embedding operator(@extschema:vector@.<=>) v_embedding < a.distance
        )
        when a.distance is not null then rank() over (order by a.distance nulls last)
      end as vector_rank,
      case when a.likeness > 0 then rank() over (order by a.likeness desc nulls last) end
        as fuzzy_rank,
      -- Of equals the later ones: a rank, which they share, would let in as many as there are.
      least(
        case when a.strength > 0
          then row_number() over (order by a.strength desc nulls last, a.doc desc) end,
        case when a.distance is not null
          then row_number() over (order by a.distance nulls last, a.doc desc) end,
        case when a.likeness > 0
          then row_number() over (order by a.likeness desc nulls last, a.doc desc) end
      ) as standing
    from (
      select
        w.owner_id, w.doc, w.memory_id, w.stream_id, w.occurred_at, w.speaker, w.importance,
        w.trust, w.is_own, w.distance, w.likeness, w.is_watched,
        -- Frequent words, looked up for these alone.
        coalesce(w.strength, 0) + coalesce(f.strength, 0) as strength
      from (
        select
          p.owner_id, p.doc, p.memory_id, p.stream_id, p.occurred_at, p.speaker, p.importance,
          p.trust, coalesce(p.distance, x.distance) as distance, p.is_own,
          p.is_watched and x.doc is null as is_watched,
          coalesce(p.strength, x.strength) as strength,
          coalesce(p.likeness, x.likeness) as likeness
        from passing as p
        left join extra as x on x.doc = p.doc
        union all
        select
          v_user_id, s.doc, s.memory_id, s.stream_id, s.occurred_at, s.speaker, s.importance,
          s.trust, x.distance, true, false, x.strength, x.likeness
        from extra as x
        join scope as s on s.doc = x.doc
        where not exists (select from passing as p where p.doc = x.doc)
      ) as w
      left join lateral (
        select sum(q.gain * t.frequency / (t.frequency + q.base + q.slope * t.word_count))
          as strength
        from weight as q
        cross join lateral (
          select p.frequency, p.word_count from memoriesdb.memory_terms as p
          where p.owner_id = v_user_id and p.term = q.term and p.doc = w.doc
          offset 0
        ) as t
        where q.is_probed and w.is_own
        offset 0
      ) as f
        on v_probed <> '{}'
    ) as a
  ),

  candidate as materialized (
    select r.*, coalesce(r.standing <= v_candidates and not r.is_watched, false) as is_candidate
    from ranked as r
    where r.standing <= v_candidates or r.memory_id = v_watched
  ),

  -- What stands around a candidate in its stream, within the filters and whether it was found or
  -- not: five steps each way, to know how far two of them are from each other.
  around as (
    select
      c.stream_id, n.occurred_at, n.doc, n.memory_id, n.speaker, n.importance, n.trust, n.steps,
      c.is_candidate as is_of_candidate
    from candidate as c
    cross join lateral (
      (
        select
          x.occurred_at, x.doc, x.memory_id, x.speaker, x.importance, x.trust,
          -row_number() over (order by x.occurred_at desc, x.doc desc) as steps
        from memoriesdb.memory_documents as x
        where x.owner_id = v_user_id and x.stream_id = c.stream_id
          and (x.occurred_at, x.doc) < (c.occurred_at, c.doc)
          and (x.expires_at is null or x.expires_at > statement_timestamp())
          and (v_kinds is null or x.kind = any (v_kinds))
          and (v_since is null or x.occurred_at >= v_since)
          and (v_until is null or x.occurred_at < v_until)
          and (v_metadata_filter is null or exists (
            select from memoriesdb.memories as m
            where m.owner_id = v_user_id and m.id = x.memory_id
              and m.metadata @> v_metadata_filter
          ))
        order by x.occurred_at desc, x.doc desc
        limit 5
      )
      union all
      (
        select
          x.occurred_at, x.doc, x.memory_id, x.speaker, x.importance, x.trust,
          row_number() over (order by x.occurred_at, x.doc) as steps
        from memoriesdb.memory_documents as x
        where x.owner_id = v_user_id and x.stream_id = c.stream_id
          and (x.occurred_at, x.doc) > (c.occurred_at, c.doc)
          and (x.expires_at is null or x.expires_at > statement_timestamp())
          and (v_kinds is null or x.kind = any (v_kinds))
          and (v_since is null or x.occurred_at >= v_since)
          and (v_until is null or x.occurred_at < v_until)
          and (v_metadata_filter is null or exists (
            select from memoriesdb.memories as m
            where m.owner_id = v_user_id and m.id = x.memory_id
              and m.metadata @> v_metadata_filter
          ))
        order by x.occurred_at, x.doc
        limit 5
      )
    ) as n
    where c.is_own and c.stream_id is not null and v_smooths
    union all
    select
      c.stream_id, c.occurred_at, c.doc, c.memory_id, c.speaker, c.importance, c.trust, 0,
      c.is_candidate
    from candidate as c
    where c.is_own and c.stream_id is not null
  ),

  -- Numbered along the streams, one after the other; where the next one is not known, it is far
  -- away.
  placed as (
    select
      a.*,
      sum(case when a.follows then 1 else 1000 end) over (
        order by a.stream_id, a.occurred_at, a.doc
      ) as place
    from (
      select
        r.*,
        lag(r.is_followed) over (
          partition by r.stream_id order by r.occurred_at, r.doc
        ) as follows
      from (
        select
          u.stream_id, u.occurred_at, u.doc, u.memory_id, u.speaker, u.importance, u.trust,
          min(u.steps) < 5 as is_followed,
          bool_or(u.steps = 0) as is_chosen,
          coalesce(min(abs(u.steps)) filter (where u.is_of_candidate) <= 2, false) as is_near
        from around as u
        group by
          u.stream_id, u.occurred_at, u.doc, u.memory_id, u.speaker, u.importance, u.trust
      ) as r
    ) as a
  ),

  placed_grants as (
    select
      g.*,
      bool_or(g.is_candidate) over (
        order by g.place range between 2 preceding and 2 following
      ) as is_near
    from (
      select
        w.*, c.doc is not null as is_chosen, coalesce(c.is_candidate, false) as is_candidate,
        -- Below all of one's own.
        -1000 * dense_rank() over (order by w.owner_id, w.stream_id)
        - row_number() over (order by w.owner_id, w.stream_id, w.occurred_at, w.doc) as place
      from passing as w
      left join candidate as c on c.doc = w.doc
      where not w.is_own and w.stream_id is not null and v_smooths
    ) as g
  ),

  -- The candidates and what stands at most two steps from one, with exact scores in every arm.
  part as materialized (
    select
      a.owner_id, a.doc, a.memory_id, a.stream_id, a.occurred_at, a.speaker, a.importance,
      a.trust, a.place, a.is_own,
      case when c.keyword_rank <= v_known or c.is_watched then c.keyword_rank end as keyword_rank,
      case when c.vector_rank <= v_known or c.is_watched then c.vector_rank end as vector_rank,
      case when c.fuzzy_rank <= v_known or c.is_watched then c.fuzzy_rank end as fuzzy_rank,
      case when a.is_near then coalesce(c.is_candidate, false) end as is_candidate,
      coalesce(c.distance, a.distance) as distance
    from (
      select
        v_user_id as owner_id, n.doc, n.memory_id, n.stream_id, n.occurred_at, n.speaker,
        n.importance, n.trust, n.place, true as is_own, null::double precision as distance,
        n.is_near
      from placed as n
      where n.is_near or n.is_chosen
      union all
      select
        g.owner_id, g.doc, g.memory_id, g.stream_id, g.occurred_at, g.speaker, g.importance,
        g.trust, g.place, false, g.distance, g.is_near
      from placed_grants as g
      where g.is_near or g.is_chosen
      union all
      select
        c.owner_id, c.doc, c.memory_id, null, c.occurred_at, c.speaker, c.importance, c.trust,
        null, c.is_own, c.distance, c.is_candidate
      from candidate as c
      where c.stream_id is null or (not c.is_own and not v_smooths)
    ) as a
    left join candidate as c on c.doc = a.doc
  ),

  -- The words of the query in each of them, frequent ones looked up.
  part_hit as materialized (
    select p.doc, p.place, h.number, h.is_asked, h.weight
    from part as p
    join hit as h on h.doc = p.doc
    union all
    select p.doc, p.place, f.number, true, f.weight
    from part as p
    cross join lateral (
      select
        q.number,
        q.gain * t.frequency / (t.frequency + q.base + q.slope * t.word_count) as weight
      from weight as q
      cross join lateral (
        select m.frequency, m.word_count from memoriesdb.memory_terms as m
        where m.owner_id = v_user_id and m.term = q.term and m.doc = p.doc
        offset 0
      ) as t
      where q.is_probed
      offset 0
    ) as f
    where v_probed <> '{}' and p.is_own
  ),

  strength as (
    select
      h.doc, round(1e9 * sum(h.weight) filter (where h.is_asked)) / 1e9 as strength,
      round(1e9 * sum(h.weight) filter (where not h.is_asked)) / 1e9 as likeness
    from part_hit as h
    group by h.doc
  ),

  -- How much of the query the passage around a memory has, three steps each way, each word by its
  -- best.
  coverage as (
    select b.place, sum(b.weight) as coverage
    from (
      select h.place + r.steps as place, max(h.weight) as weight
      from part_hit as h
      cross join generate_series(-3, 3) as r (steps)
      where h.place is not null and h.is_asked and v_covers
      group by h.place + r.steps, h.number
    ) as b
    group by b.place
  )

  select
    p.owner_id, p.doc, p.memory_id, p.stream_id, p.place::bigint, p.occurred_at, p.speaker,
    p.importance, p.trust, p.keyword_rank, p.vector_rank, p.fuzzy_rank, p.is_candidate,
    coalesce(s.strength, 0), 1 - coalesce(p.distance, n.distance, e.distance), s.likeness,
    coalesce(c.coverage, s.strength, 0)
  from part as p
  left join near as n on n.doc = p.doc
  left join strength as s on s.doc = p.doc
  left join coverage as c on c.place = p.place
  left join lateral (
    select v.embedding operator(@extschema:vector@.<=>) v_embedding as distance
    from memoriesdb.memory_embeddings as v
    where p.distance is null and n.doc is null and p.is_own
      and v.owner_id = v_user_id and v.memory_id = p.memory_id
      and v.model_id = v_model_id
      and @extschema:vector@.vector_dims(v.embedding) = v_dimensions
    offset 0
  ) as e
    on true;
end;
$function$;

alter function memoriesdb._gather(memoriesdb._recall_request) owner to memoriesdb_definer;
revoke all on function memoriesdb._gather(memoriesdb._recall_request) from public;
comment on function memoriesdb._gather(memoriesdb._recall_request) is
'The memories that a recall weighs: the best of each arm (is_candidate, with their ranks in it) '
'and what stands at most two steps from one in its stream (not is_candidate); and the watched one, '
'whose is_candidate is null where it is neither. place: along all their streams, with gaps of 1000 '
'or more between two and where not all is known; null without a stream. strength: BM25; coverage: '
'of the query by the passage around it, in the same measure; similarity: cosine; likeness: of '
'words that are spelt alike. Of what others share, the newest of each up to settings.'
'recall_shared_limit in all.';
