"""A partition goes into a file and out of the table, and the ledger is verified as before."""

from __future__ import annotations

import json
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
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("admin"))

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["ledger", *map(str, arguments)])

    return call


@pytest.fixture
def full(database: Database, alice: UUID) -> Database:
    """Two partitions, with a block on their border that has entries of both."""
    db = database.superuser()

    def seal() -> None:
        db.execute("select memoriesdb.seal_ledger(7)")
        while db.execute("select memoriesdb.seal_ledger(7)").fetchone() != (0,):
            pass

    for number in range(8):
        database.remember(alice, f"of the first partition {number}")
    seal()
    database.remember(alice, "before the border")
    sequence = "memoriesdb.audit_log_audit_id_seq"
    db.execute(f"select setval('{sequence}', greatest(999998, last_value)) from {sequence}")
    with database.acting(alice) as me:
        for number in range(3):
            me.execute("select memoriesdb.remember(%s)", (f"across the border {number}",))
    db.execute("select memoriesdb.seal_ledger()")
    db.execute("select memoriesdb.maintain_audit_partitions()")
    for number in range(4):
        database.remember(alice, f"of the second partition {number}")
    seal()
    return database


def test_an_archived_partition_is_verified_with_and_without_its_file(
    full: Database, run: Run, tmp_path: Path
) -> None:
    digests, file = tmp_path / "digests.jsonl", tmp_path / "audit-0.jsonl"
    assert run("digest", "--to", digests).exit_code == 0
    before = run("verify", "--digest", digests, "--json")
    assert (before.exit_code, json.loads(before.stdout)["problems"]) == (0, [])
    done = run("archive", 0, "--to", file)
    assert done.exit_code == 0, done.output
    count = (
        full.superuser().execute("select entry_count from memoriesdb.ledger_archives").fetchone()
    )
    assert count is not None
    whole = json.loads(run("verify", "--digest", digests, "--archive", file, "--json").stdout)
    assert (whole["verdict"], whole["archived_unchecked"]) == ("intact", 0)
    assert whole["entries"] == json.loads(before.stdout)["entries"]
    rest = json.loads(run("verify", "--digest", digests, "--json").stdout)
    assert (rest["verdict"], rest["archived_unchecked"]) == ("intact", count[0])
    assert rest["entries"] + count[0] == whole["entries"]
    assert run("archive", 0, "--to", tmp_path / "again.jsonl").exit_code == 3


def test_an_archived_entry_is_proven_from_its_file(
    full: Database, run: Run, tmp_path: Path
) -> None:
    digests, file, proof = (tmp_path / name for name in ("d.jsonl", "a.jsonl", "p.json"))
    run("digest", "--to", digests)
    rows = full.superuser().execute(
        "select min(audit_id), max(audit_id) from memoriesdb.audit_log where audit_id < 1000000"
    ).fetchone()  # fmt: skip
    assert run("archive", 0, "--to", file).exit_code == 0
    for audit_id in rows or ():
        proof.unlink(missing_ok=True)
        assert run("proof", audit_id, "--digest", digests).exit_code == 3
        made = run("proof", audit_id, "--digest", digests, "--archive", file, "--out", proof)
        assert made.exit_code == 0, made.output
        assert run("check-proof", proof, "--digest", digests).exit_code == 0


def test_an_archive_that_was_changed_is_refused(full: Database, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    assert run("archive", 0, "--to", file).exit_code == 0
    text = file.read_text()
    lines = text.splitlines(keepends=True)
    for wrong, codes in (
        (text.replace('"INSERT"', '"DELETE"', 1), {1}),
        ("".join(lines[:5] + lines[6:]), {1, 2}),
        ("".join(lines[:-1]), {1, 2}),
        (text + lines[-1], {1, 2}),
        (text[:-9], {1, 2}),
        ("", {2}),
        ("{}", {2}),
    ):
        file.write_text(wrong)
        result = run("verify", "--archive", file)
        assert result.exit_code in codes, result.output
        assert "Traceback" not in result.output
    file.write_text(text)
    assert run("verify", "--archive", file).exit_code == 0


def test_what_is_deleted_is_not_taken_for_archived(
    full: Database, run: Run, tmp_path: Path
) -> None:
    """The block on the border lacks archived entries; it may not lack others."""
    assert run("archive", 0, "--to", tmp_path / "a.jsonl").exit_code == 0
    assert run("verify").exit_code == 0
    db = full.connect("superuser")
    with unguarded(db):
        db.execute(
            "delete from memoriesdb.audit_log where audit_id = "
            "(select min(audit_id) + 1 from memoriesdb.audit_log)"
        )
    db.commit()
    assert run("verify").exit_code == 1
    assert run("verify", "--archive", tmp_path / "a.jsonl").exit_code == 1


def test_a_partition_that_was_tampered_with_is_not_archived(
    full: Database, run: Run, tmp_path: Path
) -> None:
    db = full.connect("superuser")
    with unguarded(db):
        db.execute("update memoriesdb.audit_log set login = 'x' where audit_id = 5")
    db.commit()
    result = run("archive", 0, "--to", tmp_path / "a.jsonl")
    assert (result.exit_code, "TAMPERED" in result.output) == (1, True)
    assert list(tmp_path.iterdir()) == []
    assert db.execute("select count(*) from memoriesdb.ledger_archives").fetchone() == (0,)
