"""An owner's index finds what a look at each finds, whatever happens to its rows or to itself."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from acting import Database
from memoriesdb.installer import verify
from queues.support import Start, run_once
from vectors.conftest import MIN_ROWS, Large, Work
from vectors.support import (
    DIMENSIONS,
    Vector,
    add_model,
    brute,
    clustered,
    earn_at,
    fill,
    indexes,
    near,
    nearest,
    route,
    states,
    text_of,
)


def recall(large: Large, queries: list[Vector], most: int = 10) -> float:
    """Return the part of the true nearest that is found; nothing but the owner's is found."""
    hits = 0
    for query in queries:
        docs = nearest(large.database, large.owner_id, large.model_id, query, most).docs
        assert len(docs) == len(set(docs)) == min(most, len(large.vectors))
        assert set(docs) <= large.vectors.keys()
        hits += len({doc for doc, _ in brute(large.vectors, query, most)} & {*docs})
    return hits / (min(most, len(large.vectors)) * len(queries))


def questions(large: Large, count: int = 12) -> list[Vector]:
    rng = random.Random(11)
    return [near(rng.choice([*large.vectors.values()]), 0.1, rng) for _ in range(count)]


def used(large: Large) -> bool:
    """Whether a search goes by the index."""
    (query,) = questions(large, 1)
    seen = nearest(large.database, large.owner_id, large.model_id, query)
    return "Index Scan using memory_embeddings_nearest_" in seen.plans


def test_the_large_owner_gets_an_index_that_is_used_and_finds_the_nearest(
    large: Large, work: Work, bob: UUID
) -> None:
    assert not used(large)
    work()
    assert states(large.database) == [(large.owner_id, 1, "ready")]
    assert [*indexes(large.database).values()] == [True]
    assert used(large)
    assert recall(large, questions(large)) >= 0.99
    assert recall(large, questions(large, 3), most=150) >= 0.99
    assert route(large.database, bob, large.model_id) == "exact: 100 vectors"
    (name,) = indexes(large.database)
    last = max(large.vectors)
    assert route(large.database, large.owner_id, large.model_id) == (
        f"index {name}, through doc {last}, and 0 newer ones exactly"
    )
    # No part of a release: nothing is found changed.
    assert [d for d in verify(large.database.dsn("superuser")) if d.kind == "index"] == []


def test_the_settings_of_the_session_are_as_before(large: Large, work: Work) -> None:
    work()
    (query,) = questions(large, 1)
    names = ("hnsw.ef_search", "hnsw.iterative_scan", "enable_sort", "enable_seqscan", "jit")
    with large.database.connect("superuser") as db:
        db.execute("set role memoriesdb_definer; select '[1]'::vector")
        before = [db.execute(f"show {name}".encode()).fetchone() for name in names]
        db.execute(
            "select memoriesdb._nearest(%s, %s, %s::vector::halfvec, 5)",
            (large.owner_id, large.model_id, text_of(query)),
        )
        assert [db.execute(f"show {name}".encode()).fetchone() for name in names] == before


def test_rows_that_come_after_the_index_are_found_and_do_not_enter_it(
    large: Large, work: Work
) -> None:
    work()
    fresh = near([0.9] * DIMENSIONS, 0.01, random.Random(4))
    newer = fill(large.database, large.owner_id, large.model_id, [fresh, *clustered(60, 21)])
    large.vectors |= newer
    seen = nearest(large.database, large.owner_id, large.model_id, fresh, 1)
    assert seen.docs == [min(newer)]
    assert recall(large, questions(large)) >= 0.99
    assert "and 61 newer ones exactly" in route(large.database, large.owner_id, large.model_id)
    # Few enough: nothing is built anew.
    work()
    assert states(large.database) == [(large.owner_id, 1, "ready")]


@pytest.mark.parametrize("vacuumed", [False, True])
def test_changed_and_deleted_rows_within_the_index_are_found_as_they_are_now(
    large: Large, work: Work, vacuumed: bool
) -> None:
    work()
    rng = random.Random(5)
    db = large.database.superuser()
    docs = sorted(large.vectors)
    for doc in docs[::4]:
        large.vectors[doc] = near([-0.5] * DIMENSIONS, 0.2, rng)
        db.execute(
            "update memoriesdb.memory_embeddings set embedding = %s::vector::halfvec "
            "where doc = %s",
            (text_of(large.vectors[doc]), doc),
        )
    gone = [doc for place, doc in enumerate(docs) if place % 3 == 0]
    with large.database.acting(large.owner_id) as app:
        app.execute(
            "delete from memoriesdb.memories where owner_id = %s and seq = any(%s)",
            (large.owner_id, gone),
        )
    for doc in gone:
        del large.vectors[doc]
    if vacuumed:
        db.execute("vacuum memoriesdb.memory_embeddings")
    around = [near([-0.5] * DIMENSIONS, 0.2, rng) for _ in range(6)]
    assert used(large)
    assert recall(large, [*around, *questions(large, 6)]) >= 0.99
    assert recall(large, around[:2], most=200) >= 0.99


