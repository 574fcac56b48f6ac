"""`memoriesdb worker all` and the workers' protocol, as processes over a real database."""

import json
import signal
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import requests

from acting import Database
from memoriesdb.cluster.ports import free_port
from memoriesdb.workers.protocol import PROTOCOL
from queues.endpoint import Endpoint, endpoint
from queues.support import (
    Start,
    Worker,
    check_embedded,
    jobs_left,
    register,
    run_once,
    until,
    value,
    worker_processes,
)

DUTIES = ["embedding", "sealing", "vindexing"]
LEFT = """
select
  (select count(*) from memoriesdb.embedding_schedule)
  + (select count(*) from memoriesdb.search_schedule)
  + (select count(*) from memoriesdb.vindexing_schedule)
"""
UNSEALED = (
    "select count(*) from memoriesdb.audit_log as a where not exists (select from "
    "memoriesdb.ledger_blocks as b where b.incarnation = a.incarnation "
    "and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id))"
)


@pytest.fixture
def embedder() -> Iterator[Endpoint]:
    with endpoint() as opened:
        yield opened


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    with worker_processes(database) as started:
        yield started


def ask(database: Database, query: str) -> Any:
    with database.connect("superuser", autocommit=True) as db:
        return value(db, query)


def speak(database: Database, protocol: int) -> None:
    """Let the database speak another protocol, as after an upgrade."""
    database.superuser().execute(
        "create or replace function memoriesdb.worker_protocol() returns integer "
        f"language sql immutable set search_path = pg_catalog, pg_temp as 'select {protocol}'"
    )


def ended(worker: Worker) -> tuple[int, list[dict[str, Any]]]:
    _, log = worker.communicate(timeout=30)
    return worker.returncode, [json.loads(line) for line in log.splitlines() if line[:1] == "{"]


def write(database: Database, user_id: UUID, count: int) -> None:
    ids = [database.remember(user_id, f"memory {number}") for number in range(count)]
    with database.acting(user_id) as db:
        db.execute("select memoriesdb.link(%s, %s)", (ids[0], ids[1]))


def test_one_process_does_everything_and_stops_cleanly(
    database: Database, alice: UUID, embedder: Endpoint, start: Start
) -> None:
    register(database, embedder.url)
    port = free_port()
    worker = start("all", metrics_port=port, worker_name="small", heartbeat_seconds=0.2)
    # Beside it, a process of a single duty.
    start("embedding", worker_name="beside")
    write(database, alice, 5)
    until(lambda: ask(database, LEFT) == 0 and ask(database, UNSEALED) == 0)
    check_embedded(database)
    health = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=10)
    assert (health.status_code, sorted(health.json()["duties"])) == (200, DUTIES)
    metrics = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    for duty in DUTIES:
        assert f'memoriesdb_worker_info{{duty="{duty}"' in metrics
    assert "memoriesdb_ledger_blocks" in metrics
    embedder.hold()
    database.remember(alice, "in hand")
    database.remember(alice, "in hand as well")
    assert embedder.arrived.wait(10)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    embedder.may_answer.set()
    code, log = ended(worker)
    assert (code, time.monotonic() - began < 10) == (0, True)
    stopped = [line for line in log if line["event"] == "stopped"]
    assert sorted(line["duty"] for line in stopped) == DUTIES
    assert {line["reason"] for line in stopped} <= {
        "SIGTERM",
        *(f"{d} has stopped" for d in DUTIES),
    }
    rows = database.superuser().execute(
        "select duty, state from memoriesdb.worker_heartbeats where worker = 'small' order by duty"
    ).fetchall()  # fmt: skip
    assert rows == [(duty, "stopped") for duty in DUTIES]
    until(lambda: jobs_left(database) == 0)


def test_once_drains_every_queue_and_ends(
    database: Database, alice: UUID, embedder: Endpoint, start: Start
) -> None:
    register(database, embedder.url)
    write(database, alice, 40)
    code, log = run_once(start, "all", batch=8)
    assert code == 0, log
    assert (ask(database, LEFT), ask(database, UNSEALED)) == (0, 0)
    check_embedded(database)


def test_once_tells_that_a_provider_was_away(database: Database, alice: UUID, start: Start) -> None:
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "waits")
    code, log = run_once(start, "all")
    assert code == 1, log
    assert ask(database, "select attempts from memoriesdb.embedding_schedule") == 0


def test_a_failing_provider_is_shown_by_the_heartbeat(
    database: Database, alice: UUID, embedder: Endpoint, start: Start
) -> None:
    register(database, embedder.url)
    embedder.mode = "busy"
    database.remember(alice, "waits")
    start("embedding", worker_name="w", heartbeat_seconds=0.1)
    state = "select max(state) from memoriesdb.worker_heartbeats"
    until(lambda: ask(database, state) == "paused")
    embedder.mode = "works"
    until(lambda: jobs_left(database) == 0)
    check_embedded(database)
    until(lambda: ask(database, state) == "running")


def test_the_worker_speaks_the_databases_protocol(database: Database) -> None:
    worker = database.connect("worker")
    assert value(worker, "select memoriesdb.worker_protocol()") == PROTOCOL


@pytest.mark.parametrize("duty", ["all", "vindexing"])
def test_a_breaking_upgrade_stops_a_running_worker(
    database: Database, start: Start, duty: str
) -> None:
    worker = start(duty, heartbeat_seconds=0.1, worker_name="w")
    until(lambda: ask(database, "select count(*) from memoriesdb.worker_heartbeats"))
    speak(database, PROTOCOL + 1)
    code, log = ended(worker)
    assert code == 78
    said = [line for line in log if line["event"] == "this worker is too old for the database"]
    assert f"protocol {PROTOCOL} and the database {PROTOCOL + 1}" in said[0]["error"]
    assert "pip install --upgrade memoriesdb" in said[0]["hint"]


@pytest.mark.parametrize("older", ["another number", "from before there was one"])
def test_a_worker_that_is_newer_than_its_database_says_so(
    database: Database, start: Start, older: str
) -> None:
    if older == "another number":
        speak(database, PROTOCOL - 1)
    else:
        database.superuser().execute("drop function memoriesdb.worker_protocol()")
    code, log = ended(start("embedding"))
    assert code == 78
    said = [line for line in log if line["event"] == "this worker is too new for the database"]
    assert "memoriesdb upgrade" in said[0]["hint"]
    # It took no job and left no trace.
    assert ask(database, "select count(*) from memoriesdb.worker_heartbeats") == 0


def test_a_claim_leaves_out_what_is_paused_and_ahead_what_has_a_limit(
    database: Database, alice: UUID
) -> None:
    free, limited = (register(database, "http://127.0.0.1:9", name) for name in ("a", "b"))
    database.superuser().execute(
        "update memoriesdb.embedding_models set max_concurrency = 5 where id = %s", (limited,)
    )
    database.remember(alice, "text")
    worker = database.connect("worker", autocommit=True)

    def claim(paused: list[UUID], is_ahead: bool) -> list[tuple[Any, ...]]:
        return worker.execute(
            "select model_id from memoriesdb.claim_embeddings('w', 10, '1 min', %s, %s)",
            (paused, is_ahead),
        ).fetchall()

    assert claim([free, limited], False) == []
    assert claim([free], True) == []
    assert claim([], True) == [(free,)]
    assert claim([free], False) == [(limited,)]
