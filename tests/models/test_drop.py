"""A model that is dropped leaves nothing, stops nobody, and can be dropped in as many parts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from acting import Database, refused
from models.support import Change, value
from queues.endpoint import Endpoint
from queues.support import register

TABLES = ("embedding_schedule", "memory_embeddings", "query_embeddings", "memory_vector_indexes")


@pytest.fixture
def changed(change: Change) -> Change:
    """Recall uses the new model; the old one has jobs, vectors and cached queries."""
    change.add()
    change.do("backfill", "new", "--no-wait")
    change.embed()
    change.check_recall(by=change.old)
    change.do("switch", "new")
    change.database.remember(change.owner_id, "written last")
    change.texts.append("written last")
    return change


def step(change: Change, progress: Any = None, pages: int = 500) -> dict[str, Any]:
    """Take one step, in a transaction of its own."""
    done: dict[str, Any] = change.database.administer(
        "drop_embedding_model(%s, %s, %s)", "old", progress and Jsonb(progress), pages
    )
    return done


def finish(change: Change, progress: dict[str, Any], seconds: float = 15) -> dict[str, Any]:
    """Take steps until nothing is left to do."""
    end = time.monotonic() + seconds
    while progress["state"] != "dropped":
        assert time.monotonic() < end, progress
        progress = step(change, progress)
    return progress


def check_gone(change: Change) -> None:
    """Nothing of the old model is left, and everything of the new one."""
    with change.database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.embedding_models") == 1
        for table in TABLES:
            left = value(
                db,
                f"select count(*) from memoriesdb.{table} as t where not exists "
                "(select from memoriesdb.embedding_models as m where m.id = t.model_id)",
            )
            assert left == 0, table
    change.embed()
    assert change.rows("memory_embeddings", "new") == len(change.texts)
    change.check_recall(by=change.new)


def test_a_dropped_model_leaves_nothing(changed: Change) -> None:
    for table in TABLES[:3]:
        assert changed.rows(table, "old") > 0, table
    said = changed.do("drop", "old", "--yes")
    assert "4 of memory_embeddings" in said
    check_gone(changed)
    assert "MD510" in changed.run("drop", "old", "--yes").output


def test_what_is_being_dropped_takes_nothing_more(changed: Change) -> None:
    """Neither a vector of a user's own nor a worker's time."""
    put = (
        "select count(*) from memoriesdb.put_embeddings((select array_agg(id) from w), %s, "
        "(select array_agg(embedding_text_hash) from w), array[%s::vector])"
    )
    mine = "with w as (select * from memoriesdb.memories where content = 'written last') "
    progress = step(changed)
    assert progress["state"] != "dropped"
    with changed.database.acting(changed.owner_id) as db:
        error = refused(db, mine + put, "old", "[1,1,1,1]")
        assert error.sqlstate == "MD110"
    with changed.database.connect("worker") as worker:
        claim = "select model from memoriesdb.claim_embeddings('w', 100)"
        assert {row[0] for row in worker.execute(claim)} == {"new"}
    with changed.database.acting(changed.owner_id) as db:
        assert value(db, mine + put, "new", str([1] * 8)) == 1
    finish(changed, progress)


def test_the_active_model_is_not_dropped(changed: Change) -> None:
    result = changed.run("drop", "new", "--yes")
    assert result.exit_code == 1
    assert "MD512" in result.output
    assert changed.rows("memory_embeddings", "new") == 4
    assert "nothing was removed" in changed.run("drop", "old", said="n\n").output
    assert changed.rows("memory_embeddings", "old") == 4


def test_what_is_written_shared_and_given_away_meanwhile_is_nothing_to_it(
    changed: Change, bob: UUID
) -> None:
    progress = step(changed)
    assert changed.do("list").count("half dropped") == 1
    place = 0
    while progress["table"]:
        progress = step(changed, progress, 1)
        place += 1
        changed.texts.append(f"written at step {place}")
        memory_id = changed.database.remember(changed.owner_id, changed.texts[-1])
        given = changed.database.remember(changed.owner_id, "given away")
        with changed.database.acting(changed.owner_id) as db:
            db.execute("update memoriesdb.memories set importance = 1 where id = %s", (memory_id,))
            db.execute("select memoriesdb.transfer(%s, %s)", (given, bob))
        changed.check_recall()
    assert place >= 3
    finish(changed, progress)
    with changed.database.acting(bob) as db:
        db.execute("delete from memoriesdb.memories")
    check_gone(changed)


def test_a_writer_who_saw_the_model_is_waited_for_and_does_not_wait(changed: Change) -> None:
    with changed.database.acting(changed.owner_id, pooled=False) as writer:
        writer.execute("select memoriesdb.remember('written before')")
        progress = step(changed)
        for _ in range(6):
            progress = step(changed, progress)
        assert progress["state"] == "waiting"
        changed.check_recall()
        changed.database.remember(changed.owner_id, "by another one")
        changed.texts += ["by another one", "written before"]
    finish(changed, progress)
    check_gone(changed)


def test_a_worker_that_has_a_job_of_it_is_refused(changed: Change) -> None:
    with changed.database.connect("worker") as db:
        jobs = db.execute(
            "select job_id, lease_token, text_hash, dimensions "
            "from memoriesdb.claim_embeddings('late', 100)"
        ).fetchall()
        db.commit()
        assert sorted(job[3] for job in jobs) == [4, 8]
        finish(changed, step(changed))
        outcomes = {
            dimensions: value(
                db,
                "select outcome from memoriesdb.complete_embeddings('late', array[%s::bigint], "
                "array[%s::bigint], array[%s::bytea], array[%s::vector])",
                *(job_id, token, text_hash, str([1.5] * dimensions)),
            )
            for job_id, token, text_hash, dimensions in jobs
        }
    assert outcomes == {4: "refused", 8: "stored"}
    assert changed.rows("memory_embeddings", "new") == 5


def test_a_killed_drop_is_resumed(changed: Change) -> None:
    command = [sys.executable, "-m", "memoriesdb", "model", "drop", "old", "--yes"]
    with changed.database.acting(changed.owner_id, pooled=False) as writer:
        # As long as this is open, the drop waits at its end.
        writer.execute("select memoriesdb.remember('holds it up')")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ}) as process:
            end = time.monotonic() + 20
            while changed.rows("memory_embeddings", "old"):
                assert time.monotonic() < end
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        writer.rollback()
    assert "half dropped" in changed.do("list")
    changed.do("drop", "old", "--yes")
    check_gone(changed)


def test_a_half_dropped_model_that_is_added_again_is_whole_again(changed: Change) -> None:
    progress = step(changed)
    progress = step(changed, step(changed, progress))
    assert changed.rows("memory_embeddings", "old") == 0
    changed.do("add", "old", "--endpoint", changed.old.url, "--dimensions", "4")
    with pytest.raises(psycopg.Error) as caught:
        step(changed, progress)
    assert caught.value.sqlstate == "MD512"
    changed.do("backfill", "old", "--no-wait")
    changed.embed()
    changed.do("switch", "old")
    changed.check_recall(by=changed.old)


def test_made_up_progress_is_refused(changed: Change) -> None:
    step(changed)
    for progress in ({"table": "users", "page": 0}, {"table": "embedding_schedule"}):
        with pytest.raises(psycopg.Error) as caught:
            step(changed, progress)
        assert caught.value.sqlstate == "MD110"


def test_a_model_without_anything_is_dropped(database: Database, old: Endpoint) -> None:
    register(database, old.url, "old", activate=False)
    progress = database.administer("drop_embedding_model('old')")
    while progress["state"] != "dropped":
        progress = database.administer("drop_embedding_model('old', %s)", Jsonb(progress))
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.embedding_models") == 0
