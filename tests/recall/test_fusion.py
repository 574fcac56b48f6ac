"""recall() ranks as a plain re-implementation does, on random small memories."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from acting import Connection, Database
from queues.support import register, set_setting, value
from recall.plain import Found, Item, recall

VOCABULARY = ("tea", "milk", "river", "mount", "red", "blue")
TYPOS = ("teaa", "rivver", "mounnt")
START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = [START + timedelta(days=number) for number in range(4)]
# No two of these make the same angle with a question, so that rounding decides nothing.
KEPT = ((3, 1, 0, 0), (1, 3, 1, 0), (0, 2, -1, 1), (-1, 0, 2, 3), (-3, -1, 0, 1))
ASKED = ((1, 2, 3, 5), (5, -1, 2, 1), (-2, 7, 1, 3))


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Up to ten memories: alice's (0), what bob shares with her (1), what he does not (2)."""
    return [
        Item(
            place=place,
            owner=draw(st.sampled_from([0, 0, 0, 1, 2])),
            words=tuple(draw(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4))),
            stream=draw(st.sampled_from([None, "a", "b"])),
            kind=draw(st.sampled_from(["note", "fact"])),
            colour=draw(st.sampled_from(["green", "black"])),
            occurred_at=draw(st.sampled_from(DAYS)),
            vector=draw(st.none() | st.sampled_from(KEPT)),
            is_gone=draw(st.sampled_from([False, False, False, True])),
        )
        for place in range(draw(st.integers(0, 10)))
    ]


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of recall(), each left out as often as not."""
    words = draw(st.lists(st.sampled_from(VOCABULARY + TYPOS), min_size=1, max_size=3))
    arguments: dict[str, Any] = {"query": " ".join(words), "k": draw(st.integers(1, 8))}
    choices: dict[str, st.SearchStrategy[Any]] = {
        "query_embedding": st.sampled_from(ASKED),
        "kinds": st.lists(st.sampled_from(["note", "fact"]), max_size=2, unique=True),
        "stream": st.sampled_from(["a", "b"]),
        "metadata_filter": st.sampled_from([{}, {"colour": "green"}]),
        "since": st.sampled_from(DAYS),
        "until": st.sampled_from(DAYS),
        "include_shared": st.booleans(),
    }
    for name, choice in choices.items():
        if draw(st.booleans()):
            arguments[name] = draw(choice)
    return arguments


def in_scope(item: Item, asked: dict[str, Any]) -> bool:
    return (
        not item.is_gone
        and item.owner in ((0, 1) if asked.get("include_shared", True) else (0,))
        and item.kind in asked.get("kinds", [item.kind])
        and item.stream == asked.get("stream", item.stream)
        and item.colour == asked.get("metadata_filter", {}).get("colour", item.colour)
        and asked.get("since", START) <= item.occurred_at
        and item.occurred_at < asked.get("until", DAYS[-1] + timedelta(days=1))
    )


def act_as(db: Connection, user_id: UUID) -> None:
    """The application's rights for this user, in a transaction of the superuser."""
    db.execute("set local role memoriesdb_app")
    db.execute("select set_config('app.current_user', %s, true)", (str(user_id),))


def store(db: Connection, memories: list[Item], users: list[UUID], model_id: UUID) -> list[UUID]:
    """Write the memories one by one, so that they arrive in order."""
    ids: list[UUID] = []
    for item in memories:
        act_as(db, users[min(item.owner, 1)])
        ids.append(
            value(
                db,
                "select memoriesdb.remember(%s, %s, %s, %s, occurred_at => %s)",
                item.content,
                item.kind,
                Jsonb({"colour": item.colour}),
                item.stream,
                item.occurred_at,
            )
        )
        if item.owner == 1:
            db.execute("select memoriesdb.share(%s, %s)", (ids[-1], users[0]))
        if item.is_gone:
            db.execute("select memoriesdb.forget(%s)", (ids[-1],))
        db.execute("reset role")
        if item.vector is not None:
            db.execute(
                "insert into memoriesdb.memory_embeddings "
                "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
                "select owner_id, id, %s, seq, %s::public.halfvec, embedding_text_hash "
                "from memoriesdb.memories where id = %s",
                (model_id, str(list(item.vector)), ids[-1]),
            )
    return ids


def ask(db: Connection, asked: dict[str, Any], ids: list[UUID]) -> list[Found]:
    given = dict(asked)
    if "query_embedding" in given:
        given["query_embedding"] = str(list(given["query_embedding"]))
    if "metadata_filter" in given:
        given["metadata_filter"] = Jsonb(given["metadata_filter"])
    names = ", ".join(f"{name} => %({name})s" for name in given)
    rows = db.execute(
        f"select memory_id, score, keyword_rank, vector_rank from memoriesdb.recall({names})",
        given,
    ).fetchall()
    return [Found(ids.index(row[0]), *row[1:]) for row in rows]


def similarity_to(db: Connection, query: str) -> Callable[[Item], float]:
    def similarity(item: Item) -> float:
        found: float = value(db, "select public.word_similarity(%s, %s)", query, item.content)
        return found

    return similarity


def compare(found: list[Found], expected: list[Found], k: int) -> None:
    """Same places, ranks and relative scores; equals may stand in any order."""
    assert len(found) == min(k, len(expected))
    by_place = {line.place: line for line in expected}
    factor = found[0].points / expected[0].points if found and expected[0].points > 0 else 0.0
    for line, in_order in zip(found, expected, strict=False):
        same = by_place[line.place]
        assert line[2:] == same[2:]
        assert same.points == pytest.approx(in_order.points, abs=2e-6)
        assert 0 <= line.points <= 1 + 1e-5
        assert line.points == pytest.approx(same.points * factor, abs=1e-5)


def run(database: Database, users: list[UUID], examples: int) -> None:
    # No endpoint: without a query_embedding there is no arm of meaning.
    model_id = register(database, "http://127.0.0.1:9")
    with database.connect("superuser") as db:

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(memories=items(), asked=questions())
        def check(memories: list[Item], asked: dict[str, Any]) -> None:
            with db.transaction(force_rollback=True):
                ids = store(db, memories, users, model_id)
                act_as(db, users[0])
                expected = recall(
                    [item for item in memories if in_scope(item, asked)],
                    set(asked["query"].split()),
                    asked.get("query_embedding"),
                    asked["k"],
                    similarity_to(db, asked["query"]),
                )
                found = ask(db, asked, ids)
                compare(found, expected, asked["k"])
                assert ask(db, asked, ids) == found

        check()


def test_recall_ranks_as_a_plain_implementation_does(
    database: Database, alice: UUID, bob: UUID
) -> None:
    run(database, [alice, bob], 150)


def test_the_comparison_sees_another_weight(database: Database, alice: UUID, bob: UUID) -> None:
    set_setting(database, "recall_smoothing", "0.25")
    with pytest.raises(AssertionError):
        run(database, [alice, bob], 150)


@pytest.mark.slow
def test_recall_ranks_as_a_plain_implementation_does_for_long(
    database: Database, alice: UUID, bob: UUID
) -> None:
    run(database, [alice, bob], 3000)
