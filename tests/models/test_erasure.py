"""Erasing reaches what both models have of a memory and of a user."""

from __future__ import annotations

from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from models.support import Change

TABLES = ("memory_embeddings", "embedding_schedule", "query_embeddings")


@pytest.fixture
def two(change: Change, bob: UUID) -> Change:
    """Both models have vectors, jobs and cached queries of alice and of bob."""
    change.database.remember(bob, "what bob has")
    change.add()
    change.do("backfill", "new", "--no-wait")
    change.embed()
    for user_id in (change.owner_id, bob):
        for model in ("old", "new"):
            with change.database.acting(user_id) as db:
                db.execute("select memoriesdb.use_embedding_model(%s)", (model,))
                db.execute("select memoriesdb.recall('heron')")
    with change.database.acting(change.owner_id) as db:
        db.execute(
            "update memoriesdb.memories set content = 'the heron flies' "
            "where content = 'the heron stands'"
        )
    return change


def counts(change: Change, owner_id: UUID) -> list[list[int]]:
    """Rows of an owner in each table, by model."""
    with change.database.superuser() as db:
        return [
            [
                count
                for (count,) in db.execute(
                    f"select count(t.owner_id) from memoriesdb.embedding_models as m "
                    f"left join memoriesdb.{table} as t on t.model_id = m.id and t.owner_id = %s "
                    "group by m.name order by m.name",
                    (owner_id,),
                )
            ]
            for table in TABLES
        ]


def check(change: Change, receipt: dict[str, object]) -> None:
    with change.database.connect("admin") as db:
        left = db.execute(
            "select * from memoriesdb.erasure_check(%s)", (Jsonb(receipt),)
        ).fetchall()
    assert left == []


def test_a_memory_is_erased_from_both_models(two: Change, bob: UUID) -> None:
    assert counts(two, two.owner_id) == [[4, 4], [1, 1], [1, 1]]
    others = counts(two, bob)
    with two.database.acting(two.owner_id) as db:
        row = db.execute(
            "select memoriesdb.erase(id) from memoriesdb.memories where content = 'the heron flies'"
        ).fetchone()
    assert row is not None
    assert row[0]["counts"]["memory_embeddings"] == 2
    assert row[0]["counts"]["embedding_schedule"] == 2
    assert counts(two, two.owner_id) == [[3, 3], [0, 0], [0, 0]]
    assert counts(two, bob) == others
    check(two, row[0])


@pytest.mark.parametrize("half_dropped", [False, True])
def test_a_user_is_erased_from_both_models(two: Change, bob: UUID, half_dropped: bool) -> None:
    if half_dropped:
        two.database.administer("drop_embedding_model('new')")
    receipt = two.database.administer("erase_user(%s)", two.owner_id)
    assert receipt["counts"]["memory_embeddings"] == 8
    assert counts(two, two.owner_id) == [[0, 0], [0, 0], [0, 0]]
    assert counts(two, bob) == [[1, 1], [0, 0], [1, 1]]
    check(two, receipt)
