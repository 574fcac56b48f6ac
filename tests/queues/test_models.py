"""Embedding models: registered, backfilled, side by side, switched; and what moves and goes."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from acting import Database
from queues.endpoint import Endpoint
from queues.support import (
    Start,
    check_embedded,
    jobs_left,
    register,
    run_once,
    set_setting,
    value,
    writes,
)


def test_what_was_written_before_the_model_is_embedded(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint, start: Start
) -> None:
    for user_id in (alice, bob):
        database.remember(user_id, "text")
    assert jobs_left(database) == 0
    register(database, endpoint.url)
    assert jobs_left(database) == 2
    assert run_once(start, "embedding")[0] == 0
    check_embedded(database)


def test_registering_again_moves_the_endpoint_and_queues_nothing_twice(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    database.remember(alice, "text")
    model_id = register(database, "http://127.0.0.1:9")
    assert register(database, endpoint.url) == model_id
    assert jobs_left(database) == 1
    assert run_once(start, "embedding")[0] == 0
    register(database, endpoint.url)
    check_embedded(database)


@pytest.mark.parametrize("other", [{"dimensions": 5}, {"model": "another"}])
def test_a_name_keeps_its_properties(database: Database, other: dict[str, Any]) -> None:
    register(database, "http://127.0.0.1:9")
    with pytest.raises(psycopg.Error) as caught:
        register(database, "http://127.0.0.1:9", **other)
    assert caught.value.sqlstate == "MD005"


def test_another_endpoint_may_call_the_model_by_another_name(database: Database) -> None:
    model_id = register(database, "http://127.0.0.1:9")
    assert register(database, "http://127.0.0.1:10", model="vendor/tests") == model_id


@pytest.mark.parametrize(
    ("wrong", "sqlstate"),
    [
        ({"url": "file:///etc/passwd"}, "MD110"),
        ({"url": "http://user:password@host"}, "MD110"),
        ({"url": "http://127.0.0.1:9", "dimensions": 0}, "MD108"),
        ({"url": "http://127.0.0.1:9", "dimensions": 4001}, "MD108"),
        ({"url": "http://127.0.0.1:9", "max_tokens": 1}, "MD108"),
    ],
)
def test_a_bad_registration_is_refused(
    database: Database, wrong: dict[str, object], sqlstate: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        register(database, **wrong)  # type: ignore[arg-type]
    assert caught.value.sqlstate == sqlstate


def test_two_models_side_by_side_and_the_switch(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    first = register(database, endpoint.url, "first")
    database.remember(alice, "old text")
    run_once(start, "embedding")
    second = register(database, endpoint.url, "second", activate=False)
    with database.acting(alice) as db:
        state = (
            "select embedding_state from memoriesdb.recall('old', query_embedding => '[1,1,1,1]')"
        )
        assert value(db, state) == "ready"
        active = "select id from memoriesdb.embedding_models where is_active"
        assert value(db, active) == first
    run_once(start, "embedding")
    database.remember(alice, "new text")
    assert jobs_left(database) == 2
    run_once(start, "embedding")
    check_embedded(database)
    register(database, endpoint.url, "second", activate=True)
    with database.acting(alice) as db:
        assert value(db, active) == second
        assert value(db, state) == "ready"
    assert jobs_left(database) == 0


def test_the_passage_prefix_is_embedded_and_not_remembered(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url, passage_prefix="passage: ", query_prefix="query: ")
    database.remember(alice, "text")
    run_once(start, "embedding")
    with database.acting(alice) as db:
        assert value(db, "select content from memoriesdb.recall('words')") == "text"
    assert endpoint.texts == ["passage: text", "query: words"]


def test_transfer_moves_vectors_and_what_waits(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url, "first")
    memory_id = database.remember(alice, "text")
    run_once(start, "embedding")
    register(database, endpoint.url, "second")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, bob))
    with database.superuser() as db:
        rows = db.execute(
            "select j.owner_id, m.name from memoriesdb.embedding_schedule as j "
            "join memoriesdb.embedding_models as m on m.id = j.model_id"
        ).fetchall()
        assert rows == [(bob, "second")]
        assert value(db, "select owner_id from memoriesdb.memory_embeddings") == bob
    run_once(start, "embedding")
    check_embedded(database)
    assert endpoint.texts == ["text", "text"]


def test_transfer_of_a_stale_vector_queues_the_text(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "text")
    run_once(start, "embedding")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'another'")
        db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, bob))
    assert jobs_left(database) == 1
    run_once(start, "embedding")
    check_embedded(database)


def test_a_delete_leaves_neither_vector_nor_job_nor_dead_letter(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    set_setting(database, "max_attempts", "1")
    for text in ("embedded", "REJECT"):
        database.remember(alice, text)
    run_once(start, "embedding")
    waiting = database.remember(alice, "waiting")
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories")
    assert jobs_left(database) == 0
    assert writes(database, waiting) == []
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.memory_embeddings") == 0


def test_a_long_text_is_embedded_in_pieces(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url, max_tokens=32)
    database.remember(alice, "A sentence of several words. " * 40)
    assert run_once(start, "embedding")[0] == 0
    assert len(endpoint.texts) > 5
    assert jobs_left(database) == 0
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.memory_embeddings") == 1
