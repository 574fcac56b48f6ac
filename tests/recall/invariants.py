"""What holds of the search structures at every moment, whoever wrote and whoever indexed."""

from __future__ import annotations

from acting import Connection

# Each gives a row for each thing that is wrong. From scratch: of the memories alone.
RULES = {
    "a memory without a document, or one of another state": """
        select m.id from memoriesdb.memories as m
        left join memoriesdb.memory_documents as d
          on d.owner_id = m.owner_id and d.doc = m.seq and d.memory_id = m.id
            and (d.kind, d.occurred_at, d.importance, d.trust)
              = (m.kind, m.occurred_at, m.importance, m.trust)
            and d.stream_id is not distinct from memoriesdb._stream_id(m.stream)
            and d.speaker is not distinct from memoriesdb._speaker(m.metadata)
            and d.expires_at is not distinct from m.expires_at
        where m.forgotten_at is null and d.doc is null
    """,
    "a document without a memory that can be recalled": """
        select d.memory_id from memoriesdb.memory_documents as d
        left join memoriesdb.memories as m
          on m.owner_id = d.owner_id and m.seq = d.doc and m.id = d.memory_id
        where m.id is null or m.forgotten_at is not null
    """,
    "a document that neither waits nor is indexed, or both": """
        select d.memory_id from memoriesdb.memory_documents as d
        left join memoriesdb.search_schedule as s
          on s.owner_id = d.owner_id and s.doc = d.doc and s.memory_id = d.memory_id
        where d.is_indexed = (s.doc is not null)
    """,
    "something that waits without a document": """
        select s.memory_id from memoriesdb.search_schedule as s
        where not exists (
          select from memoriesdb.memory_documents as d
          where d.owner_id = s.owner_id and d.doc = s.doc and d.memory_id = s.memory_id
        )
    """,
    "postings that are not the words of an indexed memory": """
        with made as (
          select d.owner_id, d.doc, u.lexeme as term,
            cardinality(u.positions)::integer as frequency, d.word_count
          from memoriesdb.memory_documents as d
          join memoriesdb.memories as m on m.owner_id = d.owner_id and m.seq = d.doc
          cross join lateral unnest(m.search) as u
          where d.is_indexed
        ), kept as (
          select t.owner_id, t.doc, t.term::text, t.frequency::integer, t.word_count
          from memoriesdb.memory_terms as t
        )
        (select 'missing', x.* from (table made except table kept) as x)
        union all
        (select 'left over', x.* from (table kept except table made) as x)
    """,
    "a document whose word_count is not how many words it has": """
        select d.memory_id, d.word_count from memoriesdb.memory_documents as d
        join memoriesdb.memories as m on m.owner_id = d.owner_id and m.seq = d.doc
        where d.word_count <> case when d.is_indexed then coalesce(
          (select sum(cardinality(u.positions)) from unnest(m.search) as u), 0) else 0 end
    """,
    "counts that are not those of the indexed memories": """
        select owner_id, c.documents, d.documents, c.words, d.words
        from (
          select owner_id, sum(document_count) as documents, sum(word_count) as words
          from memoriesdb.search_counts group by owner_id
        ) as c
        full join (
          select owner_id, count(*) as documents, sum(word_count) as words
          from memoriesdb.memory_documents where is_indexed and word_count > 0 group by owner_id
        ) as d using (owner_id)
        where (coalesce(c.documents, 0), coalesce(c.words, 0))
          <> (coalesce(d.documents, 0), coalesce(d.words, 0))
    """,
    "a vector under another number than its memory's": """
        select e.memory_id from memoriesdb.memory_embeddings as e
        join memoriesdb.memories as m on m.owner_id = e.owner_id and m.id = e.memory_id
        where e.doc <> m.seq
    """,
}


def search_invariants(superuser: Connection) -> list[str]:
    """What is wrong, in words; empty where all is well."""
    return [
        f"{rule}: {row}"
        for rule, statement in RULES.items()
        for row in superuser.execute(statement.encode()).fetchall()[:3]
    ]
