"""From one model to the next and back, while recall goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

import memoriesdb
from memoriesdb.encryption import Encryption, Keyring
from memoriesdb.encryption.manage import add_key
from models.support import Change, value
from queues.endpoint import vector_of
from queues.support import set_setting, worker_processes


def test_recall_is_never_empty_from_the_first_step_to_the_last(change: Change) -> None:
    change.check_recall(by=change.old)
    change.add()
    change.check_recall(by=change.old)
    change.check_recall("new")
    change.database.remember(change.owner_id, "written meanwhile")
    change.texts.append("written meanwhile")
    assert [change.rows("embedding_schedule", name) for name in ("old", "new")] == [1, 1]
    change.check_recall()
    change.do("backfill", "new", "--no-wait")
    change.check_recall()
    change.embed(3)
    change.check_recall()
    change.check_recall("new")
    change.embed()
    change.check_recall(by=change.old)
    change.check_recall("new", by=change.new)
    assert "switch" in change.do("status", "new")
    assert "memoriesdb model switch old" in change.do("switch", "new")
    change.check_recall(by=change.new)
    change.check_recall("old", by=change.old)
    change.do("switch", "old")
    change.check_recall(by=change.old)
    change.do("switch", "new")
    change.do("drop", "old", "--yes")
    change.check_recall(by=change.new)


def test_a_backfill_by_real_workers_is_watched_to_its_end(change: Change) -> None:
    change.add()
    with worker_processes(change.database) as start:
        worker = start("embedding")
        said = change.do("backfill", "new")
        assert "4 of 4 memories have their vector" in said
        assert "memoriesdb model switch new" in said
        worker.terminate()
        assert worker.wait(10) == 0
    change.do("switch", "new")
    change.check_recall(by=change.new)


def test_a_switch_is_refused_while_vectors_are_missing(change: Change) -> None:
    change.add()
    result = change.run("switch", "new")
    assert result.exit_code == 1
    assert "MD511" in result.output
    assert "4 have no vector" in result.output
    assert "--force" in result.output
    change.do("backfill", "new", "--no-wait")
    change.embed(3)
    assert change.run("switch", "new").exit_code == 1
    assert change.active() == "old"
    # One of four is missing.
    change.do("switch", "new", "--max-missing", "0.25")
    change.do("switch", "old")
    change.do("switch", "new", "--force")
    assert change.active() == "new"
    # Found by its words, until its vector is there.
    change.check_recall()
    with change.database.acting(change.owner_id) as db:
        states = db.execute(
            "select embedding_state from memoriesdb.recall('heron boat tea rain')"
        ).fetchall()
    assert sorted(state for (state,) in states) == ["pending", "ready", "ready", "ready"]
    assert change.do("switch", "old").startswith("Recall uses old.")
    change.check_recall(by=change.old)


def test_a_switch_and_the_way_back_are_one_transaction_each(change: Change) -> None:
    change.add()
    change.do("backfill", "new", "--no-wait")
    change.embed()
    switch = "select memoriesdb.switch_embedding_model(%s)"
    with psycopg.connect(change.database.dsn("admin"), prepare_threshold=None) as db:
        assert value(db, switch, "new") == "old"
        change.check_recall(by=change.old)
        db.rollback()
        change.check_recall(by=change.old)
        assert value(db, switch, "new") == "old"
        db.commit()
        change.check_recall(by=change.new)
        assert value(db, switch, "old") == "new"
        assert value(db, switch, "new") == "old"
        db.commit()
    change.check_recall(by=change.new)
    assert "already" in change.do("switch", "new")


def test_two_switches_at_once_leave_one_active_model(change: Change) -> None:
    change.add()
    change.do("switch", "new", "--force")
    outputs: list[str] = []
    with psycopg.connect(change.database.dsn("admin"), prepare_threshold=None) as first:
        value(first, "select memoriesdb.switch_embedding_model('old')")
        second = threading.Thread(
            target=lambda: outputs.append(change.run("switch", "new", "--force").output)
        )
        second.start()
        time.sleep(0.2)
        first.commit()
        second.join(10)
    assert "Recall uses new." in outputs[0]
    assert change.active() == "new"


def test_a_recall_that_a_switch_overtakes_ends_by_the_model_it_began_with(change: Change) -> None:
    change.add()
    change.do("backfill", "new", "--no-wait")
    change.embed()
    set_setting(change.database, "embed_query_timeout_seconds", "20")
    change.old.hold()
    found: list[Any] = []

    def ask() -> None:
        with change.database.acting(change.owner_id) as db:
            found.extend(
                db.execute("select content, vector_rank from memoriesdb.recall('rain again')")
            )

    recall = threading.Thread(target=ask)
    recall.start()
    assert change.old.arrived.wait(10)
    change.do("switch", "new")
    change.old.may_answer.set()
    recall.join(10)
    assert found[0] == ("rain again", 1)
    assert change.new.texts == []


def test_recalls_find_everything_by_meaning_while_models_take_turns(change: Change) -> None:
    change.add()
    change.do("backfill", "new", "--no-wait")
    change.embed()
    set_setting(change.database, "embed_query_timeout_seconds", "20")
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set() or asked < 20:
            for text in change.texts:
                with change.database.acting(change.owner_id) as db:
                    found = db.execute(
                        "select content, vector_rank from memoriesdb.recall(%s)", (text,)
                    ).fetchall()
                assert found[0] == (text, 1)
                asked += 1
        return asked

    with ThreadPoolExecutor(3) as pool:
        recalls = [pool.submit(ask) for _ in range(3)]
        try:
            for turn in range(30):
                to = ("new", "old")[turn % 2]
                change.database.administer("switch_embedding_model(%s)", to)
        finally:
            done.set()
        assert all(recall.result(60) >= 20 for recall in recalls)
    assert change.old.texts
    assert change.new.texts


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_backfill_that_is_broken_off_is_resumed(change: Change, how: signal.Signals) -> None:
    with change.database.acting(change.owner_id) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'number ' || n from generate_series(1, 400) as n"
        )
    change.database.superuser().execute("delete from memoriesdb.embedding_schedule")
    change.add()
    command = [sys.executable, "-m", "memoriesdb", "model", "backfill", "new", "--batch", "1"]
    with (
        change.database.superuser() as db,
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process,
    ):
        queued = "select count(*) from memoriesdb.embedding_schedule"
        while value(db, queued) < 20:
            assert process.poll() is None
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
        assert 20 <= value(db, queued) < 404
    if how == signal.SIGINT:
        assert process.returncode == 130, said
        assert "run it again" in said
    change.embed(50)
    change.do("backfill", "new", "--no-wait", "--batch", "100")
    jobs = change.rows("embedding_schedule", "new")
    vectors = change.rows("memory_embeddings", "new")
    assert jobs + vectors == 404
    with change.database.superuser() as db:
        assert value(db, "select min(priority) from memoriesdb.embedding_schedule") == 100
        assert value(
            db, "select count(distinct memory_id) from memoriesdb.embedding_schedule"
        ) == jobs  # fmt: skip


def test_a_memory_that_is_being_changed_is_not_waited_for(change: Change) -> None:
    change.add()
    with change.database.acting(change.owner_id, pooled=False) as writer:
        writer.execute(
            "update memoriesdb.memories set content = 'rain no more' where content = 'rain again'"
        )
        change.texts[-1] = "rain no more"
        with psycopg.connect(change.database.dsn("admin"), prepare_threshold=None) as db:
            db.execute("set local statement_timeout = '3s'")
            row = db.execute("select seen, queued from memoriesdb.queue_backfill('new')").fetchone()
        assert row == (4, 3)
    assert change.rows("embedding_schedule", "new") == 4
    change.embed()
    change.do("switch", "new")
    change.check_recall(by=change.new)


def test_status_and_list_tell_what_comes_next(change: Change) -> None:
    change.add()

    def states() -> list[tuple[str, int, str]]:
        told = json.loads(change.do("status", "--json"))
        return [(each["model"], each["missing"], each["next_step"]) for each in told]

    assert states() == [("old", 0, "none"), ("new", 4, "backfill")]
    change.do("backfill", "new", "--no-wait")
    assert states()[1] == ("new", 4, "wait for the embedding worker")
    change.embed()
    assert states()[1] == ("new", 0, "switch")
    assert [each["name"] for each in json.loads(change.do("list", "--json"))] == ["old", "new"]
    assert "beside it" in change.do("list")
    assert change.run("status", "nobody").exit_code == 1
    assert "MD510" in change.run("backfill", "nobody").output


def test_an_encrypted_memorys_vector_is_not_lost_in_a_switch(
    change: Change, tmp_path: Path
) -> None:
    """Words do not find it: its owner gives a vector by the new model first."""
    encryption = Encryption(Keyring.create(tmp_path / "keyring.json"))
    with memoriesdb.connect(change.database.dsn("app"), encryption=encryption) as client:
        with client.as_user(change.owner_id) as me:
            add_key(me, encryption)
            memory_id = me.remember("a secret")
            me.put_embedding(memory_id, vector_of("a question", 4))
        change.add()
        change.do("backfill", "new", "--no-wait")
        change.embed()
        refusal = change.run("switch", "new").output
        assert "Of 5 memories 1 have no vector" in refusal
        assert "1 encrypted memories" in change.do("status", "new")
        with client.as_user(change.owner_id) as me:
            me.use_embedding_model("new")
            me.put_embedding(memory_id, vector_of("a question", 8))
        change.do("switch", "new")
        with client.as_user(change.owner_id) as me:
            assert me.recall("a question")[0].memory_id == memory_id
            me.use_embedding_model("old")
            assert me.recall("a question")[0].memory_id == memory_id
