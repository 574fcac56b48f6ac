"""EXPLAIN ANALYZE reads like this to whoever asks: which conditions were tried on whose rows.

Comparisons of built-in types are leakproof, so the planner may try a user's own condition before
the policy. Then a plan tells whether a row of somebody else satisfies it, and a text can be read
letter by letter, with no clock. Here each readable column is asked with what another user's row
holds and with what none does: the two plans must read alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

import pytest
from psycopg import sql

from acting import Connection, Database

# How a plan can be turned: through indexes, past them, and with costs that order nothing.
PLANNERS = (
    "",
    "set local enable_seqscan = off",
    "set local enable_indexscan = off; set local enable_indexonlyscan = off;"
    " set local enable_bitmapscan = off",
    "set local enable_indexscan = off; set local enable_indexonlyscan = off;"
    " set local enable_bitmapscan = off; set local cpu_operator_cost = 0",
    "set local cpu_operator_cost = 1000000",
)
# What everybody may see whole, and the numbers that are counted through.
OPEN = {"embedding_models", "ledger_blocks", "ledger_archives"}
COUNTERS = {"audit_id", "access_id", "seq"}
# Whose rows these are is told by no key: the ids are given out, and how many rows there are is
# known to leak.
KNOWN = {
    ("memories", "is_encrypted"),  # a bare truth value costs nothing, and may come before all else
    ("memory_embeddings", "model_id"),
    ("api_token_uses", "token_id"),
    ("memories", "owner_id"),
    ("memories", "id"),
    ("memory_embeddings", "owner_id"),
    ("memory_embeddings", "memory_id"),
    ("memory_grants", "owner_id"),
    ("memory_grants", "memory_id"),
    ("memory_grants", "grantee_id"),
    ("users", "id"),
    ("api_tokens", "id"),
    ("api_tokens", "user_id"),
    ("service_assignments", "service_id"),
    ("service_assignments", "user_id"),
    ("memory_holds", "owner_id"),
    ("memory_holds", "id"),
    ("access_log", "user_id"),
    ("access_log", "owner_id"),
}


@dataclass(frozen=True)
class Column:
    """A column that an application may read."""

    table: str
    name: str
    type: str

    @property
    def path(self) -> sql.Composable:
        """Its table's name."""
        return sql.Identifier("memoriesdb", self.table)


def columns(db: Connection) -> list[Column]:
    """Every comparable column of every table that an application may read."""
    return [
        Column(*row)
        for row in db.execute(
            """
            select c.relname, a.attname, format_type(a.atttypid, null)
            from pg_class as c
            join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p')
              and has_column_privilege('memoriesdb_app', c.oid, a.attnum, 'select')
              and exists (select from pg_operator as o
                where o.oprleft = a.atttypid and o.oprright = a.atttypid and o.oprname = '<')
            order by 1, a.attnum
            """
        ).fetchall()
        if row[0] not in OPEN and row[1] not in COUNTERS
    ]


def fill(database: Database, alice: UUID, carol: UUID) -> None:
    """Leave a row of alice's wherever there can be one."""
    memory = database.remember(alice, "the plan of alice", stream="divorce", kind="secret")
    other = database.remember(alice, "another", metadata='{"speaker": "alice"}')
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s, 'contradicts')", (memory, other))
        db.execute("select memoriesdb.share(%s, %s)", (memory, carol))
        db.execute("update memoriesdb.memories set trust = 0.3 where id = %s", (memory,))
        db.execute("select * from memoriesdb.recall('plan')")
        db.execute("select memoriesdb.issue_token(%s, label => 'of alice')", (alice,))
    with database.acting(carol) as db:
        db.execute("select * from memoriesdb.recall('plan')")
    with database.superuser() as db:
        db.execute(
            """
            insert into memoriesdb.embedding_models
              (id, name, provider, endpoint, model, dimensions, max_tokens, query_prefix,
               passage_prefix, is_enabled, is_active, created_at)
            select gen_random_uuid(), 'm', 'ollama', 'http://127.0.0.1:1', 'm', 3, 100, '', '',
              true, true, now();
            insert into memoriesdb.memory_embeddings
              (owner_id, memory_id, model_id, embedding, text_hash)
            select m.owner_id, m.id, e.id, '[1,2,3]', m.embedding_text_hash
            from memoriesdb.memories as m, memoriesdb.embedding_models as e;
            insert into memoriesdb.service_assignments values (%s, %s, now());
            insert into memoriesdb.memory_holds values
              (gen_random_uuid(), %s, null, 'a case', null, 'x', now())
            """.replace("%s", "'{}'").format(carol, alice, alice)
        )


def plan(db: Connection, column: Column, value: str) -> str:
    """What EXPLAIN ANALYZE prints of a question, but for the value asked for."""
    query = sql.SQL(
        "explain (analyze, buffers off, costs off, timing off, summary off)"
        " select 1 from {} where {} = {}::{}"
    ).format(column.path, sql.Identifier(column.name), sql.Literal(value), sql.SQL(column.type))
    text = "\n".join(str(row[0]) for row in db.execute(query))
    return re.sub(r"('([^']|'')*'(::[a-z ]+(\[\])?)?|(?<= = )-?[0-9.]+)", "?", text)


ABSENT = {
    "text": "nothing like it",
    "name": "nothing_like_it",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "bytea": "\\x00",
    "boolean": "true",
    "jsonb": '"nothing like it"',
    "uuid[]": "{00000000-0000-4000-8000-000000000000}",
    "text[]": "{nothing}",
    "halfvec": "[7,7,7]",
    "timestamp with time zone": "1970-01-01 00:00+00",
}


# What a CHECK excludes is no question.
ABSENT_IN = {("audit_log", "operation"): "ARCHIVE"}


def differing(database: Database, asker: UUID, tables: str = "") -> list[str]:
    """The columns of which a plan tells whether another's row holds a value."""
    found = []
    with database.superuser() as db, database.acting(asker) as mine:
        asked = [
            column
            for column in columns(db)
            if (column.table, column.name) not in KNOWN and tables in ("", column.table)
        ]
        values: dict[Column, str] = {}
        for column in asked:
            query = sql.SQL("select {}::text from {}").format(
                sql.Identifier(column.name), column.path
            )
            # What the asker's own rows hold as well, he may be told.
            others = set(db.execute(query)) - set(mine.execute(query)) - {(None,)}
            if others:
                values[column] = str(min(others)[0])
    for planner in PLANNERS:
        with database.acting(asker) as db:
            if planner:
                db.execute(planner)
            for column, value in values.items():
                present = plan(db, column, value)
                missing = plan(
                    db,
                    column,
                    ABSENT_IN.get((column.table, column.name), ABSENT.get(column.type, "777")),
                )
                if present != missing:
                    found.append(f"{column.table}.{column.name} [{planner}]\n{present}\n{missing}")
    assert tables or len(values) > 40
    return found


@pytest.fixture
def carol(database: Database) -> UUID:
    """A service."""
    return database.create_user("carol", "service")


def test_no_plan_tells_what_others_have_written(
    database: Database, alice: UUID, bob: UUID, carol: UUID
) -> None:
    fill(database, alice, carol)
    assert "\n\n".join(differing(database, bob)) == ""


def test_without_the_gate_it_would_tell(
    database: Database, alice: UUID, bob: UUID, carol: UUID
) -> None:
    fill(database, alice, carol)
    with database.superuser() as db:
        db.execute("drop policy memories_all_gate on memoriesdb.memories")
    found = differing(database, bob, "memories")
    assert any(line.startswith("memories.content ") for line in found)
