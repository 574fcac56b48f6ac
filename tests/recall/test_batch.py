"""recall_batch() is recall() for each query: the same rows, each logged and counted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from acting import Connection, Database, one
from queues.endpoint import Endpoint
from queues.support import register, set_setting
from recall.test_query_embedding import noticing

QUERIES = ["heron reeds", "boat", "nothing of it", "heron", "the", "krishnamurty"]
VECTORS = ["[1,2,3,4]", None, "[4,3,2,1]", None, "[1,1,1,1]", None]


@pytest.fixture
def memories(database: Database, alice: UUID) -> Database:
    model_id = register(database, "http://127.0.0.1:9")
    for number, text in enumerate(["heron in the reeds", "a boat", "heron, boat", "Krishnamurthy"]):
        database.remember(alice, text, stream="s" if number % 2 else None, kind="note")
    with database.superuser() as db:
        db.execute("select memoriesdb.index_memories()")
        db.execute(
            "insert into memoriesdb.memory_embeddings "
            "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
            "select owner_id, id, %s, seq, "
            "array[seq %% 3, 1, seq %% 5, -1]::real[]::public.halfvec, embedding_text_hash "
            "from memoriesdb.memories",
            (model_id,),
        )
    return database


def batch(db: Connection, queries: Any, **arguments: Any) -> list[tuple[Any, ...]]:
    names = "".join(f", {name} => %({name})s" for name in arguments)
    return db.execute(
        f"select * from memoriesdb.recall_batch(%(queries)s::text[]{names})".encode(),
        {"queries": queries, **arguments},
    ).fetchall()


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"k": 1},
        {"kinds": ["note"], "stream": "s"},
        {"metadata_filter": Jsonb({}), "since": "2020-01-01", "until": "2100-01-01"},
        {"min_score": 0.4, "include_shared": False},
    ],
)
@pytest.mark.parametrize("vectors", [None, VECTORS])
def test_a_batch_is_its_recalls_one_after_the_other(
    memories: Database, alice: UUID, filters: dict[str, Any], vectors: list[str | None] | None
) -> None:
    with memories.acting(alice) as db:
        given = filters if vectors is None else {**filters, "query_embeddings": vectors}
        found = batch(db, QUERIES, **given)
        names = "".join(f", {name} => %({name})s" for name in filters)
        expected = [
            (number, *row)
            for number, query in enumerate(QUERIES, start=1)
            for row in db.execute(
                "select * from memoriesdb.recall("
                f"%(query)s, query_embedding => %(vector)s{names})".encode(),
                {"query": query, "vector": vectors and vectors[number - 1], **filters},
            ).fetchall()
        ]
    assert found == expected
    assert found


def test_each_is_logged_as_a_recall(memories: Database, alice: UUID) -> None:
    with memories.acting(alice) as db:
        found = batch(db, ["heron", "boat", "nothing of it"])
        rows = db.execute(
            "select result_count from memoriesdb.access_log where action = 'recall' "
            "order by access_id"
        ).fetchall()
    assert rows == [(sum(row[0] == number for row in found),) for number in (1, 2, 3)]
    assert rows[0][0] >= 2
    assert rows[2] == (0,)


def test_each_counts_against_the_limit_of_a_token(memories: Database, alice: UUID) -> None:
    """And all of them or none: a batch that must wait takes nothing from what it waits for."""
    token = memories.issue_token(alice)
    memories.administer("set_setting(%s, %s)", "token_recalls_per_minute", "5")

    def refused(count: int) -> str | None:
        with (
            memories.with_token(token) as db,
            pytest.raises(psycopg.DatabaseError) as caught,
            db.transaction(),
        ):
            batch(db, ["heron"] * count)
        return caught.value.sqlstate

    # More than the limit ever lets through at once.
    assert refused(6) == "MD013"
    with memories.with_token(token) as db:
        batch(db, ["heron"] * 3)
    assert [refused(5), refused(5)] == ["MD011"] * 2
    with memories.with_token(token) as db:
        batch(db, ["heron"] * 2)
    assert refused(2) == "MD011"


def test_a_hanging_endpoint_is_waited_for_once(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    register(database, endpoint.url)
    set_setting(database, "embed_query_timeout_seconds", "1")
    database.remember(alice, "heron")
    with database.acting(alice) as db, noticing(db) as heard:
        # What fails at once costs nothing, and the next one is asked for.
        batch(db, ["CRASH", "heron"])
        assert endpoint.texts == ["CRASH", "heron"]
        endpoint.hold()
        assert len(batch(db, [f"heron {number}" for number in range(5)])) == 5
        assert endpoint.texts[2:] == ["heron 0"]
        assert [notice.sqlstate for notice in heard] == ["MD502"] * 6
        endpoint.may_answer.set()
    with database.acting(alice) as db:
        batch(db, ["heron 1"])
    assert endpoint.texts[3:] == ["heron 1"]


@pytest.mark.parametrize("left", ["{id} 999999999999", "{id} .* 999999999999"])
def test_nobody_keeps_others_behind_the_pool_from_being_embedded(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint, left: str
) -> None:
    """A setting that stays in a session behind the pool, or that is made up, counts for nobody."""
    model_id = register(database, endpoint.url)
    database.remember(alice, "heron")
    with database.acting(bob) as db:
        backend = one(db, "select pg_backend_pid()")
        made_up = left.replace("{id}", str(model_id))
        db.execute("select set_config('memoriesdb.awaited_in_vain', %s, false)", (made_up,))
    with database.acting(alice) as db, noticing(db) as heard:
        assert one(db, "select pg_backend_pid()") == backend
        assert one(db, "select current_setting('memoriesdb.awaited_in_vain')") == made_up
        batch(db, ["heron"])
        assert heard == []
    assert endpoint.texts == ["heron"]


def test_no_queries_find_nothing(memories: Database, alice: UUID) -> None:
    with memories.acting(alice) as db:
        assert batch(db, []) == []
        assert batch(db, None) == []


def test_arrays_that_begin_elsewhere_than_at_one_go_together(
    memories: Database, alice: UUID
) -> None:
    with memories.acting(alice) as db:
        expected = batch(db, ["heron", "boat"], query_embeddings=["[1,2,3,4]", "[4,3,2,1]"])
        found = batch(db, "[5:6]={heron,boat}", query_embeddings='[0:1]={"[1,2,3,4]","[4,3,2,1]"}')
    assert found == expected


@pytest.mark.parametrize(
    ("queries", "arguments", "sqlstate"),
    [
        (["heron"] * 101, {}, "MD110"),
        ([["heron"], ["boat"]], {}, "MD110"),
        (["heron"], {"query_embeddings": ["[1,2,3,4]"] * 2}, "MD110"),
        (["heron", "boat"], {"query_embeddings": '{{"[1,2,3,4]"},{"[1,2,3,4]"}}'}, "MD110"),
        (None, {"query_embeddings": ["[1,2,3,4]"]}, "MD110"),
        (["heron", ""], {}, "MD101"),
        (["heron", None], {}, "MD101"),
        (["heron"], {"k": 0}, "MD108"),
        (["heron"], {"query_embeddings": ["[1,2]"]}, "MD109"),
    ],
)
def test_bad_arguments_are_refused(
    memories: Database, alice: UUID, queries: Any, arguments: dict[str, Any], sqlstate: str
) -> None:
    with memories.acting(alice) as db, pytest.raises(psycopg.DatabaseError) as caught:
        batch(db, queries, **arguments)
    assert caught.value.sqlstate == sqlstate


def test_without_a_user_nothing_is_recalled(database: Database) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        batch(database.connect("app"), ["heron"])
    assert caught.value.sqlstate == "MD001"
