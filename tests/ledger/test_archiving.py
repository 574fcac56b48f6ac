"""`memoriesdb ledger archive` leaves a whole file and a detached partition behind, or neither."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from acting import Database, one
from ledger.conftest import Run
from ledger.sealing import seal_all
from memoriesdb.cli import ledger_upkeep
from memoriesdb.console import Ending
from memoriesdb.ledger import LedgerError, Tables, Verifier
from memoriesdb.ledger.archiving import Written

ATTACHED = (
    "select count(*) from pg_inherits where inhparent = 'memoriesdb.audit_log'::regclass "
    "and inhrelid = to_regclass('memoriesdb.audit_log_000000')"
)


def is_attached(database: Database) -> bool:
    return one(database.superuser(), ATTACHED) == 1


def test_where_the_database_refuses_there_is_no_file(
    full: Database, run: Run, tmp_path: Path
) -> None:
    superuser = full.superuser()
    file = tmp_path / "a.jsonl"
    reader = full.connect("auditor", pooled=False)
    for admin, code in (
        (full.dsn("auditor"), 3),  # no right
        ("postgresql://x@127.0.0.1:9/x", 3),
        ("no dsn", 2),
    ):
        result = run("archive", 0, "--to", file, "--admin-dsn", admin)
        assert (result.exit_code, list(tmp_path.iterdir())) == (code, []), result.output
        if admin == full.dsn("auditor"):
            assert "member of memoriesdb_admin with --admin-dsn" in result.stderr
    reader.execute("select count(*) from memoriesdb.audit_log")
    result = run("archive", 0, "--to", file)
    assert (result.exit_code, "55P03" in result.stderr) == (3, True), "somebody reads the log"
    assert "what to do next: try again" in result.stderr
    reader.rollback()
    assert list(tmp_path.iterdir()) == []
    assert is_attached(full)
    assert one(superuser, "select count(*) from memoriesdb.ledger_archives") == 0
    assert run("archive", 0, "--to", file).exit_code == 0
    assert (list(tmp_path.iterdir()), is_attached(full)) == ([file], False)


def test_a_partition_that_cannot_go_is_refused_with_the_reason(
    full: Database, run: Run, tmp_path: Path
) -> None:
    db = full.superuser()
    result = run("archive", 1, "--to", tmp_path / "a.jsonl")
    said = " ".join(result.stderr.split())
    assert (result.exit_code, "[MD405]" in said) == (3, True)
    assert "The oldest that is attached is audit_log_000000 [MD405]" in said
    db.execute("select setval('memoriesdb.audit_log_audit_id_seq', 999999)")
    result = run("archive", 0, "--to", tmp_path / "a.jsonl")
    said = " ".join(result.stderr.split())
    assert (result.exit_code, "[MD405]" in said) == (3, True)
    assert "Entries are still written to it [MD405]" in said
    assert "audit_log_000000" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_partition_that_was_archived_says_when_and_with_which_hash(
    full: Database, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    assert run("archive", 0, "--to", file).exit_code == 0
    for more in ((), ("--archive", file)):
        again = run("archive", 0, "--to", tmp_path / "again.jsonl", *more)
        assert (again.exit_code, len(again.stderr.splitlines())) == (2, 2)
        when = one(full.superuser(), "select archived_at::text from memoriesdb.ledger_archives")
        assert f"partition 0 was archived at {when}" in again.stderr
        assert sha256(file.read_bytes()).hexdigest() in again.stderr
        assert list(tmp_path.iterdir()) == [file]


def test_what_was_committed_has_its_file_even_where_the_answer_is_lost(
    full: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server goes away between the last statement and the answer to its commit."""
    file = tmp_path / "a.jsonl"

    class Named(Written):
        def keep(self) -> None:
            super().keep()
            full.superuser().execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
                "current_database() and query like '%%detach_audit_partition%%' "
                "and pid <> pg_backend_pid()"
            )

    def detach(written: Written, dsn: str, ending: Ending) -> Any:
        return original(Named(**vars(written)), dsn, ending)

    original = ledger_upkeep._detach
    monkeypatch.setattr(ledger_upkeep, "_detach", detach)
    result = run("archive", 0, "--to", file, "--admin-dsn", full.dsn("admin", pooled=False))
    assert (result.exit_code, f"{file} was kept" in " ".join(result.stderr.split())) == (5, True)
    assert "it is not known whether this was committed" in result.stderr
    assert list(tmp_path.iterdir()) == [file]
    assert is_attached(full), "here it was not committed"


def test_a_name_that_is_taken_meanwhile_is_not_written_over(
    full: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.jsonl"
    original = ledger_upkeep._detach

    def detach(written: Written, dsn: str, ending: Ending) -> None:
        file.write_text("somebody else's")
        original(written, dsn, ending)

    monkeypatch.setattr(ledger_upkeep, "_detach", detach)
    result = run("archive", 0, "--to", file)
    assert result.exit_code == 2
    assert (file.read_text(), list(tmp_path.iterdir())) == ("somebody else's", [file])
    assert is_attached(full)


def test_what_is_archived_while_it_is_verified_is_no_tampering(
    full: Database, run: Run, tmp_path: Path
) -> None:
    tables = Tables(full.connect("auditor", autocommit=True))
    begun = Verifier(tables)
    assert run("archive", 0, "--to", tmp_path / "a.jsonl").exit_code == 0
    seal_all(full)
    with pytest.raises(LedgerError, match="archived meanwhile") as caught:
        begun.run()
    assert type(caught.value) is LedgerError, "that is exit code 3"
    assert Verifier(tables).run().verdict() == "incomplete"


def test_where_the_role_of_auditors_is_missing_the_remedy_is_said(database: Database) -> None:
    """Within a transaction that is undone: roles belong to the whole cluster."""
    db = database.connect("superuser")
    db.execute("create role outsider_of_tests login")
    db.execute("alter role memoriesdb_auditor rename to renamed_auditor")
    assert Tables(db).check_rights().reads_payloads, "a superuser sees all without it"
    db.execute("grant usage on schema memoriesdb to outsider_of_tests")
    db.execute("set local role outsider_of_tests")
    with pytest.raises(LedgerError, match="role memoriesdb_auditor is missing") as caught:
        Tables(db).check_rights()
    assert "memoriesdb upgrade" in caught.value.hint
    db.rollback()
