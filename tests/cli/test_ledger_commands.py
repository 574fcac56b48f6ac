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

import psycopg
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


def test_wrong_input_ends_with_2_and_one_line(
    sealed: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", sealed.dsn("admin"))
    garbage, empty, away = (tmp_path / name for name in ("garbage", "empty", "away"))
    garbage.write_text("x")
    empty.write_text("")
    good, proof, key = (tmp_path / name for name in ("d.jsonl", "p.json", "k.pem"))
    for words in (
        ("digest", "--to", good),
        ("proof", 3, "--digest", good, "--out", proof),
        ("keygen", key),
    ):
        assert run(*words).exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    wrong: list[tuple[object, ...]] = [
        ("verify", "--digest", away),
        ("verify", "--digest", tmp_path),
        ("verify", "--digest", garbage),
        ("verify", "--digest", empty),
        ("verify", "--public-key", "AAAA", "--digest", good),
        ("verify", "--public-key", garbage, "--digest", good),
        ("verify", "--public-key", "A" * 43 + "="),
        ("verify", "--archive", away),
        ("verify", "--archive", garbage),
        ("verify", "--archive", proof),
        ("verify", "--archive", tmp_path),
        ("verify", "--dsn", ""),
        ("verify", "--dsn", "no such thing"),
        ("proof", 3, "--digest", garbage),
        ("proof", 3, "--digest", away),
        ("proof", 3, "--archive", away),
        ("proof", 3, "--out", proof),
        ("proof", 3, "--out", away / "p.json"),
        ("proof", 3, "--out", tmp_path, "--force"),
        ("proof", 999999),
        ("check-proof", garbage, "--digest", good),
        ("check-proof", good, "--digest", good),
        ("check-proof", away, "--digest", good),
        ("check-proof", proof, "--digest", away),
        ("check-proof", proof, "--digest", proof),
        ("check-proof", proof, "--digest", good, "--public-key", "AAAA"),
        ("digest", "--to", garbage),
        ("digest", "--to", away / "d.jsonl"),
        ("digest", "--to", tmp_path),
        ("digest", "--sign", garbage),
        ("digest", "--sign", away),
        ("digest", "--to-command", "'"),
        ("keygen", key),
        ("keygen", good),
        ("keygen", away / "k.pem"),
        ("watch", "--once", "--to", garbage),
        ("watch", "--once", "--to", good, "--sign", away),
        ("archive", 7, "--to", away),
        ("archive", 0, "--to", good),
        ("archive", 0, "--to", away / "a.jsonl"),
    ]
    for given in wrong:
        result = run(*given)
        assert (result.exit_code, result.stdout) == (2, ""), (given, result.output)
        message, hint = result.stderr.splitlines()
        assert hint.startswith("  what to do next: "), (given, message)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_wrong_usage_ends_with_2(run: Run) -> None:
    for words in (("proof", "x"), ("check-proof", "p.json"), ("archive", -1), ("nonsense",)):
        assert run(*words).exit_code == 2


def test_a_proof_is_written_over_only_by_force(sealed: Database, run: Run, tmp_path: Path) -> None:
    proof = tmp_path / "p.json"
    proof.write_text("of value")
    refused = run("proof", 3, "--out", proof)
    assert (refused.exit_code, "--force" in refused.stderr) == (2, True)
    assert proof.read_text() == "of value"
    assert run("proof", 3, "--out", proof, "--force").exit_code == 0
    assert json.loads(proof.read_text())["entry"]["audit_id"] == 3


def test_a_proof_that_does_not_hold_ends_with_1(sealed: Database, run: Run, tmp_path: Path) -> None:
    digests, proof = tmp_path / "d.jsonl", tmp_path / "p.json"
    assert run("digest", "--to", digests).exit_code == 0
    assert run("proof", 3, "--digest", digests, "--out", proof).exit_code == 0
    text = proof.read_text()
    assert run("check-proof", proof, "--digest", digests).exit_code == 0
    content = json.loads(text)
    for wrong in (
        {**content, "index": content["index"] + 1},
        {**content, "version": 2},
        {**content, "more": 1},
        {**content, "entry": {**content["entry"], "login": "x"}},
    ):
        proof.write_text(json.dumps(wrong))
        assert run("check-proof", proof, "--digest", digests).exit_code == 1
    tamper(sealed, EDIT)
    assert run("proof", 3, "--digest", digests).exit_code in {0, 1}
    entry = sealed.superuser().execute(
        "select high_audit_id from memoriesdb.ledger_blocks where block_no = 3"
    ).fetchone()  # fmt: skip
    assert run("proof", *(entry or ()), "--digest", digests).exit_code == 1


def test_what_is_away_or_hidden_ends_with_3(
    sealed: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_app = run("verify", "--dsn", sealed.dsn("app"))
    assert (as_app.exit_code, "memoriesdb_auditor" in as_app.output) == (3, True)
    assert run("verify", "--dsn", "postgresql://x@127.0.0.1:9/x").exit_code == 3
    assert run("digest", "--to-command", "false").exit_code == 3
    for words in (
        ("verify",),
        ("digest",),
        ("proof", 3),
        ("watch", "--once", "--to", tmp_path / "d"),
    ):
        bare = run(*words, "--dsn", sealed.cluster.superuser_dsn)
        assert (bare.exit_code, "memoriesdb install" in bare.stderr) == (3, True), bare.output
    sealed.remember(sealed.create_user("carol"), "not sealed yet")
    row = sealed.superuser().execute("select max(audit_id) from memoriesdb.audit_log").fetchone()
    waiting = run("proof", *(row or ()))
    assert (waiting.exit_code, "not sealed yet" in waiting.stderr) == (3, True)
    monkeypatch.setenv("MEMORIESDB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MEMORIESDB_AUDITOR_DSN")
    assert run("verify").exit_code == 3


def wait_for_hours(database: Database, alice: UUID, hours: int) -> None:
    """Write an entry that is not sealed, and has waited since then."""
    database.remember(alice, "not sealed")
    tamper(
        database,
        f"update memoriesdb.audit_log set at = at - interval '{hours} hours' "
        "where audit_id = (select max(audit_id) from memoriesdb.audit_log)",
    )


def test_a_ledger_that_is_not_sealed_in_time_is_not_complete(
    sealed: Database, alice: UUID, run: Run, tmp_path: Path
) -> None:
    digests = tmp_path / "d.jsonl"
    sealed.remember(alice, "waits, as each entry does for a second")
    assert run("verify").exit_code == 0
    assert run("digest", "--to", digests).stderr == ""
    wait_for_hours(sealed, alice, 2)
    late = run("verify", "--digest", digests)
    assert (late.exit_code, "NOT COMPLETE" in late.output) == (4, True), late.output
    assert "2 entries wait to be sealed, the oldest for 2:00:" in late.output
    assert "worker sealing" in late.output
    as_json = json.loads(run("verify", "--json").stdout)
    assert (as_json["verdict"], len(as_json["unproven"])) == ("incomplete", 1)
    kept = run("digest", "--to", digests)
    assert (kept.exit_code, "2 entries wait to be sealed" in kept.stderr) == (0, True)
    # For who allows more, it is fine, and 0 is for however long.
    for allowed in ("10000", "0"):
        assert run("verify", "--max-lag", allowed).exit_code == 0
        assert run("digest", "--max-lag", allowed).stderr == ""
    assert run("verify", "--max-lag", "-1").exit_code == 2
    sealed.superuser().execute("select memoriesdb.seal_ledger()")
    assert run("verify", "--digest", digests).exit_code == 0


def test_whose_transaction_makes_entries_wait_is_said(
    sealed: Database, alice: UUID, run: Run, tmp_path: Path
) -> None:
    with psycopg.connect(
        sealed.cluster.superuser_dsn, application_name="a forgotten psql"
    ) as elsewhere:
        elsewhere.execute("select pg_current_xact_id()")
        wait_for_hours(sealed, alice, 2)
        who = (
            f"for a transaction of postgres in {elsewhere.info.dbname} "
            f"(pid {elsewhere.info.backend_pid}, a forgotten psql)"
        )
        late = run("verify")
        assert (late.exit_code, who in late.output) == (4, True), late.output
        assert who in run("digest", "--to", tmp_path / "d.jsonl").stderr


def test_sealing_that_was_switched_off_in_its_row_is_late_all_the_same(
    sealed: Database, alice: UUID, run: Run, tmp_path: Path
) -> None:
    sealed.superuser().execute("update memoriesdb.ledger_state set sealed_below = 9e15::bigint")
    wait_for_hours(sealed, alice, 2)
    assert run("verify").exit_code == 4
    assert "1 entries wait" in run("digest", "--to", tmp_path / "d.jsonl").stderr
    tamper(
        sealed,
        "update memoriesdb.audit_log set xid = '9000000000000000000' "
        "where audit_id = (select max(audit_id) from memoriesdb.audit_log)",
    )
    found = run("verify")
    assert (found.exit_code, "can never be sealed" in found.output) == (1, True)


@pytest.mark.parametrize(
    "command", ["digest", "keygen", "verify", "proof", "check-proof", "watch", "archive"]
)
def test_help_names_the_exit_codes_and_an_example(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    words = " ".join(result.output.split())
    assert "Exit code 0" in words
    for code in (1, 2, 3, 4):
        assert f"; {code}: " in words
    assert "Example" in result.output
