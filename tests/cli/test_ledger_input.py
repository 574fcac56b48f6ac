"""What is given to `memoriesdb ledger …` and `doctor` and cannot be meant is refused in a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acting import Database
from memoriesdb.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MEMORIESDB_AUDITOR_DSN", database.dsn("auditor"))
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("admin"))
    database.superuser().execute("select memoriesdb.seal_ledger()")
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


def refused(result: Result) -> str:
    """Return the line that refused it."""
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    message, hint = result.stderr.splitlines()
    assert hint.startswith("  what to do next: ")
    return f"{message} {hint}"


EMPTY = [
    ("verify", "--public-key"),
    ("verify", "--digest"),
    ("verify", "--archive"),
    ("digest", "--to"),
    ("digest", "--to-command"),
    ("digest", "--sign"),
    ("watch", "--to"),
    ("watch", "--sign"),
    ("watch", "--archive"),
    ("proof", 1, "--digest"),
    ("proof", 1, "--out"),
    ("proof", 1, "--archive"),
    ("archive", 0, "--to"),
    ("archive", 0, "--archive"),
    ("archive", 0, "--admin-dsn"),
    ("check-proof", "p.json", "--digest"),
    ("check-proof", "p.json", "--public-key"),
]


@pytest.mark.parametrize("words", EMPTY, ids=lambda words: " ".join(map(str, words)))
def test_an_empty_value_is_a_variable_that_is_not_set(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[object, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    digests = tmp_path / "d.jsonl"
    assert run("ledger", "digest", "--to", digests).exit_code == 0
    before = [*tmp_path.iterdir()]
    whole: list[object] = ["ledger", *words, ""]
    for name, value in (("--digest", digests), ("--to", tmp_path / "new")):
        takes = {"--digest": {"verify", "check-proof"}, "--to": {"watch", "archive"}}[name]
        if words[0] in takes and name not in words:
            whole += [name, value]
    whole += ["--once"] * (words[0] == "watch")
    said = refused(run(*whole))
    assert f"the value of {words[-1]} is empty" in said
    assert "is the shell variable set?" in said
    joined = [*whole[: len(words)], f"{words[-1]}=", *whole[len(words) + 2 :]]
    assert "is empty" in refused(run(*joined)), "written with an equals sign"
    assert [*tmp_path.iterdir()] == before


def test_an_empty_one_among_archives_is_refused(run: Run, tmp_path: Path) -> None:
    said = refused(run("ledger", "verify", "--archive", tmp_path, "--archive", " "))
    assert "--archive is empty" in said


@pytest.mark.parametrize("option", ["--digest", "--console"])
def test_doctor_takes_no_empty_value(run: Run, database: Database, option: str) -> None:
    dsn = database.dsn("app", pooled=False)
    assert run("doctor", dsn).exit_code == 0
    assert f"{option} is empty" in refused(run("doctor", dsn, option, ""))


HUGE = "99999999999999999999"


@pytest.mark.parametrize("number", [HUGE, str(2**63), "0", "-5", "-12"])
def test_a_number_of_no_entry_is_wrong_input(run: Run, number: str) -> None:
    assert number in refused(run("ledger", "proof", number))
    assert "there is no entry 9223372036854775807" in refused(run("ledger", "proof", 2**63 - 1))


@pytest.mark.parametrize("number", [HUGE, "9223372036854", "-1"])
def test_a_number_of_no_partition_is_wrong_input(run: Run, number: str, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    assert number in refused(run("ledger", "archive", number, "--to", file))
    said = refused(run("ledger", "archive", 9223372036853, "--to", file))
    assert "there are no entries of partition 9223372036853" in said
    assert not file.exists()
