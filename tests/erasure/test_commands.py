"""memoriesdb erase and hold: what they print and ask, and the receipt that is kept."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner, Result

from acting import Database
from erasure.support import CANARY, one
from memoriesdb.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database) -> Run:
    """Call the command line as an admin."""

    def call(*arguments: object, answer: str | None = None) -> Result:
        return CliRunner().invoke(
            app,
            [str(argument) for argument in arguments],
            input=answer,
            env={"MEMORIESDB_ADMIN_DSN": database.dsn("admin")},
        )

    return call


def _count(database: Database) -> int:
    count: int = one(database.superuser(), "select count(*) from memoriesdb.memories")
    return count


def test_a_dry_run_shows_what_would_go(run: Run, database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, CANARY)
    for arguments in (("memory", memory_id), ("user", "alice")):
        done = run("erase", *arguments, "--dry-run")
        assert done.exit_code == 0, done.output
        assert "would be erased" in done.output
        assert "1  memories" in done.output
    assert _count(database) == 1


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_it_asks_first(run: Run, database: Database, alice: UUID, answer: str) -> None:
    database.remember(alice, CANARY)
    done = run("erase", "user", "alice", answer=answer)
    assert done.exit_code == 1
    assert "1  memories" in done.output
    assert "nothing was erased" in done.output
    assert _count(database) == 1
    assert run("erase", "user", "alice", answer="y\n").exit_code == 0
    assert _count(database) == 0


def test_the_receipt_is_kept_and_checked(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    memory_id = database.remember(alice, CANARY)
    file, text = tmp_path / "receipt.json", tmp_path / "text"
    text.write_text(CANARY, encoding="utf-8")
    done = run("erase", "memory", memory_id, "--yes", "--receipt", file)
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["memory_ids"] == [str(memory_id)]
    assert CANARY not in done.output
    for arguments in ((), ("--text", text)):
        checked = run("erase", "check", file, *arguments)
        assert (checked.exit_code, "Nothing is left" in checked.output) == (0, True)
    assert run("erase", "check", file, "--text", "-", answer=CANARY).exit_code == 0
    other = run("erase", "check", file, "--text", "-", answer="another text")
    assert (other.exit_code, "[MD412]" in other.output) == (2, True)
    database.remember(alice, CANARY)
    left = run("erase", "check", file, "--text", text, "--json")
    assert left.exit_code == 1
    assert {row["table_name"] for row in json.loads(left.output)} >= {"memories"}


def test_a_receipt_that_cannot_be_kept_erases_nothing(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    memory_id = database.remember(alice, CANARY)
    taken = tmp_path / "taken.json"
    taken.write_text("mine")
    for file, reason in (
        (taken, "is there already"),
        (tmp_path / "missing" / "receipt.json", "receipt.json: no such file or directory"),
        (taken / "receipt.json", "receipt.json: not a directory"),
    ):
        done = run("erase", "memory", memory_id, "--yes", "--receipt", file)
        assert (done.exit_code, reason in done.output) == (2, True), done.output
        assert "Errno" not in done.output
        assert "HOME" not in done.output
    assert taken.read_text() == "mine"
    assert _count(database) == 1


def test_a_receipt_for_which_there_is_no_room_erases_nothing(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    memory_id = database.remember(alice, CANARY)
    file = tmp_path / "receipt.json"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        done = run("erase", "memory", memory_id, "--yes", "--receipt", file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert done.exit_code == 1
    assert "receipt.json: file too large" in done.output
    assert "nothing was erased" in done.output
    assert not file.exists()
    assert _count(database) == 1


def test_an_erasure_that_fails_leaves_no_receipt(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.json"
    database.administer("hold(%s, 'case 12')", alice)
    done = run("erase", "user", "alice", "--yes", "--receipt", file)
    assert (done.exit_code, "[MD204]" in done.output) == (1, True)
    assert not file.exists()
    done = run("erase", "memory", uuid4(), "--yes", "--receipt", file)
    assert (done.exit_code, "[MD201]" in done.output) == (1, True)
    assert not file.exists()


def test_without_a_file_the_receipt_alone_is_printed(
    run: Run, database: Database, alice: UUID
) -> None:
    memory_id = database.remember(alice, CANARY)
    done = run("erase", "memory", memory_id, "--yes")
    assert json.loads(done.stdout)["subject"] == "memory"
    assert "1  memories" in done.stderr


@pytest.mark.parametrize(
    "what",
    ["missing", "no JSON", "no UTF-8", "no object", "forged", "text missing", "text no UTF-8"],
)
def test_a_check_that_could_not_be_made_ends_with_2(
    run: Run, database: Database, alice: UUID, tmp_path: Path, what: str
) -> None:
    memory_id = database.remember(alice, CANARY)
    file, text = tmp_path / "receipt.json", tmp_path / "text"
    assert run("erase", "memory", memory_id, "--yes", "--receipt", file).exit_code == 0
    text.write_text(CANARY, encoding="utf-8")
    # The control: nothing is left.
    assert run("erase", "check", file, "--text", text).exit_code == 0
    if what == "missing":
        file.unlink()
    elif what == "text missing":
        text.unlink()
    elif what == "text no UTF-8":
        text.write_bytes(b"\xff")
    else:
        contents = {"no JSON": b"{", "no UTF-8": b"\xff", "no object": b"[1]", "forged": b"{}"}
        file.write_bytes(contents[what])
    done = run("erase", "check", file, "--text", text)
    assert done.exit_code == 2
    assert "what to do next" in done.output
    assert "Exit code" in run("erase", "check", "--help").output


@pytest.mark.parametrize("role", ["app", "worker", "auditor"])
@pytest.mark.parametrize(
    "arguments",
    [("hold", "list"), ("hold", "place", "alice", "why"), ("erase", "user", "alice", "--yes")],
)
def test_a_login_that_is_no_admins_is_told_so(
    run: Run, database: Database, alice: UUID, role: str, arguments: tuple[str, ...]
) -> None:
    """Not that nothing is held, or that nobody has the name: it would not see."""
    database.administer("hold(%s, 'case 12')", alice)
    assert "case 12" in run("hold", "list").output, "the control"
    done = run(*arguments, "--dsn", database.dsn(role))
    assert done.exit_code == 1
    assert "memoriesdb_admin" in done.output
    assert f"test_{role}" in done.output


def test_an_admin_is_not_told_that_it_is_somebody_elses(
    run: Run, database: Database, alice: UUID
) -> None:
    memory_id = database.remember(alice, CANARY)
    assert run("erase", "memory", memory_id, "--yes").exit_code == 0
    for gone in (memory_id, uuid4()):
        done = run("erase", "memory", gone, "--yes")
        assert "[MD201]" in done.output
        assert str(gone) in done.output
        assert "You have no memory" not in done.output
        assert "Another user" not in done.output


def test_mistakes_say_what_to_do(run: Run, alice: UUID, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    forged = tmp_path / "forged.json"
    forged.write_text("{}")
    for arguments, said in (
        (("erase", "user", "nobody", "--yes"), "nobody has the name"),
        (("erase", "check", tmp_path / "missing"), "missing"),
        (("erase", "check", broken), "no JSON"),
        (("erase", "check", forged), "[MD411]"),
        (("hold", "place", "nobody", "why"), "nobody has the name"),
        (("hold", "place", uuid4(), "why"), "[MD201]"),
        (("hold", "place", "alice", " "), "a hold needs a reason"),
        (("hold", "place", "alice", "x" * 1001), "at most 1000 characters. This one has 1001"),
        (("hold", "release", uuid4()), "there is no hold"),
    ):
        done = run(*arguments)
        assert done.exit_code != 0
        assert said in done.output
        assert "what to do next" in done.output


def test_holds(run: Run, database: Database, alice: UUID) -> None:
    assert "Nothing is held" in run("hold", "list").output
    memory_id = database.remember(alice, CANARY)
    on_user = run("hold", "place", "alice", "case 12").output.strip()
    on_memory = run("hold", "place", memory_id, "case 13").output.strip()
    listed = json.loads(run("hold", "list", "--json").output)
    assert [(hold["id"], hold["owner"], hold["memory_id"]) for hold in listed] == [
        (on_user, "alice", None),
        (on_memory, "alice", str(memory_id)),
    ]
    table = run("hold", "list").output
    assert "case 13" in table
    assert str(memory_id) in table
    for hold_id in (on_user, on_memory):
        assert "is released" in run("hold", "release", hold_id).output
    assert "Nothing is held" in run("hold", "list").output
