"""The commands for the queues, as an admin's login."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from acting import Connection, Database
from memoriesdb.cli import app

Run = Callable[..., Result]
SECRET = "a text that is nobody's business"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, database: Database) -> Run:
    """Call the command line in this process, with the admin's DSN in the environment."""
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("admin"))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["queue", *arguments])

    return call


@pytest.fixture
def letters(database: Database, alice: UUID) -> list[int]:
    """Two dead letters of alice's, the later one last."""
    database.administer(
        "register_embedding_model('tests', 'ollama', 'http://127.0.0.1:9', 4, activate => true)"
    )
    for number in range(2):
        database.remember(alice, f"{SECRET} {number}")
    with database.connect("worker", autocommit=True) as db:
        return [give_up(db) for _ in range(2)]


def give_up(db: Connection) -> int:
    row = db.execute(
        "select job_id, lease_token from memoriesdb.claim_embeddings('w', 1)"
    ).fetchone()
    assert row is not None
    db.execute("select memoriesdb.fail_embedding('w', %s, %s, 'too odd', true)", row)
    return int(row[0])


def listed(run: Run, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("dead", "--json", *arguments).output)
    return found


def test_nothing_waits(run: Run) -> None:
    assert "Nothing waits" in run("status").output
    assert "no dead letters" in run("dead").output
    assert "Nothing is stranded" in run("repair").output


def test_the_status_names_what_was_given_up(run: Run, letters: list[int]) -> None:
    shown = run("status")
    assert shown.exit_code == 0
    assert "too odd" in shown.output
    assert "memoriesdb queue dead" in shown.output
    (row,) = (r for r in json.loads(run("status", "--json").output) if r["queue"] == "embedding")
    assert (row["what"], row["dead"], row["due"], row["eta"]) == ("tests", len(letters), 0, None)


def test_letters_are_listed_and_shown_without_the_text(
    run: Run, letters: list[int], alice: UUID
) -> None:
    assert [row["job_id"] for row in listed(run)] == letters[::-1]
    assert len(listed(run, "--most", "1")) == 1
    outputs = [
        run(*arguments).output
        for arguments in (("dead",), ("show", str(letters[0])), ("status",), ("dead", "--json"))
    ]
    assert str(alice) in outputs[0]
    assert "too odd" in outputs[1]
    assert not any(SECRET in output for output in outputs)


def test_a_letter_is_queued_again(run: Run, letters: list[int]) -> None:
    assert "1 queued" in run("requeue", str(letters[0])).output
    assert [row["job_id"] for row in listed(run)] == letters[1:]
    assert "1 queued" in run("requeue", "--all").output
    assert listed(run) == []


def test_a_dropped_letter_is_listed_when_asked_for_and_comes_back(
    run: Run, letters: list[int]
) -> None:
    assert "the memories stay" in run("drop", str(letters[0])).output
    assert [row["job_id"] for row in listed(run)] == letters[1:]
    assert {row["job_id"] for row in listed(run, "--dropped")} == set(letters)
    assert "(dropped)" in run("dead", "--dropped").output
    assert "Nothing is stranded" in run("repair", "--dry-run").output
    assert "1 queued" in run("requeue", str(letters[0])).output


def test_with_one_unknown_number_nothing_is_done(run: Run, letters: list[int]) -> None:
    for command in ("requeue", "drop"):
        result = run(command, str(letters[0]), "999999")
        assert result.exit_code == 1
        assert "999999" in result.output
    assert len(listed(run)) == 2
    assert run("show", "999999").exit_code == 1


@pytest.mark.parametrize("arguments", [(), ("1", "--all")])
def test_requeue_wants_numbers_or_all(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("requeue", *arguments).exit_code == 2


def test_what_is_stranded_is_counted_and_queued(
    run: Run, letters: list[int], database: Database
) -> None:
    with database.superuser() as db:
        db.execute("delete from memoriesdb.embedding_schedule where job_id = %s", (letters[0],))
    dry = run("repair", "--dry-run")
    assert dry.exit_code == 1
    assert "tests" in dry.output
    assert "1 queued" in run("repair").output
    assert run("repair", "--dry-run").exit_code == 0


def test_who_may_not_administer_is_told_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("worker"))
    result = run("dead")
    assert result.exit_code == 1
    assert "memoriesdb_admin" in result.output
