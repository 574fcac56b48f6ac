"""Logins that were granted TEMP, for bulk loading, have objects of their own: none is ever called.

Functions may be made in a temporary schema, cheap ones too, which the planner likes to ask first.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from psycopg import sql

from acting import Connection, Database

CANARY = "zebra-crossing"


@pytest.fixture
def bob_with_temp(database: Database, alice: UUID, bob: UUID) -> Iterator[Connection]:
    """Bob's own login, with temporary objects; Alice has linked memories and jobs."""
    with database.connect("admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://127.0.0.1:1', 3)"
        )
        db.execute("select memoriesdb.map_db_role(%s, 'test_client')", (bob,))
    ids = [database.remember(alice, f"{CANARY} {n}", kind="zebra") for n in range(3)]
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s, 'zebra')", ids[:2])
    with database.superuser() as db:
        db.execute(
            "select memoriesdb._refresh_graph_slice(s::smallint) from generate_series(0, 15) as s"
        )
        db.execute(
            sql.SQL("grant temporary on database {} to test_client").format(
                sql.Identifier(database.name)
            )
        )
        db.execute("update memoriesdb.embedding_schedule set last_error = %s", (CANARY,))
        db.execute("analyze")
    client = database.connect("client", pooled=False, autocommit=True)
    client.execute(
        "create temp table seen (what text); "
        "create function pg_temp.spy_text(what text) returns boolean language plpgsql "
        "cost 0.0000001 as $$ begin insert into seen values (what); return true; end $$; "
        "create operator pg_temp.~~~ (function = pg_temp.spy_text, rightarg = text)"
    )
    yield client
    client.close()


def _seen(db: Connection) -> str:
    return str(db.execute("select what from seen").fetchall())


VIEWS = [
    ("memoriesdb.memory_graph", "relation"),
    ("memoriesdb.memory_graph", "source_kind"),
    ("memoriesdb.memory_graph", "owner_id::text"),
    ("memoriesdb.queue_status", "what"),
    ("memoriesdb.queue_status", "last_error"),
    ("memoriesdb.stranded_memories", "owner_id::text"),
    ("memoriesdb.memories", "content"),
    ("memoriesdb.memories", "owner_id::text"),
    ("memoriesdb.memory_versions", "content"),
    ("memoriesdb.memory_embeddings", "embedding::text"),
    ("memoriesdb.audit_payloads", "after::text"),
    ("memoriesdb.audit_log", "row_key::text"),
    ("memoriesdb.access_log", "action"),
]


def test_a_cheap_function_in_where_is_asked_about_ones_own_rows_only(
    bob_with_temp: Connection, alice: UUID
) -> None:
    for relation, column in VIEWS:
        for condition in (f"pg_temp.spy_text({column})", f"operator(pg_temp.~~~) {column}"):
            bob_with_temp.execute(f"select from {relation} where {condition}")
            joined = condition.replace(column, f"a.{column}")
            bob_with_temp.execute(f"select from {relation} as a join {relation} as b on {joined}")
        seen = _seen(bob_with_temp)
        assert "zebra" not in seen, relation
        assert str(alice) not in seen, relation


def test_without_the_barrier_it_would_be_asked_about_all(
    database: Database, bob_with_temp: Connection
) -> None:
    """Shows that the test above can fail."""
    with database.superuser() as db:
        db.execute("alter view memoriesdb.memory_graph reset (security_barrier)")
        # The gate, which costs nothing, would still be asked first.
        db.execute("alter function memoriesdb._gate_equal(uuid, uuid) cost 1000")
    bob_with_temp.execute("select from memoriesdb.memory_graph where pg_temp.spy_text(relation)")
    assert "zebra" in _seen(bob_with_temp)


