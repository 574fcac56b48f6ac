"""200,000 memories of 2,000 owners, 100 of them shared with one user: policies use the indexes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from acting import Connection, Database

OWNERS, EACH, GRANTS = 2_000, 100, 100


@pytest.fixture
def crowd(database: Database, alice: UUID) -> Database:
    """The rows, made by a superuser past the triggers: Alice has 100, and 100 of others' shared."""
    db = database.connect("superuser")
    # Nothing but rows is wanted here: no stamps, versions, entries, jobs, checks of keys.
    for table in ("users", "memories", "memory_grants"):
        db.execute(f"alter table memoriesdb.{table} disable trigger all")
    db.execute(
        "insert into memoriesdb.users (id, username, created_at) "
        "select gen_random_uuid(), 'owner ' || n, now() from generate_series(2, %s) as n",
        (OWNERS,),
    )
    db.execute(
        "insert into memoriesdb.memories (owner_id, id, content, content_hash, occurred_at, "
        "version, created_by, created_at, updated_at, search, embedding_text_hash) "
        "select u.id, gen_random_uuid(), 'a memory', sha256(''), now(), 1, u.id, now(), now(), '', "
        "sha256('') from generate_series(1, %s) cross join memoriesdb.users as u",
        (EACH,),
    )
    db.execute(
        "insert into memoriesdb.memory_grants "
        "(owner_id, memory_id, grantee_id, granted_by, granted_at) "
        "select owner_id, id, %(alice)s, owner_id, now() from ("
        "select distinct on (owner_id) owner_id, id from memoriesdb.memories "
        "where owner_id <> %(alice)s order by owner_id, id) as m limit %(grants)s",
        {"alice": alice, "grants": GRANTS},
    )
    db.commit()
    db.autocommit = True
    db.execute("vacuum analyze memoriesdb.memories, memoriesdb.memory_grants, memoriesdb.users")
    return database


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _explain(db: Connection, query: str) -> tuple[dict[str, Any], float]:
    row = db.execute(f"explain (analyze, format json, timing off) {query}").fetchone()
    assert row is not None
    return row[0][0]["Plan"], row[0][0]["Execution Time"]


QUERIES = {
    "select count(*) from memoriesdb.memories": EACH + GRANTS,
    "select id from memoriesdb.memories where id = '{id}'": 0,
    "select content from memoriesdb.memories where kind = 'note'": EACH + GRANTS,
    "update memoriesdb.memories set trust = trust where id = '{id}'": 0,
    "select count(*) from memoriesdb.memory_grants": GRANTS,
}


def test_counts_and_plans_as_the_application(crowd: Database, alice: UUID) -> None:
    with crowd.acting(alice) as db:
        for query, count in QUERIES.items():
            plan, milliseconds = _explain(db, query.format(id=UUID(int=0)))
            nodes = list(_nodes(plan))
            scans = [
                node
                for node in nodes
                if node["Node Type"] == "Seq Scan" and node.get("Relation Name") == "memories"
            ]
            assert scans == [], query
            assert all(node.get("Rows Removed by Filter", 0) <= EACH for node in nodes), query
            # Measured: 0.6 ms.
            assert milliseconds < 50, query
            if "count(*)" in query:
                assert db.execute(query.encode()).fetchone() == (count,)
        found = db.execute("select * from memoriesdb.recall('memory', 1000)").fetchall()
        assert len({row[0] for row in found}) <= EACH + GRANTS


def test_a_policy_with_a_subquery_over_grants_would_scan(crowd: Database, alice: UUID) -> None:
    """Shows that the test above can fail."""
    crowd.superuser().execute(
        "alter policy memories_select_grantee on memoriesdb.memories using (exists ("
        "select from memoriesdb.memory_grants as g where g.memory_id = id "
        "and g.grantee_id = (select memoriesdb.current_user_id())))"
    )
    with crowd.acting(alice) as db:
        plan, _ = _explain(db, "select count(*) from memoriesdb.memories")
    assert any("Seq Scan" in node["Node Type"] for node in _nodes(plan))


def test_a_large_owner_beside_is_not_paid_for(crowd: Database) -> None:
    """A user with nothing asks as fast as one with much."""
    carol = crowd.create_user("carol")
    with crowd.acting(carol) as db:
        started = time.monotonic()
        for _ in range(20):
            assert db.execute("select count(*) from memoriesdb.memories").fetchone() == (0,)
        assert (time.monotonic() - started) / 20 < 0.1