def test_a_long_tail_becomes_another_generation_and_the_old_one_goes(
    large: Large, work: Work
) -> None:
    work()
    (first,) = indexes(large.database)
    large.vectors |= fill(
        large.database, large.owner_id, large.model_id, clustered(MIN_ROWS // 2 + 1, 31)
    )
    work()
    assert states(large.database) == [(large.owner_id, 2, "ready")]
    (second,) = indexes(large.database)
    assert second != first
    assert "and 0 newer ones" in route(large.database, large.owner_id, large.model_id)
    assert recall(large, questions(large)) >= 0.99


def test_there_are_never_more_indexes_than_the_limit_and_the_largest_have_them(
    database: Database, alice: UUID, bob: UUID, model_id: UUID, work: Work
) -> None:
    carol = database.create_user("carol")
    earn_at(database, 100, limit=2)
    for owner, count in ((alice, 150), (bob, 220), (carol, 110)):
        fill(database, owner, model_id, clustered(count, count))
    work()
    assert states(database) == [(bob, 1, "ready"), (alice, 1, "ready")]
    assert len(indexes(database)) == 2
    # Hardly larger now: nobody takes another's place for that.
    fill(database, carol, model_id, clustered(50, 51))
    work()
    assert {state[0] for state in states(database)} == {alice, bob}
    fill(database, carol, model_id, clustered(100, 52))
    work()
    assert {state[0] for state in states(database)} == {bob, carol}
    earn_at(database, 100, limit=0)
    work()
    assert (states(database), indexes(database)) == ([], {})


def test_an_owner_who_shrank_and_a_model_that_is_off_lose_their_index(
    large: Large, work: Work
) -> None:
    work()
    db = large.database.superuser()
    kept = sorted(large.vectors)[: MIN_ROWS * 2 // 3 + 1]
    db.execute(
        "delete from memoriesdb.memory_embeddings where owner_id = %s and doc > %s",
        (large.owner_id, kept[-1]),
    )
    work()
    assert [state for *_, state in states(large.database)] == ["ready"], "by a third, not yet"
    db.execute("delete from memoriesdb.memory_embeddings where doc = any(%s)", (kept[:5],))
    work()
    assert (states(large.database), indexes(large.database)) == ([], {})
    fill(large.database, large.owner_id, large.model_id, clustered(MIN_ROWS, 61))
    work()
    assert len(indexes(large.database)) == 1
    with large.database.connect("admin", pooled=False) as admin:
        add_model(admin, "other")
    db.execute(
        "update memoriesdb.embedding_models set is_enabled = false where id = %s",
        (large.model_id,),
    )
    work()
    assert (states(large.database), indexes(large.database)) == ([], {})


def test_an_invalid_index_is_not_used_and_built_anew(large: Large, work: Work) -> None:
    work()
    (name,) = indexes(large.database)
    large.database.superuser().execute(
        "update pg_index set indisvalid = false where indexrelid = ('memoriesdb.' || %s)::regclass",
        (name,),
    )
    assert not used(large)
    assert route(large.database, large.owner_id, large.model_id) == "exact: 400 vectors"
    assert recall(large, questions(large)) == 1
    work()
    assert used(large)
    assert [*indexes(large.database).values()] == [True]
    assert name not in indexes(large.database)


def test_an_index_that_somebody_drops_is_not_missed_and_built_anew(
    large: Large, work: Work
) -> None:
    work()
    (name,) = indexes(large.database)
    large.database.superuser().execute(f"drop index memoriesdb.{name}".encode())
    assert recall(large, questions(large)) == 1
    work()
    assert used(large)


def test_an_index_that_says_something_else_is_named_by_verify(large: Large, work: Work) -> None:
    work()
    db = large.database.superuser()
    db.execute(
        "create index memory_embeddings_nearest_77_idx on memoriesdb.memory_embeddings "
        f"using hnsw ((embedding::halfvec({DIMENSIONS})) halfvec_l2_ops)"
    )
    found = [d.name for d in verify(large.database.dsn("superuser")) if d.kind == "index"]
    assert len(found) == 1
    assert "memory_embeddings_nearest_77_idx" in found[0]


def test_a_build_that_fails_is_tried_again_given_up_and_wanted_again(
    large: Large, start: Start, maintainer_dsn: str
) -> None:
    """As where the disk is full."""
    db = large.database.superuser()
    db.execute("update memoriesdb.settings set value = '2' where key = 'max_attempts'")
    db.execute(
        "create function public.refuse() returns event_trigger language plpgsql as "
        "$$ begin raise disk_full using message = 'no room'; end $$; "
        "create event trigger refuse on ddl_command_start when tag in ('CREATE INDEX') "
        "execute function public.refuse()"
    )
    for expected in ("wanted", "failed"):
        db.execute("update memoriesdb.memory_vector_indexes set available_at = now()")
        code, log = run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
        assert (code, "53100: no room" in log) == (1, True)
        assert [state for *_, state in states(large.database)] == [expected]
    assert recall(large, questions(large, 3)) == 1
    db.execute("drop event trigger refuse")
    db.execute(
        "update memoriesdb.memory_vector_indexes "
        "set updated_at = now() - interval '2 days', available_at = now()"
    )
    code, _ = run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
    assert code == 0
    assert used(large)


def test_an_index_that_gives_up_early_loses_nothing(large: Large, work: Work) -> None:
    """As where the graph is full of rows that an open transaction keeps from being removed."""
    work()
    assert used(large)
    superuser = large.database.superuser()
    row = superuser.execute(
        "select pg_get_functiondef(p.oid) from pg_proc as p where p.proname = '_nearest_by_index'"
    ).fetchone()
    assert row is not None
    superuser.execute(row[0].replace("limit $2", "limit least($2, 3)").encode())
    assert recall(large, questions(large)) == 1
