"""The commands for any PostgreSQL: what they print, and with which exit code they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import IO

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner, Result

from acting import PASSWORD, Database, login
from memoriesdb.cli import app
from memoriesdb.cluster import Cluster

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line in this process."""
    monkeypatch.delenv("MEMORIESDB_ADMIN_DSN", raising=False)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return call


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """The superuser's DSN of an empty database."""
    name = "empty_for_commands"
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield cluster.postgres.dsn(name)
        db.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_install_then_verify_then_upgrade(run: Run, empty: str) -> None:
    missing = run("verify", empty)
    assert missing.exit_code == 1
    assert "memoriesdb install" in missing.output
    first = run("install", empty)
    assert first.exit_code == 0
    assert "taken from PUBLIC" in first.output
    assert run("verify", empty).exit_code == 0
    again = run("upgrade", empty)
    assert (again.exit_code, "Nothing to do" in again.output) == (0, True)


def test_what_was_changed_is_named_and_put_right(run: Run, database: Database) -> None:
    dsn = database.dsn("superuser")
    database.superuser().execute("drop policy memories_select_owner on memoriesdb.memories")
    found = run("verify", dsn)
    assert found.exit_code == 1
    assert "missing: policy memories_select_owner" in found.output
    as_json = json.loads(run("verify", dsn, "--json").output)
    assert as_json[0]["kind"] == "policy"
    assert "put right" in run("upgrade", dsn).output
    assert run("verify", dsn).exit_code == 0


def test_an_upgrade_that_leaves_a_difference_fails(run: Run, database: Database) -> None:
    dsn = database.dsn("superuser")
    database.superuser().execute("create function memoriesdb.backdoor() returns int return 1")
    upgraded = run("upgrade", dsn)
    assert upgraded.exit_code == 1
    assert "not as shipped" in upgraded.output


@pytest.mark.parametrize(
    ("dsn", "code", "what"),
    [
        ("nonsense", 2, "no DSN"),
        ("", 2, "DSN is empty"),
        ("postgresql://postgres@127.0.0.1:1/nowhere", 3, "cannot be reached"),
    ],
)
@pytest.mark.parametrize("command", ["install", "upgrade", "verify", "doctor"])
def test_a_bad_dsn_is_explained(run: Run, command: str, dsn: str, code: int, what: str) -> None:
    result = run(command, dsn)
    assert result.exit_code == code
    assert what in result.output
    assert "what to do next" in result.output
    assert "\n\n" not in result.output


def test_an_application_cannot_install(run: Run, database: Database) -> None:
    for command, role in (("install", "app"), ("verify", "auditor")):
        result = run(command, database.dsn(role, pooled=False))
        assert result.exit_code == 1
        assert "as a superuser" in result.output


def test_doctor_refuses_a_superuser_as_an_application(run: Run, database: Database) -> None:
    dsn = database.dsn("superuser")
    assert run("doctor", dsn, "--application").exit_code == 1
    healthy = json.loads(run("doctor", database.dsn("app", pooled=False), "--json").output)
    assert {finding["level"] for finding in healthy} == {"ok", "skipped"}


def test_sql_prints_a_script_without_connecting(run: Run) -> None:
    whole = run("sql")
    assert whole.exit_code == 0
    assert "begin;\nset local search_path = pg_catalog, pg_temp;" in whole.output[:200]
    assert whole.output.rstrip().endswith("commit;")
    assert "plpython3u" in whole.output
    assert (
        "create extension if not exists plpython3u" not in run("sql", "--without-plpython").output
    )


def test_users_are_made_listed_and_deactivated(run: Run, database: Database) -> None:
    dsn = database.dsn("admin")
    made = run("user", "create", "ada", "--role", "viewer", "--dsn", dsn)
    assert made.exit_code == 0
    (listed,) = json.loads(run("user", "list", "--json", "--dsn", dsn).output)
    assert (listed["id"], listed["role"]) == (made.output.strip(), "viewer")
    assert listed["created_at"][10] == "T"
    table = run("user", "list", "--dsn", dsn).output.splitlines()
    assert any(line.startswith(f"{listed['id']}  ada ") for line in table)
    assert table == [line.rstrip() for line in table]
    assert "is deactivated" in run("user", "deactivate", "ada", "--dsn", dsn).output
    assert "inactive already" in run("user", "deactivate", "ada", "--dsn", dsn).output
    assert run("user", "deactivate", "nobody", "--dsn", dsn).exit_code == 1
    twice = run("user", "create", "ada", "--dsn", dsn)
    assert (twice.exit_code, "MD005" in twice.output) == (1, True)


def test_users_are_no_business_of_an_application(run: Run, database: Database) -> None:
    dsn = database.cluster.dsn(database.name, login("app"), PASSWORD, pooled=True)
    result = run("user", "create", "mallory", "--dsn", dsn)
    assert (result.exit_code, "MD004" in result.output) == (1, True)
    assert "memoriesdb_admin" in result.output


@pytest.mark.parametrize("words", [("create", "ada"), ("list",), ("deactivate", "ada")])
def test_users_of_a_database_without_memoriesdb(
    run: Run, cluster: Cluster, words: tuple[str, ...]
) -> None:
    result = run("user", *words, "--dsn", cluster.superuser_dsn)
    assert (result.exit_code, "is not installed" in result.output) == (1, True)
    assert run("user", *words, "--dsn", "").exit_code == 2


def _run_program(*words: str, stdout: int | IO[str], **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "memoriesdb", *words],
        env={**os.environ, **variables},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def test_what_the_system_refuses_is_two_lines() -> None:
    for home in ("/proc/x", "/proc/version/x"):
        code, said = _run_program("up", stdout=subprocess.DEVNULL, MEMORIESDB_HOME=home)
        assert (code, "what to do next" in said, len(said.splitlines())) == (1, True, 2)
    with open("/dev/full", "w") as full:
        for words in (["sql"], ["--version"]):
            code, said = _run_program(*words, stdout=full)
            assert (code, len(said.splitlines())) == (1, 2)
            assert "No space left" in said


def test_a_traceback_is_shown_to_who_asks_for_it() -> None:
    with open("/dev/full", "w") as full:
        assert "Traceback" in _run_program("--version", stdout=full, MEMORIESDB_DEBUG="1")[1]


def _commands() -> list[list[str]]:
    groups = {"user": ["create", "list", "deactivate"], "worker": ["embedding", "vindexing"]}
    groups["worker"].append("sealing")
    groups["ledger"] = ["digest", "keygen", "verify", "proof", "check-proof", "watch", "archive"]
    groups["embedder"] = ["serve", "build"]
    single = ["up", "down", "status", "dsn", "psql", "install", "upgrade", "verify", "sql"]
    single += ["doctor", "demo"]
    return [[name] for name in single] + [[g, c] for g, names in groups.items() for c in names]


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_helps_with_an_example(run: Run, command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert "<bool>" not in result.output
