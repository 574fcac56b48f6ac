"""EXPLAIN ANALYZE reads like this to whoever asks: which conditions were tried on whose rows.

Comparisons of built-in types are leakproof, so the planner may try a user's own condition before
the policy. Then a plan tells whether a row of somebody else satisfies it, and a text can be read
letter by letter, with no clock. Here each readable column is asked with what another user's row
holds and with what none does, in forms of each cost: the two plans must read alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
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
    ("memory_graph", "owner_id"),
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
            where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p', 'v')
              and c.relname <> 'queue_status'
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
    gone = database.remember(alice, "gone")
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (gone,))
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
              (owner_id, memory_id, model_id, doc, embedding, text_hash)
            select m.owner_id, m.id, e.id, m.seq, '[1,2,3]', m.embedding_text_hash
            from memoriesdb.memories as m, memoriesdb.embedding_models as e;
            insert into memoriesdb.service_assignments values (%s, %s, now());
            insert into memoriesdb.memory_holds values
              (gen_random_uuid(), %s, null, 'a case', null, 'x', now())
            """.replace("%s", "'{}'").format(carol, alice, alice)
        )
        for i in range(16):
            db.execute(f"refresh materialized view memoriesdb._memory_graph_{i:02}")


def plan(db: Connection, column: Column, condition: sql.Composable) -> str:
    """What EXPLAIN ANALYZE prints of a question, but for the conditions' text."""
    query = sql.SQL(
        "explain (analyze, buffers off, costs off, timing off, summary off)"
        " select 1 from {} where {}"
    ).format(column.path, condition)
    text = "\n".join(str(row[0]) for row in db.execute(query))
    return re.sub(r"((?:Filter|Cond|Index Cond|Recheck Cond): ).*", r"\1?", text)


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


def questions(column: Column, value: str) -> Iterator[tuple[sql.Composable, sql.Composable]]:
    """Pairs of conditions of the same cost: one that a row of another satisfies, and one none does.

    The planner sorts conditions by cost: an operator's, half of one (one element of an array), and
    none at all.
    """
    absent = ABSENT_IN.get((column.table, column.name), ABSENT.get(column.type, "777"))
    name, of_type = sql.Identifier(column.name), sql.SQL(column.type)

    def both(form: str) -> tuple[sql.Composable, sql.Composable]:
        one, other = (
            sql.SQL(form).format(name=name, value=sql.Literal(text), type=of_type)
            for text in (value, absent)
        )
        return one, other

    yield both("{name} = {value}::{type}")
    yield both("{name} = any(array[{value}::{type}])")
    yield both("{name} = all(array[{value}::{type}])")
    # Coalesced, so that the planner knows as little of the one as of the other.
    never = sql.SQL("coalesce({name} is null and {name} is not null, false)").format(name=name)
    yield sql.SQL("coalesce({name} is not null, false)").format(name=name), never
    if column.type == "boolean":
        yield sql.SQL("{} is not unknown").format(name), sql.SQL("{} is unknown").format(name)
    if column.type == "text":
        one, other = (sql.Literal(json.dumps({text: 1})) for text in (value, absent))
        form = sql.SQL("({}::jsonb)[{}] is not null")
        yield form.format(one, name), form.format(other, name)
    if column.type == "jsonb":
        known = json.loads(value)
        key = next(iter(known), "") if isinstance(known, dict) else ""
        form = sql.SQL("{}[{}] is not null")
        yield form.format(name, sql.Literal(key)), form.format(name, sql.Literal("nothing"))
    if column.type.endswith("[]"):
        yield sql.SQL("{}[1] is not null").format(name), sql.SQL("{}[99] is not null").format(name)


def held(database: Database, by: UUID, asker: UUID | None, tables: str) -> dict[Column, str]:
    """What the columns hold in rows of one user, and in none of another's."""
    values: dict[Column, str] = {}
    with (
        database.superuser() as db,
        database.acting(by) as others,
        database.connect("app") as mine,
    ):
        if asker:
            mine.execute("select memoriesdb.set_user(%s)", (asker,))
        for column in columns(db):
            if (column.table, column.name) in KNOWN or tables not in ("", column.table):
                continue
            query = sql.SQL("select {}::text from {}").format(
                sql.Identifier(column.name), column.path
            )
            # What the asker's own rows hold as well, he may be told.
            foreign = {*db.execute(query), *others.execute(query)} - {*mine.execute(query), (None,)}
            if foreign:
                values[column] = str(min(foreign)[0])
    assert tables or len(values) > 40
    return values


