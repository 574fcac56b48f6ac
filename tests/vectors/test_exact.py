"""The exact route gives what a look at each vector gives, in the plan that it was made for."""

from __future__ import annotations

import math
import random
import re
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acting import Database
from vectors.support import (
    DIMENSIONS,
    Vector,
    add_model,
    brute,
    clustered,
    definer,
    fill,
    half,
    near,
    nearest,
    route,
    text_of,
)

MOST = 25
numbers = st.floats(-8, 8, width=16).filter(lambda x: abs(x) > 1e-3)
vectors = st.lists(numbers, min_size=3, max_size=3)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    own=st.lists(vectors, max_size=MOST),
    others=st.lists(vectors, max_size=5),
    query=vectors,
    most=st.integers(1, 30),
)
def test_whatever_there_is_the_nearest_are_those_of_a_look_at_each(
    crowd: psycopg.Connection[Any],
    own: list[Vector],
    others: list[Vector],
    query: Vector,
    most: int,
) -> None:
    rows = crowd.execute("select owner, memory_id, doc, model_id, text_hash from seats").fetchall()
    users = sorted({row[0] for row in rows})
    expected: dict[int, Vector] = {}
    with crowd.transaction(force_rollback=True):
        for user, given_vectors in zip(users, (own, others), strict=True):
            seats = [row for row in rows if row[0] == user]
            for (owner, memory_id, doc, model_id, text_hash), vector in zip(
                seats, given_vectors, strict=False
            ):
                crowd.execute(
                    "insert into memoriesdb.memory_embeddings "
                    "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
                    "values (%s, %s, %s, %s, %s::vector::halfvec, %s)",
                    (owner, memory_id, model_id, doc, text_of(vector), text_hash),
                )
                if user == users[0]:
                    expected[doc] = vector
        found = crowd.execute(
            "select doc, distance from memoriesdb._nearest(%s, %s, %s::vector::halfvec, %s)",
            (users[0], rows[0][3], text_of(query), most),
        ).fetchall()
    wanted = brute(expected, half(query), most)
    assert len(found) == len(wanted)
    distances = [distance for _, distance in found]
    assert distances == sorted(distances)
    # Of equal ones any may be cut off, so the distances are compared, and each with its doc's own.
    assert all(
        math.isclose(a, b, abs_tol=1e-5) for a, (_, b) in zip(distances, wanted, strict=True)
    )
    everything = dict(brute(expected, half(query), len(expected)))
    assert all(math.isclose(everything[doc], d, abs_tol=1e-5) for doc, d in found)
    assert len({doc for doc, _ in found}) == len(found)


@pytest.fixture
def crowd(database: Database, alice: UUID, bob: UUID) -> psycopg.Connection[Any]:
    """Two users with memories that have no vectors yet."""
    with database.connect("admin", pooled=False) as admin:
        model_id = add_model(admin, dimensions=3)
    for user, count in ((alice, MOST), (bob, 5)):
        with database.acting(user) as app:
            app.execute(
                "insert into memoriesdb.memories (owner_id, content) "
                "select %s, 'm' || n from generate_series(1, %s) as n",
                (user, count),
            )
    db = database.superuser()
    db.execute(
        "create temporary table seats as select m.owner_id as owner, m.id as memory_id, "
        "m.seq as doc, %s::uuid as model_id, m.embedding_text_hash as text_hash "
        "from memoriesdb.memories as m order by m.seq",
        (model_id,),
    )
    return db


def test_the_plan_reads_the_owners_stretch_of_the_covering_index_alone(
    database: Database, alice: UUID, bob: UUID, model_id: UUID
) -> None:
    """With and without statistics: the first plan of a session is kept."""
    fill(database, bob, model_id, clustered(300, 5))
    mine = fill(database, alice, model_id, clustered(60, 6))
    query = near([0.3] * DIMENSIONS, 0.1, random.Random(1))
    for statement, scan in (
        (None, "Scan using memory_embeddings_(nearest_idx|pkey) on memory_embeddings"),
        (
            "vacuum analyze memoriesdb.memory_embeddings",
            "Only Scan using memory_embeddings_nearest",
        ),
    ):
        if statement:
            database.superuser().execute(statement)
        seen = nearest(database, alice, model_id, query)
        assert re.search(scan, seen.plans)
        assert "Index Cond: ((owner_id = $1)" in seen.plans
        assert "Seq Scan on memory_embeddings" not in seen.plans
        assert seen.docs == [doc for doc, _ in brute(mine, query, 10)]
    assert route(database, alice, model_id) == "exact: 60 vectors"


