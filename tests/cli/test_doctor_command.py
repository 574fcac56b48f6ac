"""`memoriesdb doctor` ends with a code that scripts can go by."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acting import Database
from memoriesdb.cli import app
from memoriesdb.ledger import Digest, Kept

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in an environment that names no database."""
    monkeypatch.delenv("MEMORIESDB_ADMIN_DSN", raising=False)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [*map(str, arguments)])


def test_a_warning_ends_with_0_and_under_strict_with_1(run: Run, database: Database) -> None:
    dsn = database.dsn("superuser")
    found = json.loads(run("doctor", dsn, "--json").output)
    assert "warning" in {each["level"] for each in found}, "there is no digest"
    assert "failure" not in {each["level"] for each in found}
    assert run("doctor", dsn).exit_code == 0
    assert run("doctor", dsn, "--strict").exit_code == 1


def test_strict_ends_with_0_where_there_is_nothing_to_warn_of(run: Run, database: Database) -> None:
    assert run("doctor", database.dsn("app", pooled=False), "--strict").exit_code == 0


def test_a_failure_ends_with_1_and_says_what_to_do_next(run: Run, database: Database) -> None:
    database.superuser().execute("drop trigger _900_audit_insert on memoriesdb.memories")
    done = run("doctor", database.dsn("superuser"))
    assert done.exit_code == 1
    assert "failure: what is installed is not what this release ships" in done.output
    assert "what to do next: " in done.output


def test_a_digest_that_disagrees_is_a_failure(run: Run, database: Database, tmp_path: Path) -> None:
    db = database.superuser()
    db.execute("select memoriesdb.seal_ledger()")
    row = db.execute("select memoriesdb.ledger_digest()").fetchone()
    assert row is not None
    kept = tmp_path / "digests.jsonl"
    for changed, code in (({}, 0), ({"block_hash": "ab" * 32}, 1)):
        kept.write_text(Kept(Digest.from_json(row[0] | changed)).as_line() + "\n")
        done = run("doctor", database.dsn("superuser"), "--digest", str(kept))
        assert done.exit_code == code, done.output


def test_a_file_of_digests_that_is_not_there_is_wrong_input(
    run: Run, database: Database, tmp_path: Path
) -> None:
    for path in (tmp_path / "nosuch-file", tmp_path):
        done = run("doctor", database.dsn("superuser"), "--digest", path)
        assert (done.exit_code, done.stdout) == (2, "")
        message, hint = done.stderr.splitlines()
        assert message.startswith(f"{path}: ")
        assert hint.startswith("  what to do next: ")


def test_a_console_that_cannot_be_asked_is_a_failure(run: Run, database: Database) -> None:
    dsn = database.dsn("app", pooled=False)
    done = run("doctor", dsn, "--console", "postgresql://nobody@127.0.0.1:9/pgbouncer")
    assert done.exit_code == 1
    assert "PgBouncer's configuration was not looked at" in done.output
