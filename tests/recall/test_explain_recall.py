"""explain_recall() tells the truth: what it says is returned is, in that place; else why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from acting import Connection, Database, one, refused
from queues.support import register, set_setting
from recall.plain import Item, Settings
from recall.populations import Asked, World, act_as, items, questions

FEW = Settings(candidates=10)
FILTERS = ("shared", "forgotten", "expired", "kinds", "stream", "metadata_filter", "since", "until")


class Step(NamedTuple):
    """A row of explain_recall()."""

    step: str
    outcome: str
    rank: int | None
    score: float | None
    detail: str


def explain(db: Connection, memory_id: UUID, parameters: dict[str, Any]) -> dict[str, Step]:
    names = ", ".join(f"{name} => %({name})s" for name in parameters)
    rows = db.execute(
        f"select * from memoriesdb.explain_recall(memory_id => %(memory_id)s, {names})".encode(),
        {"memory_id": memory_id, **parameters},
    ).fetchall()
    steps = [Step(*row) for row in rows]
    assert len({step.step for step in steps}) == len(steps)
    assert all(step.detail for step in steps if step.outcome != "not asked")
    return {step.step: step for step in steps}


def fails(item: Item, asked: Asked) -> set[str]:
    """The filters that a memory does not pass."""
    wanted = asked.arguments
    passed = {
        "shared": item.owner == 0 or wanted.get("include_shared", True),
        "forgotten": not item.is_gone,
        "expired": not item.is_expired,
        "kinds": item.kind in wanted.get("kinds", [item.kind]),
        "stream": item.stream == wanted.get("stream", item.stream),
        "metadata_filter": item.colour
        == wanted.get("metadata_filter", {}).get("colour", item.colour),
        "since": item.occurred_at >= wanted.get("since", item.occurred_at),
        "until": item.occurred_at < wanted.get("until", item.occurred_at + timedelta(1)),
    }
    return {name for name, passes in passed.items() if not passes}


def check_one(
    world: World, item: Item, memory_id: UUID, asked: Asked, found: dict[UUID, tuple[Any, ...]]
) -> None:
    act_as(world.db, world.users[0])
    steps = explain(world.db, memory_id, asked.parameters)
    world.db.execute("reset role")
    failed = fails(item, asked)
    assert {
        name for name in FILTERS if name in steps and steps[name].outcome == "removed"
    } == failed
    result = steps["result"]
    assert (result.outcome == "returned") == (memory_id in found), steps
    if failed:
        assert result.outcome == "removed"
    if memory_id not in found:
        assert result.outcome == "removed"
        return
    place, score, keyword_rank, vector_rank = found[memory_id]
    assert (result.rank, result.score) == (place, score)
    # Of what is no candidate recall() tells no rank, even where it shares that of the last one.
    assert keyword_rank in (None, steps["keyword"].rank)
    assert vector_rank in (None, steps["vector"].rank)


def run(world: World, examples: int, most: int, setting: Settings) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        items(most, most // 2), questions(), st.integers(0, 7), st.randoms(use_true_random=False)
    )
    def check(memories: list[Item], asked: Asked, cut: int, rng: Any) -> None:
        with world.filled(memories, setting) as ids:
            rows = world.ask(asked, ids)
            if cut < 3 and rows:
                # As it was read in an answer: the cut is at one of them.
                score = rows[min(cut, len(rows) - 1)].score
                asked = replace(asked, arguments={**asked.arguments, "min_score": score})
            rows = world.ask(asked, ids)
            found = {ids[row.place]: (n, *row[1:4]) for n, row in enumerate(rows, start=1)}
            visible = [item for item in memories if item.owner < 2 and not hidden(item)]
            for item in rng.sample(visible, min(10, len(visible))):
                check_one(world, item, ids[item.place], asked, found)

    check()


def hidden(item: Item) -> bool:
    """Shared, and not to be seen: its grantee does not read what is forgotten or over."""
    return item.owner == 1 and (item.is_gone or item.is_expired)


@pytest.fixture
def world(database: Database, alice: UUID, bob: UUID) -> World:
    return World(database, [alice, bob])


def test_what_is_said_is_what_recall_does(world: World) -> None:
    run(world, 40, 10, world.shipped())


def test_also_where_there_are_more_than_candidates(world: World) -> None:
    run(world, 25, 60, FEW)


@pytest.mark.slow
def test_what_is_said_is_what_recall_does_for_long(world: World) -> None:
    run(world, 300, 60, FEW)


@pytest.fixture
def tea(database: Database, alice: UUID) -> dict[str, UUID]:
    """Memories of tea, all but one of which something keeps from being recalled."""
    at = datetime(2024, 5, 1, tzinfo=UTC)
    ids = {
        "found": database.remember(
            alice, "tea", kind="fact", stream="s", metadata=Jsonb({"a": 1}), occurred_at=at
        )
    }
    with database.acting(alice) as db:
        for name, change in {
            "kinds": "kind = 'event'",
            "stream": "stream = 'other'",
            "stream of none": "stream = null",
            "metadata_filter": "metadata = '{}'",
            "since": "occurred_at = '2023-01-01'",
            "until": "occurred_at = '2025-01-01'",
            "expired": "expires_at = '2024-01-01'",
            "forgotten": "forgotten_at = now()",
        }.items():
            ids[name] = UUID(
                str(
                    one(
                        db,
                        "select memoriesdb.remember('tea', 'fact', %s, 's', occurred_at => %s)",
                        Jsonb({"a": 1}),
                        at,
                    )
                )
            )
            db.execute(f"update memoriesdb.memories set {change} where id = %s", (ids[name],))
    return ids


def test_the_one_filter_that_removed_it_is_named(
    database: Database, alice: UUID, tea: dict[str, UUID]
) -> None:
    asked = {
        "query": "tea",
        "kinds": ["fact"],
        "stream": "s",
        "metadata_filter": Jsonb({"a": 1}),
        "since": "2024-01-01",
        "until": "2024-12-31",
    }
    with database.acting(alice) as db:
        for name, memory_id in tea.items():
            steps = explain(db, memory_id, asked)
            removed = [s for s in FILTERS if s in steps and steps[s].outcome == "removed"]
            assert removed == ([] if name == "found" else [name.partition(" ")[0]])
            assert steps["result"].outcome == ("returned" if name == "found" else "removed")


def test_an_arm_says_how_it_was_asked(database: Database, alice: UUID) -> None:
    register(database, "http://127.0.0.1:9")
    memory_id = database.remember(alice, "heron in the reeds")
    with database.acting(alice) as db:
        steps = explain(db, memory_id, {"query": "heron boat", "query_embedding": "[1,2,3,4]"})
        assert steps["keyword"].outcome == "candidate"
        assert "1 of the 2 words" in steps["keyword"].detail
        assert "not indexed" in steps["keyword"].detail
        assert steps["vector"].outcome == "not found"
        steps = explain(db, memory_id, {"query": "boat"})
        assert steps["keyword"].outcome == "not found"
        assert steps["result"].outcome == "removed"
        steps = explain(db, memory_id, {"query": "the"})
        assert steps["keyword"].outcome == "not asked"
        assert steps["result"].outcome == "removed"


def test_beyond_the_candidates_is_said(database: Database, alice: UUID) -> None:
    set_setting(database, "recall_candidates", "10")
    ids = [database.remember(alice, f"heron {'reeds ' * n}") for n in range(20)]
    with database.acting(alice) as db:
        first = explain(db, ids[0], {"query": "heron", "k": 3})
        last = explain(db, ids[-1], {"query": "heron", "k": 3})
        middle = explain(db, ids[6], {"query": "heron", "k": 3})
    assert (first["result"].outcome, first["result"].rank) == ("returned", 1)
    assert last["keyword"].outcome == "beyond the candidates"
    assert last["result"].outcome == "removed"
    assert "beyond the candidates" in last["result"].detail
    assert middle["keyword"].outcome == "candidate"
    assert middle["result"].detail == "k is 3"


def test_what_is_not_chosen_for_being_like_others_is_told(database: Database, alice: UUID) -> None:
    """And it is chosen from five times as many as are returned, also by words alone."""
    model_id = register(database, "http://127.0.0.1:9")
    ids = [database.remember(alice, f"heron {'reeds ' * n}") for n in range(40)]
    with database.superuser() as db:
        db.execute("select memoriesdb.index_memories()")
        # Those that score best are all alike.
        db.execute(
            "insert into memoriesdb.memory_embeddings "
            "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
            "select owner_id, id, %s, seq, case when array_position(%s, id) <= 25 "
            "then array[1, 0, 0, 0.1] else array[seq %% 3, 1, seq %% 5, -1] end::real[]"
            "::public.halfvec, embedding_text_hash from memoriesdb.memories",
            (model_id, ids),
        )
    set_setting(database, "recall_diversity", "0.5")
    with database.acting(alice) as db:
        found = db.execute(
            "select memory_id, (why ->> 'before')::integer from memoriesdb.recall('heron', 8)"
        ).fetchall()
        places = {memory_id: place for place, (memory_id, _) in enumerate(found, start=1)}
        assert max(before for _, before in found) > 20
        told = {
            memory_id: explain(db, memory_id, {"query": "heron", "k": 8})["result"]
            for memory_id in ids
        }
    for memory_id, result in told.items():
        assert result.rank == places.get(memory_id, result.rank)
        assert result.outcome == ("returned" if memory_id in places else "removed"), result
    assert any("too like" in result.detail for result in told.values())


@pytest.mark.parametrize("min_score", [1e300, 2, -1e300, 0.5])
def test_any_lowest_score_is_told_of(database: Database, alice: UUID, min_score: float) -> None:
    memory_id = database.remember(alice, "heron in the reeds")
    asked = {"query": "heron", "min_score": min_score}
    with database.acting(alice) as db:
        steps = explain(db, memory_id, asked)
        rows = db.execute(
            "select from memoriesdb.recall(%(query)s, min_score => %(min_score)s)", asked
        ).fetchall()
    assert steps["result"].outcome == ("returned" if rows else "removed")
    assert len(rows) == (min_score < 1)


def test_an_encrypted_memory_is_told_of_by_its_vector_alone(
    database: Database, alice: UUID
) -> None:
    model_id = register(database, "http://127.0.0.1:9")
    memory_id = database.remember(alice, "to be hidden")
    superuser = database.superuser()
    # As it is kept: no words, a vector that its owner gave.
    superuser.execute(
        "alter table memoriesdb.memories disable trigger all;"
        "update memoriesdb.memories set search = '', is_encrypted = true;"
        "delete from memoriesdb.search_schedule;"
        "update memoriesdb.memory_documents set is_indexed = true"
    )
    superuser.execute(
        "insert into memoriesdb.memory_embeddings "
        "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
        "select owner_id, id, %s, seq, '[1,2,3,4]', embedding_text_hash from memoriesdb.memories",
        (model_id,),
    )
    with database.acting(alice) as db:
        steps = explain(db, memory_id, {"query": "hidden", "query_embedding": "[1,2,3,5]"})
    assert steps["keyword"].outcome == "not found"
    assert (steps["vector"].outcome, steps["vector"].rank) == ("candidate", 1)
    assert steps["result"].outcome == "returned"


def test_what_is_not_ones_own_is_answered_as_what_is_not_there(
    database: Database, alice: UUID, bob: UUID
) -> None:
    of_bob = database.remember(bob, "tea of bob")
    over = database.remember(bob, "tea of bob that is over")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s)", (over, alice))
        db.execute("select memoriesdb.unshare(%s, %s)", (over, alice))
    said = set()
    for memory_id in (of_bob, over, uuid4()):
        with database.acting(alice) as db, pytest.raises(psycopg.DatabaseError) as caught:
            explain(db, memory_id, {"query": "tea"})
        told = caught.value.diag
        assert caught.value.sqlstate == "MD201"
        said.add(
            f"{told.message_primary} {told.message_detail} {told.message_hint}".replace(
                str(memory_id), "?"
            )
        )
    assert len(said) == 1


@pytest.mark.parametrize(
    ("arguments", "sqlstate"),
    [
        ({"query": " "}, "MD101"),
        ({"query": "tea", "k": 0}, "MD108"),
        ({"query": "tea", "metadata_filter": "[]"}, "MD104"),
        ({"query": "tea", "query_embedding": "[0,0,0,0]"}, "MD109"),
    ],
)
def test_bad_arguments_are_refused_as_recall_refuses_them(
    database: Database, alice: UUID, arguments: dict[str, Any], sqlstate: str
) -> None:
    memory_id = database.remember(alice, "tea")
    with database.acting(alice) as db, pytest.raises(psycopg.DatabaseError) as caught:
        explain(db, memory_id, arguments)
    assert caught.value.sqlstate == sqlstate


def test_it_is_logged_whether_returned_or_removed(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "tea")
    with database.acting(alice) as db:
        explain(db, memory_id, {"query": "tea"})
        explain(db, memory_id, {"query": "milk"})
        rows = db.execute(
            "select outcome, memory_ids from memoriesdb.access_log where action = 'explain_recall'"
        ).fetchall()
    assert rows == [("answered", [memory_id])] * 2
    with database.connect("app") as db:
        assert (
            refused(db, "select * from memoriesdb.explain_recall('tea', %s)", memory_id).sqlstate
            == "MD001"
        )
