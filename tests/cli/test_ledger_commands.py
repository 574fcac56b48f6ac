"""`memoriesdb ledger …`: what the commands print, keep, and end with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from acting import Database
from ledger.outside import unguarded
from memoriesdb.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call `memoriesdb ledger` in this process, as the auditor."""
    monkeypatch.setenv("MEMORIESDB_AUDITOR_DSN", database.dsn("auditor"))

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["ledger", *map(str, arguments)])

    return call


@pytest.fixture
def sealed(database: Database, alice: UUID) -> Database:
    for number in range(5):
        database.remember(alice, f"memory {number}")
        database.superuser().execute("select memoriesdb.seal_ledger()")
    return database


def tamper(database: Database, statement: str) -> int:
    """Edit the log behind the triggers; return the entry's number."""
    db = database.connect("superuser")
    with unguarded(db):
        row = db.execute(f"{statement} returning audit_id").fetchone()
    db.commit()
    assert row is not None
    return int(row[0])


EDIT = (
    "update memoriesdb.audit_log set user_id = gen_random_uuid() where audit_id = "
    "(select high_audit_id from memoriesdb.ledger_blocks where block_no = 3)"
)


def test_a_day_of_an_auditor(sealed: Database, run: Run, tmp_path: Path) -> None:
    key, digests, proof = (tmp_path / name for name in ("k.pem", "d.jsonl", "p.json"))
    public = run("keygen", key)
    assert public.exit_code == 0
    assert (tmp_path / "k.pem.pub").read_text() == public.stdout
    kept = run("digest", "--sign", key, "--to", digests)
    assert (kept.exit_code, "kept in" in kept.output) == (0, True)
    assert "last one already" in run("digest", "--sign", key, "--to", digests).output
    signed = ("--digest", digests, "--public-key", f"{key}.pub")
    fine = run("verify", *signed)
    assert (fine.exit_code, "is intact" in fine.output) == (0, True), fine.output
    assert "agrees with 1 kept" in fine.output
    made = run("proof", 3, "--digest", digests, "--out", proof)
    assert made.exit_code == 0
    assert run("check-proof", proof, *signed).exit_code == 0
    audit_id = tamper(sealed, EDIT)
    found = run("verify", *signed)
    assert (found.exit_code, f"block 3, entry {audit_id}" in found.output) == (1, True)
    as_json = json.loads(run("verify", "--json").stdout)
    assert as_json["verdict"] == "tampered"
    assert as_json["problems"][0]["audit_id"] == audit_id
    assert run("check-proof", proof, *signed).exit_code == 0, "it needs no database"


def test_the_digest_is_printed_and_given_to_commands(
    sealed: Database, run: Run, tmp_path: Path
) -> None:
    shown = run("digest")
    assert (shown.exit_code, "block 5" in shown.output) == (0, True)
    as_json = json.loads(run("digest", "--json").stdout)["digest"]
    row = sealed.superuser().execute("select memoriesdb.ledger_digest()").fetchone()
    assert row is not None
    assert as_json == row[0]
    given = tmp_path / "given"
    assert run("digest", "--to-command", f"tee {given}").exit_code == 0
    assert json.loads(given.read_text())["digest"] == as_json
    assert run("digest", "--to-command", "false").exit_code == 3


def test_a_digest_of_a_rewritten_ledger_is_not_kept(
    sealed: Database, run: Run, tmp_path: Path
) -> None:
    digests = tmp_path / "d.jsonl"
    assert run("digest", "--to", digests).exit_code == 0
    before = digests.read_bytes()
    db = sealed.connect("superuser")
    with unguarded(db):
        db.execute("delete from memoriesdb.ledger_blocks where block_no > 3")
    db.commit()
    for command in (("digest", "--to", digests), ("watch", "--to", digests, "--once")):
        result = run(*command)
        assert (result.exit_code, "TAMPERED" in result.output) == (1, True)
    assert digests.read_bytes() == before


def test_watch_goes_on_from_the_last_digest(
    sealed: Database, alice: UUID, run: Run, tmp_path: Path
) -> None:
    digests = tmp_path / "d.jsonl"
    assert run("watch", "--to", digests, "--once").exit_code == 0
    assert run("watch", "--to", digests, "--once").stdout == "", "nothing is new"
    sealed.remember(alice, "one more")
    sealed.superuser().execute("select memoriesdb.seal_ledger()")
    assert run("watch", "--to", digests, "--once").exit_code == 0
    assert len(digests.read_text().splitlines()) == 2
    tamper(sealed, EDIT.replace("block_no = 3", "block_no = 6"))
    result = run("watch", "--to", digests, "--once")
    assert (result.exit_code, "block 6" in result.stderr) == (1, True)


def test_watch_alarms_while_it_runs_and_ends_at_ctrl_c(
    sealed: Database, alice: UUID, tmp_path: Path
) -> None:
    digests = tmp_path / "d.jsonl"
    command = [sys.executable, "-m", "memoriesdb", "ledger", "watch", "--interval", "0.1"]
    environment = {**os.environ, "MEMORIESDB_AUDITOR_DSN": sealed.dsn("auditor")}
    for is_tampered in (False, True):
        with subprocess.Popen(
            [*command, "--to", str(digests)], env=environment, stderr=subprocess.PIPE, text=True
        ) as process:
            _wait_until(digests.exists)
            if is_tampered:
                sealed.remember(alice, "one more")
                db = sealed.connect("superuser")
                with unguarded(db):
                    db.execute("delete from memoriesdb.ledger_blocks where block_no = 5")
                db.commit()
            else:
                process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[1]
        assert process.returncode == (1 if is_tampered else 130)
        assert ("TAMPERED" in said) == is_tampered
        assert "Traceback" not in said


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_wrong_usage_ends_with_2_and_what_is_away_with_3(
    sealed: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbage, empty = tmp_path / "garbage", tmp_path / "empty"
    garbage.write_text("x")
    empty.write_text("")
    good = tmp_path / "d.jsonl"
    run("digest", "--to", good)
    for words in (
        ("verify", "--digest", tmp_path / "nowhere"),
        ("verify", "--digest", garbage),
        ("verify", "--digest", empty),
        ("verify", "--public-key", "AAAA", "--digest", good),
        ("verify", "--public-key", "A" * 43 + "="),
        ("verify", "--dsn", ""),
        ("verify", "--dsn", "no such thing"),
        ("proof", "x"),
        ("check-proof", garbage),
        ("digest", "--to", garbage),
    ):
        result = run(*words)
        assert result.exit_code == 2, (words, result.output)
    assert run("check-proof", garbage, "--digest", good).exit_code == 1
    assert run("digest", "--sign", garbage).exit_code == 3
    assert run("proof", 999999).exit_code == 3
    assert run("keygen", good).exit_code == 3
    app_dsn = sealed.dsn("app")
    as_app = run("verify", "--dsn", app_dsn)
    assert (as_app.exit_code, "memoriesdb_auditor" in as_app.output) == (3, True)
    away = run("verify", "--dsn", "postgresql://x@127.0.0.1:9/x")
    assert away.exit_code == 3
    assert run("verify", "--dsn", sealed.cluster.superuser_dsn).exit_code == 3
    monkeypatch.setenv("MEMORIESDB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MEMORIESDB_AUDITOR_DSN")
    assert run("verify").exit_code == 3


@pytest.mark.parametrize(
    "command", ["digest", "keygen", "verify", "proof", "check-proof", "watch", "archive"]
)
def test_help_names_the_exit_codes_and_an_example(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Exit code" in result.output
    assert "Example" in result.output
