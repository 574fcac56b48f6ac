"""What the write path is measured against: bare tables, and the statements that fill them.

The bare tables have neither row-level security nor triggers nor foreign keys, and their keys are
numbers: a heap with a primary key, and one with postings of its words and a covering index of its
vectors, in the physical design of MemoriesDB's own, filled by the statement that writes the row.
"""

from __future__ import annotations

from typing import LiteralString, NamedTuple

DIMENSIONS = 384
TEXTS = 1_000

TABLES: LiteralString = """
create schema bench;
create table bench.texts (
  n integer primary key, content text not null, stream text not null, metadata jsonb not null,
  embedding halfvec(384) not null
);
create table bench.heap (
  owner_id uuid not null, seq bigint not null generated always as identity,
  kind text not null default 'note', content text not null, metadata jsonb not null, stream text,
  importance real not null default 0.5, occurred_at timestamptz not null default now(),
  created_at timestamptz not null default clock_timestamp(),
  primary key (owner_id, seq)
);
create table bench.documents (like bench.heap including all);
create table bench.terms (
  owner_id uuid not null, term text collate "C" not null, doc bigint not null,
  frequency smallint not null, word_count integer not null,
  primary key (owner_id, term, doc) include (frequency, word_count)
);
create table bench.vectors (
  owner_id uuid not null, doc bigint not null, embedding halfvec(384) not null
);
alter table bench.vectors alter column embedding set storage plain;
create index on bench.vectors (owner_id, doc) include (embedding);
grant usage on schema bench to bench_app;
grant select, insert on all tables in schema bench to bench_app;
"""

# Where the rows of a statement come from.
ITEMS: dict[str, LiteralString] = {
    "json": "select j.content, j.stream, j.metadata from jsonb_to_recordset(%(items)s::jsonb) "
    "as j (content text, stream text, metadata jsonb)",
    "table": "select t.content, t.stream, t.metadata from bench.texts as t where t.n <= %(count)s",
    "values": "select %(content)s::text as content, %(stream)s::text as stream, "
    "%(metadata)s::jsonb as metadata",
    "pgbench": "select t.content, t.stream, t.metadata from bench.texts as t where t.n = :n",
}

HEAP: LiteralString = (
    "insert into bench.heap (owner_id, content, stream, metadata) "
    "select {owner}, i.content, i.stream, i.metadata from ({items}) as i"
)
SEARCH: LiteralString = """
with document as (
  insert into bench.documents (owner_id, content, stream, metadata)
  select {owner}, i.content, i.stream, i.metadata from ({items}) as i
  returning owner_id, seq, content
),
word as materialized (
  select d.owner_id, d.seq, u.lexeme, least(cardinality(u.positions), 255) as frequency
  from document as d cross join lateral unnest(to_tsvector('english', d.content)) as u
),
total as (
  select w.seq, sum(w.frequency)::integer as word_count from word as w group by w.seq
),
posting as (
  insert into bench.terms (owner_id, term, doc, frequency, word_count)
  select w.owner_id, w.lexeme, w.seq, w.frequency, t.word_count
  from word as w join total as t on t.seq = w.seq
  order by w.lexeme collate "C", w.seq
)
insert into bench.vectors (owner_id, doc, embedding)
select d.owner_id, d.seq, t.embedding
from document as d join bench.texts as t on t.n = 1 + d.seq %% 1000
"""
MEMORIES: LiteralString = "insert into memoriesdb.memories (content, stream, metadata) {items}"


class System(NamedTuple):
    """What is written into, and the statement that writes."""

    name: str
    statement: LiteralString
    has_users: bool

    def sql(self, source: str, owner: LiteralString = "%(owner)s::uuid") -> str:
        """Return the statement with rows from a source, with placeholders as psycopg has them."""
        return self.statement.format(owner=owner, items=ITEMS[source])


SYSTEMS = (
    System("heap with primary key", HEAP, has_users=False),
    System("the same search structures", SEARCH, has_users=False),
    System("MemoriesDB", MEMORIES, has_users=True),
)
OURS = SYSTEMS[-1]