def test_vectors_too_long_for_an_index_are_weighed_in_the_table(
    database: Database, alice: UUID
) -> None:
    with database.connect("admin", pooled=False) as admin:
        model_id = add_model(admin, dimensions=1500)
    mine = fill(database, alice, model_id, clustered(40, 7, 1500))
    query = near(next(iter(mine.values())), 0.01, random.Random(2))
    seen = nearest(database, alice, model_id, query, 5)
    assert seen.docs == [doc for doc, _ in brute(mine, query, 5)]
    assert "Index Scan using memory_embeddings_pkey" in seen.plans
    assert route(database, alice, model_id) == "exact: 40 vectors"


def test_what_has_no_distance_is_left_out(database: Database, alice: UUID, model_id: UUID) -> None:
    """Somebody behind the triggers' back wrote a zero vector, and one of another length."""
    mine = fill(database, alice, model_id, clustered(6, 8))
    zero, short, *good = mine
    db = database.superuser()
    for doc, vector in ((zero, [0.0] * DIMENSIONS), (short, [1.0, 2.0])):
        db.execute(
            "update memoriesdb.memory_embeddings set embedding = %s::vector::halfvec "
            "where doc = %s",
            (text_of(vector), doc),
        )
    assert sorted(nearest(database, alice, model_id, mine[good[0]]).docs) == sorted(good)


def test_a_user_without_vectors_and_an_unknown_model_have_no_nearest(
    database: Database, alice: UUID, bob: UUID, model_id: UUID
) -> None:
    fill(database, alice, model_id, clustered(3, 9))
    query = [1.0] * DIMENSIONS
    assert nearest(database, bob, model_id, query).rows == []
    assert nearest(database, alice, bob, query).rows == []
    assert route(database, bob, model_id) == "exact: 0 vectors"


@pytest.mark.parametrize("role", ["app", "client", "worker", "admin", "auditor"])
def test_no_login_calls_what_looks_at_vectors_without_asking_whose(
    database: Database, alice: UUID, model_id: UUID, role: str
) -> None:
    vector = text_of([1.0] * DIMENSIONS)
    calls = (
        ("_nearest(%s, %s, %s::vector::halfvec, 5)", (alice, model_id, vector)),
        ("_nearest_exactly(%s, %s, 0, %s::vector::halfvec, 5)", (alice, model_id, vector)),
        ("_nearest_by_index(%s, %s, 9, 16, %s::vector::halfvec, 5)", (alice, model_id, vector)),
        ("_newer_vectors(%s, %s, 0)", (alice, model_id)),
        ("_vector_index(%s, %s)", (alice, model_id)),
        ("_vector_route(%s, %s)", (alice, model_id)),
        ("_pending_vector_indexes(%s)", (alice,)),
        ("_vector_index_files()", ()),
    )
    db = database.connect(role, autocommit=True)
    for call, arguments in calls:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(f"select memoriesdb.{call}", arguments)
    with definer(database) as allowed:
        for call, arguments in calls:
            allowed.execute(f"select memoriesdb.{call}", arguments)


@pytest.mark.parametrize("role", ["app", "client", "worker", "auditor"])
def test_only_admins_see_which_indexes_there_are(database: Database, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.connect(role).execute("select * from memoriesdb.memory_vector_indexes")
    for statement in (
        "insert into {} default values",
        "delete from {}",
        "update {} set state = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.connect("admin", pooled=False).execute(
                statement.format("memoriesdb.memory_vector_indexes").encode()
            )
    database.connect("admin", pooled=False).execute(
        "select * from memoriesdb.memory_vector_indexes"
    )
