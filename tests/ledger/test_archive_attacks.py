"""What somebody may do under cover of an archive, each beside what is honest and looks alike."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from acting import Connection, Database, one
from ledger.conftest import Run
from ledger.outside import unguarded
from ledger.sealing import Problem, problems, seal_all
from memoriesdb.ledger import Report, Tables, Verifier
from memoriesdb.ledger.archive import ArchiveFile, Archives
from memoriesdb.ledger.records import Records

ADD_ROW = (
    "insert into memoriesdb.ledger_archives (partition_no, first_audit_id, last_audit_id, "
    "entry_count, boundary_blocks, file_sha256, archived_at, archived_by_login) values (0, 0, "
    "999999, %s, %s, sha256('none'), now(), 'mallory')"
)
ADD_ENTRY = (
    "select memoriesdb._write_audit('ledger_archives', 'ARCHIVE', array[(null, null, "
    "(select row_key from memoriesdb._archive_keys() where partition_no = 0), null, '{}')"
    "::memoriesdb._audit_entry])"
)


def verify(database: Database, *files: Path) -> Report:
    """Verify as a superuser, who sees payloads, with these archives."""
    tables = Tables(database.superuser())
    given = [ArchiveFile(file) for file in files]
    try:
        return Verifier(tables, archives=Archives(Records(tables), given)).run()
    finally:
        for file in given:
            file.close()


def archived(database: Database, run: Run, file: Path) -> Path:
    """Archive the first partition, honestly."""
    done = run("archive", 0, "--to", file)
    assert done.exit_code == 0, done.output
    seal_all(database)
    return file


def shares(db: Connection) -> dict[str, int]:
    """How many entries the first partition holds of each block that lies on its border."""
    rows = db.execute(
        "select b.block_no::text, count(*) from memoriesdb.ledger_blocks as b "
        "join memoriesdb.audit_log as a on a.audit_id between b.low_audit_id and b.high_audit_id "
        "where b.high_audit_id > 999999 and b.low_audit_id < 1000000 and a.audit_id < 1000000 "
        "group by b.block_no"
    )
    return {row[0]: row[1] for row in rows}


def claim(db: Connection) -> None:
    """Claim in ledger_archives that the first partition was archived, with counts that fit."""
    count = one(db, "select count(*) from memoriesdb.audit_log where audit_id < 1000000")
    db.execute(ADD_ROW, (count, json.dumps(shares(db))))


def words(found: list[Problem]) -> set[str]:
    return {problem for _, _, problem in found}


def test_a_row_alone_archives_nothing(full: Database, run: Run) -> None:
    """Entries are gone, and ledger_archives accounts for every one of them."""
    db = full.connect("superuser")
    with unguarded(db):
        claim(db)
        db.execute("alter table memoriesdb.audit_log detach partition memoriesdb.audit_log_000000")
        db.execute("drop table memoriesdb.audit_log_000000")
    db.commit()
    for more in ((), ("--without-archives",)):
        result = run("verify", *more)
        assert (result.exit_code, "no entry of the ledger says" in result.output) == (1, True)
    assert "archive is not in the ledger" in words(problems(full))
    assert "entry is missing" in words(problems(full))


def test_a_row_and_an_entry_that_is_not_sealed_are_not_enough(full: Database, run: Run) -> None:
    """Sealed it is a false entry as any: nobody has the file, and without it 0 is not the end."""
    db = full.connect("superuser")
    with unguarded(db):
        claim(db)
        db.execute(ADD_ENTRY)
        db.execute("alter table memoriesdb.audit_log detach partition memoriesdb.audit_log_000000")
    db.commit()
    for more in ((), ("--without-archives",)):
        result = run("verify", *more)
        assert (result.exit_code, "is not sealed yet" in result.output) == (4, True), result.output
    assert "archive is not in the ledger" in words(problems(full))
    seal_all(full)
    result = run("verify")
    assert (result.exit_code, "NOT COMPLETE" in result.output) == (4, True)
    assert run("verify", "--without-archives").exit_code == 0, "as the option says"
    assert problems(full) == []


def test_what_is_attached_was_not_archived(full: Database, run: Run) -> None:
    """A sealed entry tells of an archive, and a few entries of the partition are gone."""
    assert run("verify").exit_code == 0
    db = full.connect("superuser")
    with unguarded(db):
        claim(db)
        db.execute(ADD_ENTRY)
        db.execute("delete from memoriesdb.audit_log where audit_id = 5")
    db.commit()
    seal_all(full)
    for report in (verify(full), verify_after(full, "delete from memoriesdb.audit_log_000000")):
        found = [problem.problem for problem in report.problems]
        assert "what was archived is here" in found
        assert any("missing" in problem or "not those" in problem for problem in found), found
        assert report.archived_unchecked == 0
    assert {"archived partition is here", "entry is missing"} <= words(problems(full))


def verify_after(database: Database, statement: str) -> Report:
    db = database.connect("superuser")
    with unguarded(db):
        db.execute(statement.encode())
    db.commit()
    return verify(database)


@pytest.mark.parametrize(
    "change",
    [
        "file_sha256 = sha256('another')",
        "entry_count = entry_count + 1",
        "last_audit_id = last_audit_id + 5",
        "first_audit_id = first_audit_id + 5",
        "boundary_blocks = boundary_blocks || '{\"1\": 1}'",
        "boundary_blocks = '[]'",
    ],
)
def test_a_record_that_was_changed_is_found(
    full: Database, run: Run, tmp_path: Path, change: str
) -> None:
    file = archived(full, run, tmp_path / "a.jsonl")
    assert (verify(full, file).problems, problems(full)) == ([], [])
    report = verify_after(full, f"update memoriesdb.ledger_archives set {change}")
    assert not report.is_intact
    assert not verify(full, file).is_intact
    assert {"archive is not in the ledger", "archive is not as the ledger says"} <= words(
        problems(full)
    )


def test_a_record_that_was_removed_is_found(full: Database, run: Run, tmp_path: Path) -> None:
    file = archived(full, run, tmp_path / "a.jsonl")
    verify_after(full, "delete from memoriesdb.ledger_archives")
    for more in ((), ("--archive", file)):
        assert run("verify", *more).exit_code == 1
    assert "archive is not as the ledger says" in words(problems(full))


def test_an_entry_that_tells_of_an_archive_is_vouched_for_by_a_later_one(
    full: Database, alice: UUID, run: Run, tmp_path: Path
) -> None:
    """The entry of the first archive goes into the second: the record still cannot be forged."""
    first = archived(full, run, tmp_path / "0.jsonl")
    db = full.superuser()
    db.execute("select setval('memoriesdb.audit_log_audit_id_seq', 2000000)")
    db.execute("select memoriesdb.maintain_audit_partitions()")
    full.remember(alice, "of the third partition")
    seal_all(full)
    done = run("archive", 1, "--to", tmp_path / "1.jsonl", "--archive", first)
    assert done.exit_code == 0, done.output
    seal_all(full)
    assert one(db, "select count(*) from memoriesdb.audit_log where operation = 'ARCHIVE'") == 1
    assert run("verify", "--archive", tmp_path).exit_code == 0
    for some in ([], ["--archive", first], ["--archive", tmp_path / "1.jsonl"]):
        assert run("verify", *some).exit_code == 4
        assert run("verify", *some, "--without-archives").exit_code == 0
    assert problems(full) == []
    report = verify_after(
        full,
        "update memoriesdb.ledger_archives set file_sha256 = sha256('x') where partition_no = 0",
    )
    assert not report.is_intact
    assert "archive is not in the ledger" in words(problems(full))


PAYLOAD = "(select min(audit_id) + 2 from memoriesdb.audit_payloads)"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("update {} set after = after || '{{\"x\": 1}}'", "payload of the entry was changed"),
        ("update {} set salt = substr(sha256(salt), 1, 16)", "payload of the entry was changed"),
        ("update {} set owner_id = gen_random_uuid()", "another owner or row"),
        ("update {} set row_id = gen_random_uuid()", "another owner or row"),
        ("update {} set target_id = gen_random_uuid()", "another owner or row"),
        ("delete from {}", "payload of the entry is missing"),
        ("update {} set audit_id = 700000", "belongs to no entry"),
    ],
)
def test_a_changed_payload_of_an_archived_entry_is_named(
    full: Database, run: Run, tmp_path: Path, change: str, problem: str
) -> None:
    file = archived(full, run, tmp_path / "a.jsonl")
    before = verify(full, file)
    assert (before.problems, before.payloads_unchecked) == ([], 0)
    assert before.payloads_checked == before.entries
    audit_id = one(full.superuser(), f"select {PAYLOAD}")
    table = "memoriesdb.audit_payloads"
    without = verify_after(full, f"{change.format(table)} where audit_id = {PAYLOAD}")
    assert without.problems == [], "the commitments are in the file"
    count = one(full.superuser(), f"select count(*) from {table} where audit_id < 1000000")
    assert without.payloads_unchecked == count
    assert any(f"{count} payloads" in note for note in without.notes)
    found = {(p.audit_id, p.problem) for p in verify(full, file).problems}
    moved = {700000} if "700000" in change else set()
    assert {each for each, _ in found} == {audit_id, *moved}
    assert any(problem in said for _, said in found), found


def test_a_payload_that_was_erased_after_it_was_archived_is_explained(
    full: Database, alice: UUID, run: Run, tmp_path: Path
) -> None:
    memory_id = one(full.superuser(), "select id from memoriesdb.memories order by seq limit 1")
    file = archived(full, run, tmp_path / "a.jsonl")
    with full.acting(alice) as db:
        db.execute("select memoriesdb.erase(%s)", (memory_id,))
    seal_all(full)
    report = verify(full, file)
    assert (report.problems, report.payloads_unchecked) == ([], 0)
    assert report.payloads_erased > 0


def test_a_payload_without_an_entry_is_named(full: Database) -> None:
    assert verify(full).problems == []
    copied = (
        "insert into memoriesdb.audit_payloads (audit_id, owner_id, salt, after) "
        "select 1500000, owner_id, salt, after from memoriesdb.audit_payloads limit 1"
    )
    (problem,) = verify_after(full, copied).problems
    assert (problem.audit_id, "belongs to no entry" in problem.problem) == (1500000, True)


def lines_of(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_entries_that_an_archive_has_besides_are_found(
    full: Database, run: Run, tmp_path: Path
) -> None:
    """A file that is recorded as it is, and holds an entry of a block that the ledger has not."""
    file = archived(full, run, tmp_path / "a.jsonl")
    content = lines_of(file)
    block = {**content[1]["block"], "block_no": 999999}
    entry = [700000, *content[2][1:]]
    counted = content[-1]["end"]
    end = {"end": {"blocks": counted["blocks"] + 1, "entries": counted["entries"] + 1}}
    forged = [*content[:-1], {"block": block, "elsewhere": []}, entry, end]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in forged))
    found = [problem.problem for problem in verify(full, file).problems]
    assert "the archive holds entries of blocks that are not in the ledger" in found


@pytest.mark.parametrize("cut", [1, 3, 100])
def test_a_damaged_archive_does_not_hide_what_else_was_done(
    full: Database, run: Run, tmp_path: Path, cut: int
) -> None:
    file = archived(full, run, tmp_path / "a.jsonl")
    file.write_text(file.read_text()[:-cut])
    found = {problem.problem for problem in verify(full, file).problems}
    assert "the archive is not the one that was recorded" in found
    changed = "update memoriesdb.audit_payloads set salt = substr(sha256(salt), 1, 16)"
    verify_after(full, f"{changed} where audit_id > 1000003")
    found = {problem.problem for problem in verify(full, file).problems}
    assert "the payload of the entry was changed" in found


def test_an_archive_of_another_database_is_wrong_input(
    full: Database, run: Run, tmp_path: Path
) -> None:
    file = archived(full, run, tmp_path / "a.jsonl")
    content = lines_of(file)
    content[0]["archive"] |= {
        "partition_no": 7, "first_audit_id": 7000000, "last_audit_id": 7999999,
    }  # fmt: skip
    other = tmp_path / "other.jsonl"
    end = {"end": {"blocks": 0, "entries": 0}}
    other.write_text(f"{json.dumps(content[0])}\n{json.dumps(end)}\n")
    result = run("verify", "--archive", file, "--archive", other)
    assert (result.exit_code, "is not archived here" in result.output) == (2, True)
    verify_after(full, "update memoriesdb.audit_log set login = 'x' where audit_id > 1000003")
    assert run("verify", "--archive", file, "--archive", other).exit_code == 1, "first things first"


def test_the_file_is_private_and_its_hash_is_what_was_recorded(
    full: Database, run: Run, tmp_path: Path
) -> None:
    former = os.umask(0)
    try:
        file = archived(full, run, tmp_path / "a.jsonl")
    finally:
        os.umask(former)
    assert file.stat().st_mode & 0o777 == 0o600
    recorded = one(full.superuser(), "select file_sha256 from memoriesdb.ledger_archives")
    assert hashlib.sha256(file.read_bytes()).digest() == recorded
    assert list(tmp_path.iterdir()) == [file]
