"""A partition goes into a file and out of the table, and the ledger is verified as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from acting import Database, one
from ledger.conftest import Run
from ledger.outside import unguarded
from ledger.sealing import seal_all
from memoriesdb.ledger.records import jsonb_text


def test_an_archived_partition_is_verified_with_and_without_its_file(
    full: Database, run: Run, tmp_path: Path
) -> None:
    digests, file = tmp_path / "digests.jsonl", tmp_path / "audit-0.jsonl"
    assert run("digest", "--to", digests).exit_code == 0
    before = run("verify", "--digest", digests, "--json")
    assert (before.exit_code, json.loads(before.stdout)["problems"]) == (0, [])
    done = run("archive", 0, "--to", file)
    assert done.exit_code == 0, done.output
    seal_all(full)
    before = run("verify", "--digest", digests, "--archive", tmp_path, "--json")
    count = (
        full.superuser().execute("select entry_count from memoriesdb.ledger_archives").fetchone()
    )
    assert count is not None
    whole = json.loads(run("verify", "--digest", digests, "--archive", file, "--json").stdout)
    assert (whole["verdict"], whole["archived_unchecked"]) == ("intact", 0)
    assert whole["entries"] == json.loads(before.stdout)["entries"]
    assert whole["payloads_unchecked"] > 0, "an auditor does not read them"
    for more, code, verdict in (((), 4, "incomplete"), (("--without-archives",), 0, "intact")):
        result = run("verify", "--digest", digests, "--json", *more)
        rest = json.loads(result.stdout)
        assert (result.exit_code, rest["verdict"]) == (code, verdict)
        assert rest["archived_unchecked"] == count[0]
        assert rest["entries"] + count[0] == whole["entries"]
    said = run("verify", "--digest", digests)
    assert f"{count[0]} archived entries were not compared" in said.output
    assert "intact" not in said.output
    left_out = run("verify", "--digest", digests, "--without-archives")
    assert "intact without its archives" in left_out.output
    assert f"{count[0]} archived entries were not compared" in left_out.output
    assert run("archive", 0, "--to", tmp_path / "again.jsonl").exit_code == 2


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
        assert run("proof", audit_id, "--digest", digests).exit_code == 2
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
    seal_all(full)
    assert run("verify", "--archive", tmp_path).exit_code == 0
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


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"partition_no": 7, "boundary_blocks": {"9": 1, "100": 2, "10": 3}, "former_sha256": "00"},
        {"b": {"é": 1, "z": -5, "aa": 2}, "é": 'ü 記 "q" \\', "a": 9223372036854775807},
    ],
)
def test_a_key_is_written_as_the_database_writes_it(
    database: Database, value: dict[str, Any]
) -> None:
    text = json.dumps(value)
    assert one(database.superuser(), "select %s::jsonb::text", text) == jsonb_text(value)
