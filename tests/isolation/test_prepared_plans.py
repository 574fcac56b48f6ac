"""Plans that are kept serve each user his own rows, whoever they were made for."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Connection, Database

QUERIES = {
    "plain": "select content from memoriesdb.memories where content <> $1",
    "subquery": "select (select string_agg(content, ',') from memoriesdb.memories where $1 <> '')",
    "common table": "with m as materialized (select * from memoriesdb.memories where $1 <> '') "
    "select content from m",
    "invoker view": "select content from public.mine where $1 <> ''",
    "function": "select content from memoriesdb.as_of('infinity') where $1 <> ''",
    "recall": "select content from memoriesdb.recall($1)",
}


@pytest.fixture
def two(database: Database, alice: UUID, bob: UUID) -> Database:
    """Two users with a memory each, and a view that reads as whoever asks."""
    database.remember(alice, "alice wrote")
    database.remember(bob, "bob wrote")
    with database.superuser() as db:
        db.execute(
            "create view public.mine with (security_invoker) as select * from memoriesdb.memories; "
            "grant select on public.mine to memoriesdb_app"
        )
    return database


def _act(db: Connection, user_id: UUID) -> None:
    db.commit()
    db.execute("select set_config('app.current_user', %s, true)", (str(user_id),))


@pytest.mark.parametrize("mode", ["force_generic_plan", "auto", "force_custom_plan"])
@pytest.mark.parametrize("query", QUERIES)
def test_a_plan_made_for_one_user_serves_the_next(
    two: Database, alice: UUID, bob: UUID, query: str, mode: str
) -> None:
    db = two.connect("app", pooled=False)
    _act(db, alice)
    db.execute(f"set plan_cache_mode = {mode}")
    db.execute(f"prepare q (text) as {QUERIES[query]}")
    # Six runs: then `auto` has chosen its plan.
    for _ in range(6):
        assert db.execute("execute q ('wrote')").fetchall() == [("alice wrote",)]
    _act(db, bob)
    assert db.execute("execute q ('wrote')").fetchall() == [("bob wrote",)]
    db.commit()
    if query not in ("function", "recall"):
        assert db.execute("execute q ('wrote')").fetchall() in ([], [(None,)])


def test_an_immutable_helper_would_leak(two: Database, alice: UUID, bob: UUID) -> None:
    """Shows that the test above can fail."""
    with two.superuser() as superuser:
        superuser.execute("alter function memoriesdb._user_with_scope(text) immutable")
    db = two.connect("app", pooled=False)
    _act(db, alice)
    db.execute("set plan_cache_mode = force_generic_plan")
    db.execute(f"prepare q (text) as {QUERIES['plain']}")
    assert db.execute("execute q ('')").fetchall() == [("alice wrote",)]
    _act(db, bob)
    assert db.execute("execute q ('')").fetchall() == [("alice wrote",)]


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from memoriesdb.audit_log",
        "select (select count(*) from memoriesdb.audit_log)",
        "with a as (select * from memoriesdb.audit_log) select count(*) from a",
        "select count(*) from public.log",
    ],
)
def test_a_plan_made_in_one_role_is_made_anew_in_another(
    two: Database, alice: UUID, query: str
) -> None:
    """An auditor sees all entries, an application those of its user: CVE-2024-10976."""
    with two.superuser() as superuser:
        superuser.execute(
            "create view public.log with (security_invoker) as select * from memoriesdb.audit_log;"
            "grant select on public.log to memoriesdb_app, memoriesdb_auditor; "
            "grant memoriesdb_auditor to test_app"
        )
        try:
            db = two.connect("app", pooled=False)
            db.execute("set plan_cache_mode = force_generic_plan")
            _act(db, alice)
            db.execute("set role memoriesdb_auditor")
            db.execute(f"prepare q as {query}")
            everything = db.execute("execute q").fetchone()
            db.execute("set role memoriesdb_app")
            own = db.execute("execute q").fetchone()
            # Her own entries: that she was made, and her memory.
            assert own == (2,)
            assert everything is not None
            assert everything > own
        finally:
            superuser.execute("revoke memoriesdb_auditor from test_app")


def test_a_parallel_plan_sees_the_same_rows(two: Database, alice: UUID) -> None:
    db = two.connect("app", pooled=False)
    _act(db, alice)
    version = db.info.server_version
    force = "debug_parallel_query" if version >= 160000 else "force_parallel_mode"
    db.execute(f"set local {force} = on")
    db.execute(
        "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; "
        "set local min_parallel_table_scan_size = 0; set local min_parallel_index_scan_size = 0"
    )
    for query in ("plain", "common table"):
        text = QUERIES[query].replace("$1", "'x'")
        assert db.execute(text.encode()).fetchall() == [("alice wrote",)]


def test_a_cursor_keeps_the_user_it_was_opened_for(two: Database, alice: UUID, bob: UUID) -> None:
    """Its rows are those of its snapshot and user; what comes after is the next user's."""
    db = two.connect("app", pooled=False)
    _act(db, alice)
    db.execute("declare c cursor for select content from memoriesdb.memories")
    db.execute("select memoriesdb.set_user(%s)", (bob,))
    first = db.execute("fetch all from c").fetchall()
    assert first in ([("alice wrote",)], [("bob wrote",)])
    assert len(first) == 1
    assert db.execute("select content from memoriesdb.memories").fetchall() == [("bob wrote",)]