def differing(database: Database, of: UUID, asker: UUID | None, tables: str = "") -> list[str]:
    """The columns of which a plan tells whether another's row holds a value."""
    found = []
    values = held(database, of, asker, tables)
    # Who has rows himself is told by the others what he knows. The cheapest of them are no matter
    # of indexes.
    forms, planners = (1, PLANNERS) if asker else (None, PLANNERS[:3:2])
    for planner in planners:
        with database.connect("app") as db:
            if asker:
                db.execute("select memoriesdb.set_user(%s)", (asker,))
            if planner:
                db.execute(planner)
            for column, value in values.items():
                for one, other in islice(questions(column, value), forms):
                    present, missing = plan(db, column, one), plan(db, column, other)
                    if present != missing:
                        found.append(
                            f"{column.table}.{column.name}: {one.as_string()} [{planner}]\n"
                            f"{present}\n{missing}"
                        )
    return found


@pytest.fixture
def carol(database: Database) -> UUID:
    """A service."""
    return database.create_user("carol", "service")


def test_no_plan_tells_what_others_have_written(
    database: Database, alice: UUID, bob: UUID, carol: UUID
) -> None:
    fill(database, alice, carol)
    assert "\n\n".join(differing(database, alice, bob)) == ""


def test_no_plan_tells_it_to_who_is_nobody(database: Database, alice: UUID, carol: UUID) -> None:
    fill(database, alice, carol)
    assert "\n\n".join(differing(database, alice, None)) == ""


PARTIAL = """
select c.relname::text, pg_get_expr(i.indpred, i.indrelid) as predicate
from pg_index as i join pg_class as c on i.indrelid = c.oid
where c.relnamespace = 'memoriesdb'::regnamespace and i.indpred is not null
  and not c.relispartition
  and has_any_column_privilege('memoriesdb_app', c.oid, 'select')
"""


def told_by_partial_indexes(database: Database) -> list[str]:
    """Which rows of others such an index holds, as a plan tells that reads it as a whole."""
    found = []
    with database.superuser() as db:
        cases = [
            (Column(table, name, type_), predicate)
            for table, predicate in db.execute(PARTIAL).fetchall()
            if table not in OPEN
            for name, type_ in db.execute(
                "select attname::text, format_type(atttypid, null) from pg_attribute "
                "where attrelid = %s::regclass and attnum > 0 and atttypid <> 'jsonb'::regtype",
                (f"memoriesdb.{table}",),
            ).fetchall()
            if name not in predicate
        ]
        assert cases
        for column, predicate in cases:
            held, other = (
                set(
                    db.execute(
                        sql.SQL(
                            "select {0}::text from {1} where ({2}) is {3} and {0} is not null"
                        ).format(
                            sql.Identifier(column.name),
                            column.path,
                            sql.SQL(predicate),
                            sql.SQL(truth),
                        )
                    )
                )
                for truth in ("true", "not true")
            )
            values = [min(values)[0] for values in (held - other, other - held) if values]
            if len(values) < 2:
                continue
            with database.connect("app") as mine:
                mine.execute("set local enable_seqscan = off")
                present, missing = (
                    plan(
                        mine,
                        column,
                        sql.SQL("({}) and {name} between {value}::{t} and {value}::{t}").format(
                            sql.SQL(predicate),
                            name=sql.Identifier(column.name),
                            value=sql.Literal(value),
                            t=sql.SQL(column.type),
                        ),
                    )
                    for value in values
                )
            if present != missing:
                found.append(
                    f"{column.table}.{column.name} where {predicate}\n{present}\n{missing}"
                )
    return found


def test_no_partial_index_tells_which_rows_are_in_it(
    database: Database, alice: UUID, carol: UUID
) -> None:
    fill(database, alice, carol)
    assert "\n\n".join(told_by_partial_indexes(database)) == ""


def test_with_a_number_in_it_a_partial_index_would_tell(
    database: Database, alice: UUID, carol: UUID
) -> None:
    fill(database, alice, carol)
    with database.superuser() as db:
        db.execute(
            "create index on memoriesdb.audit_log (uuid_send(row_id), audit_id) "
            "where table_name = 'memories' and operation in ('DELETE', 'TRANSFER')"
        )
    assert any(told.startswith("audit_log.audit_id") for told in told_by_partial_indexes(database))


def test_without_the_gate_it_would_tell(
    database: Database, alice: UUID, bob: UUID, carol: UUID
) -> None:
    fill(database, alice, carol)
    with database.superuser() as db:
        db.execute("drop policy memories_all_gate on memoriesdb.memories")
    found = differing(database, alice, bob, "memories")
    assert any(line.startswith("memories.content: ") for line in found)


def test_with_gates_that_cost_something_it_would_tell(
    database: Database, alice: UUID, carol: UUID
) -> None:
    """What a dump does to them."""
    fill(database, alice, carol)
    with database.superuser() as db:
        db.execute("alter function memoriesdb._gate_equal(uuid, uuid) cost 1")
    found = "\n".join(
        line
        for table in ("memory_versions", "memory_graph")
        for line in differing(database, alice, None, table)
    )
    assert 'memory_versions.stream: "stream" = any' in found
    assert '::jsonb)["stream"] is not null' in found
    assert 'memory_graph.relation: "relation" = any' in found