def test_objects_that_shadow_are_not_looked_at(
    database: Database, alice: UUID, bob: UUID, bob_with_temp: Connection
) -> None:
    """Tables, functions and operators with names that functions use, first in the search path."""
    db = bob_with_temp
    db.execute(
        "create temp table users as select %s::uuid as id, 'test_client'::name as db_role, "
        "(select oid from pg_roles where rolname = 'test_client') as db_role_oid, "
        "true as is_active, 'admin' as role",
        (alice,),
    )
    db.execute(
        "create temp table memory_grants as select %s::uuid as grantee_id, %s::uuid as owner_id",
        (bob, alice),
    )
    for table in ("memories", "memory_documents", "memory_terms", "search_schedule"):
        db.execute(f"create temp table {table} (content text)")
    db.execute(
        "create temp table settings as select 'max_content_bytes' as key, '1'::jsonb as value"
    )
    for name, result in (
        ("current_user_id()", "uuid"),
        ("_setting(key text)", "jsonb"),
        ("current_setting(a text, b boolean)", "text"),
        ("pg_has_role(a name, b text, c text)", "boolean"),
        ("clock_timestamp()", "timestamptz"),
        ("sha256(a bytea)", "bytea"),
        ("_new_id()", "uuid"),
    ):
        db.execute(
            f"create function pg_temp.{name} returns {result} language plpgsql as "
            "$$ begin insert into seen values ('called'); return null; end $$"
        )
    db.execute(
        "create function pg_temp.equal(a uuid, b uuid) returns boolean language plpgsql as "
        "$$ begin insert into seen values ('called'); return true; end $$; "
        "create operator pg_temp.= (function = pg_temp.equal, leftarg = uuid, rightarg = uuid)"
    )
    for path in ("pg_temp, memoriesdb, public", "pg_temp, pg_catalog, memoriesdb"):
        db.execute(f"set search_path = {path}")
        assert db.execute("select memoriesdb.current_user_id()").fetchone() == (bob,)
        made = db.execute("select memoriesdb.remember('lamp')").fetchone()
        assert made is not None
        found = db.execute("select content from memoriesdb.recall('lamp zebra')").fetchall()
        assert {row[0] for row in found} == {"lamp"}
        db.execute("select memoriesdb.share(%s, %s)", (made[0], alice))
        db.execute("select * from memoriesdb.history(%s)", made)
        db.execute("select memoriesdb.transfer(%s, %s)", (made[0], alice))
        db.execute("select count(*) from memoriesdb.memories")
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
        db.execute("select memoriesdb.remember('lamp')")
    assert "called" not in _seen(db)
    assert CANARY not in str(db.execute("select * from memoriesdb.memories").fetchall())


def test_values_of_types_of_ones_own_run_before_the_call_and_as_oneself(
    bob_with_temp: Connection,
) -> None:
    """A domain's check is a function of the caller: it must not run with the definer's rights."""
    db = bob_with_temp
    db.execute("create temp table who (name name)")
    db.execute(
        "create function pg_temp.tell(value text) returns boolean language plpgsql as "
        "$$ begin insert into who values (current_user); return true; end $$; "
        "create domain pg_temp.told as text check (pg_temp.tell(value))"
    )
    db.execute("select memoriesdb.remember('x'::pg_temp.told)")
    db.execute("select memoriesdb.user_id('alice'::pg_temp.told)")
    db.execute("select memoriesdb._setting('max_content_bytes'::pg_temp.told)")
    assert set(db.execute("select name from who").fetchall()) == {("test_client",)}


def test_bulk_loading_through_a_temporary_table(
    database: Database, bob: UUID, bob_with_temp: Connection
) -> None:
    """The way that remains, since COPY FROM is refused under row-level security."""
    db = bob_with_temp
    with db.transaction():
        db.execute("create temp table incoming (n integer, content text) on commit drop")
        with db.cursor().copy("copy incoming from stdin") as copy:
            for n in range(500):
                copy.write_row((n, f"loaded {n}"))
        db.execute(
            "insert into memoriesdb.memories (content) select content from incoming order by n"
        )
    rows = database.superuser().execute(
        "select owner_id, count(*), array_agg(id order by seq) = array_agg(id order by id) "
        "from memoriesdb.memories where content like 'loaded%' group by owner_id"
    )
    assert rows.fetchall() == [(bob, 500, True)]
