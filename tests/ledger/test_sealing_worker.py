"""`memoriesdb worker sealing` as a process: it seals, keeps digests, and says what holds it up."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from acting import Database
from ledger.outside import unguarded
from memoriesdb.cluster.ports import free_port
from memoriesdb.ledger import Kept, Report, Tables, Verifier
from memoriesdb.ledger.digest import generate_key, load_public_key, read_digests
from queues.support import Start, run_once, until, worker_processes

UNSEALED = (
    "select count(*) from memoriesdb.audit_log as a where not exists (select from "
    "memoriesdb.ledger_blocks as b where b.incarnation = a.incarnation "
    "and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id))"
)


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    with worker_processes(database) as starter:
        yield starter


def number(database: Database, query: str) -> int:
    row = database.superuser().execute(query).fetchone()
    assert row is not None
    return int(row[0])


def verify(database: Database, kept: list[Kept] | None = None) -> Report:
    auditor = database.connect("auditor", autocommit=True)
    return Verifier(Tables(auditor), kept=kept or []).run()


def events(log: str) -> list[str]:
    return [json.loads(line)["event"] for line in log.splitlines() if line.startswith("{")]


def test_once_seals_all_and_keeps_a_signed_digest(
    database: Database, alice: UUID, start: Start, tmp_path: Path
) -> None:
    database.remember(alice, "to be sealed")
    digests, key = tmp_path / "d.jsonl", tmp_path / "k.pem"
    public = load_public_key(generate_key(key))
    code, log = run_once(start, "sealing", digest_file=digests, digest_key_file=key)
    assert (code, number(database, UNSEALED)) == (0, 0), log
    kept = read_digests(digests)
    assert [each.signature_problem(public) for each in kept] == [None]
    report = verify(database, kept)
    assert (report.problems, report.digests_agreed) == ([], 1)
    assert report.head == kept[0].digest
    assert run_once(start, "sealing", digest_file=digests, digest_key_file=key)[0] == 0
    assert len(read_digests(digests)) == 1, "nothing is new"


def test_while_it_runs_it_seals_what_is_written_and_stops_cleanly(
    database: Database, alice: UUID, start: Start, tmp_path: Path
) -> None:
    port, digests = free_port(), tmp_path / "d.jsonl"
    worker = start(
        "sealing", metrics_port=port, seal_interval_seconds=0.1, heartbeat_seconds=0.1,
        digest_file=digests, digest_interval_seconds=1, worker_name="sealer",
    )  # fmt: skip
    for each in range(5):
        database.remember(alice, f"memory {each}")
        until(lambda: number(database, UNSEALED) == 0)
    until(lambda: digests.exists() and len(read_digests(digests)) >= 2)
    sealed = number(database, "select sum(entry_count) from memoriesdb.ledger_blocks")

    def metrics() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    until(lambda: f"memoriesdb_ledger_sealed_entries {float(sealed)}" in metrics())
    shown = metrics()
    assert "memoriesdb_ledger_unsealed_entries 0.0" in shown
    assert "memoriesdb_ledger_lag_seconds 0.0" in shown
    assert "memoriesdb_ledger_last_digest_timestamp_seconds 0.0" not in shown
    worker.send_signal(signal.SIGTERM)
    _, log = worker.communicate(timeout=60)
    assert (worker.returncode, events(log)[-1]) == (0, "stopped")
    row = database.superuser().execute(
        "select state, jobs_done from memoriesdb.worker_heartbeats where worker = 'sealer'"
    ).fetchone()  # fmt: skip
    assert row == ("stopped", sealed)
    assert verify(database, read_digests(digests)).problems == []


def test_two_at_once_and_one_killed_lose_nothing(
    database: Database, alice: UUID, start: Start
) -> None:
    workers = [start("sealing", seal_interval_seconds=0) for _ in range(2)]
    for each in range(30):
        database.remember(alice, f"memory {each}")
        if each == 15:
            workers[0].kill()
    until(lambda: number(database, UNSEALED) == 0)
    report = verify(database)
    assert report.problems == []
    assert report.entries == number(database, "select count(*) from memoriesdb.audit_log")


def test_a_writer_in_another_database_is_named_and_caught_up_with(
    database: Database, alice: UUID, start: Start
) -> None:
    other = psycopg.connect(database.cluster.superuser_dsn, application_name="the idle one")
    with other:
        other.execute("select pg_current_xact_id()")
        database.remember(alice, "held up")
        worker = start("sealing", seal_lag_alarm_seconds=0.2, heartbeat_seconds=0.2)
        time.sleep(2)
        assert number(database, UNSEALED) > 0
    until(lambda: number(database, UNSEALED) == 0)
    worker.send_signal(signal.SIGTERM)
    _, log = worker.communicate(timeout=60)
    said = [json.loads(line) for line in log.splitlines()]
    (first, *_) = [line for line in said if line["event"] == "sealing is held up"]
    assert first["blocking_application"] == "the idle one"
    assert first["blocking_database"] == "postgres"
    assert first["blocking_pid"] is not None
    assert verify(database).problems == []


def test_a_digest_that_contradicts_the_kept_one_is_an_alarm(
    database: Database, alice: UUID, start: Start, tmp_path: Path
) -> None:
    digests = tmp_path / "d.jsonl"
    for each in range(2):
        database.remember(alice, f"memory {each}")
        assert run_once(start, "sealing", digest_file=digests)[0] == 0
    before = digests.read_bytes()
    db = database.connect("superuser")
    with unguarded(db):
        db.execute("update memoriesdb.ledger_blocks set hash = sha256(hash) where block_no = 2")
    db.commit()
    code, log = run_once(start, "sealing", digest_file=digests)
    assert (code, "THE LEDGER CONTRADICTS A KEPT DIGEST" in events(log)) == (1, True)
    assert digests.read_bytes() == before


def test_a_command_gets_each_new_digest(
    database: Database, alice: UUID, start: Start, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    start("sealing", digest_command=f"tee -a {given}", digest_interval_seconds=1,
          seal_interval_seconds=0.1)  # fmt: skip
    database.remember(alice, "one")
    until(lambda: given.exists() and len(given.read_text().splitlines()) >= 1)
    database.remember(alice, "two")
    count = len(given.read_text().splitlines())
    until(lambda: len(given.read_text().splitlines()) > count)
    kept = read_digests(given)
    numbers = [each.digest.block_no for each in kept]
    assert numbers == sorted(set(numbers)), "each is given once"
    assert verify(database, kept).problems == []


@pytest.mark.parametrize(
    "settings",
    [{"digest_command": "false"}, {"digest_file": "/proc/nowhere/digests"}],
    ids=["command", "file"],
)
def test_a_digest_that_cannot_be_kept_is_told_and_sealing_goes_on(
    database: Database, alice: UUID, start: Start, settings: dict[str, str]
) -> None:
    database.remember(alice, "sealed all the same")
    code, log = run_once(start, "sealing", **settings)
    assert (code, "digest not kept" in events(log)) == (1, True)
    assert number(database, UNSEALED) == 0


def test_a_key_that_is_none_is_a_wrong_setting(start: Start, tmp_path: Path) -> None:
    for name in ("garbage", "nowhere"):
        (tmp_path / "garbage").write_text("no key")
        code, log = run_once(start, "sealing", digest_key_file=tmp_path / name)
        assert (code, "digest_key_file" in log, "Traceback" in log) == (2, True, False)


def test_old_entries_of_the_access_log_are_removed(
    database: Database, alice: UUID, start: Start
) -> None:
    database.remember(alice, "to be recalled")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.recall('recalled')")
    superuser = database.connect("superuser")
    superuser.execute("alter table memoriesdb.access_log disable trigger all")
    superuser.execute("update memoriesdb.access_log set at = at - interval '1000 days'")
    superuser.execute("alter table memoriesdb.access_log enable trigger all")
    superuser.commit()
    logged = "select count(*) from memoriesdb.access_log"
    assert number(database, logged) > 0
    with database.connect("admin", pooled=False) as db:
        db.execute("select memoriesdb.set_setting('access_log_retention_days', '30')")
    assert run_once(start, "sealing")[0] == 0
    assert number(database, logged) == 0
