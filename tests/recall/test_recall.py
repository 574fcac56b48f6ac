"""recall() as an application calls it, through the pool: what it finds and what it leaves out."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from acting import Connection, Database
from queues.endpoint import Endpoint, vector_of
from queues.support import Start, register, run_once, set_setting, value


def contents(db: Connection, query: str | None, **arguments: Any) -> list[str]:
    names = "".join(f", {name} => %({name})s" for name in arguments)
    rows = db.execute(
        f"select content from memoriesdb.recall(%(query)s{names})", {"query": query, **arguments}
    ).fetchall()
    return [row[0] for row in rows]


def states(db: Connection, query: str) -> dict[str, str]:
    return dict(
        db.execute(
            "select content, embedding_state from memoriesdb.recall(%s)", (query,)
        ).fetchall()
    )


def refusal(db: Connection, query: str | None, **arguments: Any) -> str | None:
    with pytest.raises(psycopg.Error) as caught:
        contents(db, query, **arguments)
    db.rollback()
    return caught.value.sqlstate


def test_a_memory_is_found_by_its_words_in_the_transaction_that_writes_it(
    database: Database, alice: UUID
) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember('The heron stands in the reeds')")
        db.execute("select memoriesdb.remember('Bread needs salt')")
        assert contents(db, "where do herons stand?") == ["The heron stands in the reeds"]


def test_all_the_words_of_a_question_need_not_be_there(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember('The heron stands in the reeds')")
        question = "Which bird was it that Melanie saw standing at the lake when she was a child?"
        assert contents(db, question) == ["The heron stands in the reeds"]


@pytest.mark.parametrize(
    "query", ["it's a \\ test & | ! <-> :* ( '", "'''", "\\", "heron:*", "!heron", "🦩 heron", "%_"]
)
def test_operators_in_a_question_are_words(database: Database, alice: UUID, query: str) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember('The heron stands in the reeds')")
        found = contents(db, query)
        assert found == (["The heron stands in the reeds"] if "heron" in query else [])


def test_a_typo_finds_what_was_meant(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember('Ask Krishnamurthy about the invoice')")
        db.execute("select memoriesdb.remember('Bread needs salt')")
        assert contents(db, "Krishnamurty") == ["Ask Krishnamurthy about the invoice"]
    set_setting(database, "recall_fuzzy_weight", "0")
    with database.acting(alice) as db:
        assert contents(db, "Krishnamurty") == []


@pytest.fixture
def tea(database: Database, alice: UUID, bob: UUID) -> Database:
    """Memories of tea that differ in what can be filtered by."""
    for day, (kind, stream, place) in enumerate(
        [("note", None, "home"), ("fact", "trip", "home"), ("event", "trip", "Kyoto")], start=1
    ):
        database.remember(
            alice,
            f"tea {day}",
            kind=kind,
            stream=stream,
            metadata=Jsonb({"place": place, "tags": ["hot"]}),
            occurred_at=datetime(2024, 5, day, tzinfo=UTC),
        )
    shared = database.remember(bob, "tea of bob")
    database.remember(bob, "tea that bob keeps for himself")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s)", (shared, alice))
    return database


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {"tea 1", "tea 2", "tea 3", "tea of bob"}),
        ({"include_shared": False}, {"tea 1", "tea 2", "tea 3"}),
        ({"kinds": ["fact", "event"]}, {"tea 2", "tea 3"}),
        ({"kinds": []}, set()),
        ({"stream": "trip"}, {"tea 2", "tea 3"}),
        ({"stream": "unknown"}, set()),
        ({"metadata_filter": Jsonb({"place": "home"})}, {"tea 1", "tea 2"}),
        ({"metadata_filter": Jsonb({"tags": ["hot"], "place": "Kyoto"})}, {"tea 3"}),
        ({"metadata_filter": Jsonb({"place": None})}, set()),
        ({"since": datetime(2024, 5, 2, tzinfo=UTC)}, {"tea 2", "tea 3", "tea of bob"}),
        ({"until": datetime(2024, 5, 2, tzinfo=UTC)}, {"tea 1"}),
        (
            {
                "since": datetime(2024, 5, 1, tzinfo=UTC),
                "until": datetime(2024, 5, 3, tzinfo=UTC),
                "kinds": ["note", "event"],
            },
            {"tea 1"},
        ),
    ],
)
def test_every_filter(
    tea: Database, alice: UUID, arguments: dict[str, Any], expected: set[str]
) -> None:
    with tea.acting(alice) as db:
        found = contents(db, "tea", **arguments)
    assert set(found) == expected
    assert len(found) == len(expected)


def test_k_and_min_score_cut_the_answer(tea: Database, alice: UUID) -> None:
    with tea.acting(alice) as db:
        everything = db.execute(
            "select content, score from memoriesdb.recall('tea of bob')"
        ).fetchall()
        scores = [row[1] for row in everything]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)
        assert everything[0][0] == "tea of bob"
        assert contents(db, "tea of bob", k=1) == ["tea of bob"]
        best = "select content from memoriesdb.recall('tea of bob', min_score => %s::real)"
        assert db.execute(best, (scores[0],)).fetchall() == [("tea of bob",)]
        assert db.execute(best, (2,)).fetchall() == []


def test_equals_come_last_arrived_first(database: Database, alice: UUID) -> None:
    for _ in range(5):
        database.remember(alice, "the same words")
    query = "select memory_id from memoriesdb.recall('words')"
    with database.acting(alice) as db:
        order = [row[0] for row in db.execute("select id from memoriesdb.memories order by seq")]
        for _ in range(3):
            assert [row[0] for row in db.execute(query)] == order[::-1]


def test_forgotten_expired_and_deleted_memories_are_not_recalled(
    database: Database, alice: UUID
) -> None:
    ids = [database.remember(alice, f"tea {number}") for number in range(4)]
    with database.acting(alice) as db:
        db.execute("select memoriesdb.forget(%s)", (ids[0],))
        expire = "update memoriesdb.memories set expires_at = now() + %s where id = %s"
        db.execute(expire, ("-1 second", ids[1]))
        db.execute(expire, ("1 hour", ids[2]))
        db.execute("delete from memoriesdb.memories where id = %s", (ids[3],))
    with database.acting(alice) as db:
        assert contents(db, "tea") == ["tea 2"]
        db.execute("select memoriesdb.restore(%s)", (ids[0],))
        assert set(contents(db, "tea")) == {"tea 0", "tea 2"}


def test_an_ended_grant_is_not_recalled(database: Database, alice: UUID, bob: UUID) -> None:
    memory_id = database.remember(bob, "tea of bob")
    share = "select memoriesdb.share(%s, %s, expires_at => clock_timestamp() + %s)"
    with database.acting(bob) as db:
        db.execute(share, (memory_id, alice, "0.3 s"))
    with database.acting(alice) as db:
        assert contents(db, "tea") == ["tea of bob"]
        db.execute("select pg_sleep(0.4)")
        assert contents(db, "tea") == []
    with database.acting(bob) as db:
        db.execute(share, (memory_id, alice, "1 hour"))
        db.execute("select memoriesdb.unshare(%s, %s)", (memory_id, alice))
    with database.acting(alice) as db:
        assert contents(db, "tea") == []


def test_neighbours_in_a_stream_lend_each_other_score(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    """Three texts alike in every arm: the one between two better ones is the better for it."""
    register(database, endpoint.url)
    day = datetime(2024, 5, 1, tzinfo=UTC)
    for hour, text in enumerate(["walk", "heron river", "walk", "boat", "walk"]):
        at = day.replace(hour=hour)
        database.remember(alice, text, stream="talk", occurred_at=at)
    run_once(start, "embedding")
    query = (
        "select content, score, occurred_at from memoriesdb.recall('heron river', "
        "query_embedding => %s::public.vector) where content = 'walk' order by score desc"
    )
    with database.acting(alice) as db:
        rows = db.execute(query, (str(vector_of("boat")),)).fetchall()
    first, second, last = rows
    assert {first[2].hour, second[2].hour} == {0, 2}
    assert last[2].hour == 4
    assert last[1] < second[1]
    set_setting(database, "recall_smoothing", "0")
    with database.acting(alice) as db:
        rows = db.execute(query, (str(vector_of("boat")),)).fetchall()
    assert len({row[1] for row in rows}) == 1


def test_the_state_of_an_embedding(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    database.remember(alice, "tea one")
    with database.acting(alice) as db:
        assert states(db, "tea") == {"tea one": "none"}
    register(database, endpoint.url)
    with database.acting(alice) as db:
        assert states(db, "tea") == {"tea one": "pending"}
    run_once(start, "embedding")
    with database.acting(alice) as db:
        assert states(db, "tea") == {"tea one": "ready"}
        db.execute("update memoriesdb.memories set content = 'tea two'")
        assert states(db, "tea") == {"tea two": "stale"}
        found = db.execute("select vector_rank, similarity from memoriesdb.recall('tea')")
        assert found.fetchall()[0][0] == 1
    run_once(start, "embedding")
    with database.acting(alice) as db:
        assert states(db, "tea") == {"tea two": "ready"}


def test_meaning_finds_what_words_do_not(
    database: Database, alice: UUID, meaning: str, start: Start
) -> None:
    register(database, meaning, "all-minilm", 384)
    for text in ("My daughter plays the cello", "The invoice is overdue", "It rained all week"):
        database.remember(alice, text)
    with database.acting(alice) as db:
        assert contents(db, "musical instruments of children") == []
    run_once(start, "embedding")
    with database.acting(alice) as db:
        assert contents(db, "musical instruments of children", k=1) == [
            "My daughter plays the cello"
        ]


@pytest.mark.parametrize(
    ("query", "arguments", "sqlstate"),
    [
        ("", {}, "MD101"),
        (" \n\t", {}, "MD101"),
        (None, {}, "MD101"),
        ("x" * 300_000, {}, "MD102"),
        ("tea", {"metadata_filter": Jsonb([1])}, "MD104"),
        ("tea", {"k": 0}, "MD108"),
        ("tea", {"k": 1001}, "MD108"),
        ("tea", {"k": None}, "MD108"),
        ("tea", {"query_embedding": "[1,1]"}, "MD109"),
        ("tea", {"query_embedding": "[0,0,0,0]"}, "MD109"),
    ],
)
def test_bad_arguments_are_refused(
    database: Database, alice: UUID, query: str | None, arguments: dict[str, Any], sqlstate: str
) -> None:
    register(database, "http://127.0.0.1:9")
    with database.acting(alice) as db:
        assert refusal(db, query, **arguments) == sqlstate


def test_without_a_user_nothing_is_recalled(database: Database, alice: UUID) -> None:
    database.remember(alice, "tea")
    assert refusal(database.connect("app"), "tea") == "MD001"


@pytest.mark.parametrize("query", ["the", "of and to"])
def test_words_that_say_nothing_find_nothing(database: Database, alice: UUID, query: str) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember('a heron')")
        assert contents(db, query) == []


@pytest.mark.parametrize("vector", ["[1e-9,1e-9,0,0]", "[1e30,1e30,0,0]"])
def test_the_length_of_a_query_vector_does_not_matter(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start, vector: str
) -> None:
    register(database, endpoint.url)
    for text in ("tea", "milk", "bread"):
        database.remember(alice, text)
    run_once(start, "embedding")
    ask = "select memory_id, similarity from memoriesdb.recall(null, query_embedding => %s)"
    with database.acting(alice) as db:
        assert db.execute(ask, (vector,)).fetchall() == db.execute(ask, ("[1,1,0,0]",)).fetchall()


def test_what_was_recalled_is_logged(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "tea")
    with database.acting(alice) as db:
        contents(db, "tea")
        row = db.execute(
            "select action, outcome, memory_ids, result_count from memoriesdb.access_log"
        ).fetchone()
    assert row == ("recall", "answered", [memory_id], 1)


def test_one_users_memories_weigh_nothing_in_anothers_search(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Document frequencies are the user's own: a stranger's ten thousand herons change no score."""
    database.remember(alice, "heron in the reeds")
    database.remember(alice, "boat in the reeds")
    score = "select score from memoriesdb.recall('heron reeds')"
    with database.acting(alice) as db:
        before = db.execute(score).fetchall()
    with database.acting(bob) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'heron ' || n from generate_series(1, 1000) as n"
        )
    with database.acting(alice) as db:
        assert db.execute(score).fetchall() == before
        assert value(db, "select count(*) from memoriesdb.recall('heron', k => 1000)") == 1
