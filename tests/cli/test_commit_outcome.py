"""What a command says when its COMMIT was sent and the answer never came, and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database, one

COMMANDS = {
    "erase": ("erase", "memory", "MEMORY", "--yes", "--receipt", "FILE"),
    "user": ("user", "create", "carol"),
    "token": ("token", "issue", "alice"),
    "hold": ("hold", "place", "alice", "case 12"),
}
DONE = {
    "erase": "select count(*) = 0 from memoriesdb.memories",
    "user": "select count(*) = 1 from memoriesdb.users where username = 'carol'",
    "token": "select count(*) = 1 from memoriesdb.api_tokens",
    "hold": "select count(*) = 1 from memoriesdb.memory_holds",
}
WAITING = "select pid from pg_stat_activity where datname = current_database() and wait_event = %s"
TRIGGER = """
create function public.refuse() returns trigger language plpgsql as
$$ begin raise exception 'refused at commit'; end $$;
create constraint trigger refuse after {1} on memoriesdb.{0} deferrable initially deferred
for each row execute function public.refuse()
"""
TABLES = {
    "erase": ("memories", "delete"),
    "user": ("users", "insert"),
    "token": ("api_tokens", "insert"),
    "hold": ("memory_holds", "insert"),
}

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "receipt.json"


@pytest.fixture
def start(database: Database, alice: UUID, file: Path) -> Start:
    """Start a command in a process of its own, on a memory of Alice."""
    memory_id = database.remember(alice, "a secret of hers")

    def start(command: tuple[str, ...], **options: object) -> subprocess.Popen[str]:
        places = {"MEMORY": str(memory_id), "FILE": str(file)}
        pipes: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        arguments = [places.get(part, part) for part in command]
        # Not through the pool, whose connections are older than what commits_wait sets.
        dsn = database.dsn("admin", pooled=False)
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [sys.executable, "-m", "memoriesdb", *arguments],
            env={**os.environ, "MEMORIESDB_ADMIN_DSN": dsn},
            text=True,
            **{**pipes, **options},
        )

    return start


@pytest.fixture
def commits_wait(database: Database, alice: UUID, start: Start) -> Iterator[Connection]:
    """Let every COMMIT that wrote wait for a standby that is not there."""
    db = database.superuser()
    try:
        db.execute("alter system set synchronous_standby_names = 'nobody'")
        db.execute("alter role test_admin set synchronous_commit = on")
        db.execute("select pg_reload_conf()")
        yield db
    finally:
        db.execute("alter system reset synchronous_standby_names")
        db.execute("alter role test_admin reset synchronous_commit")
        db.execute("select pg_reload_conf()")


def _await(db: Connection, event: str, process: subprocess.Popen[str]) -> int:
    """Return the pid of the backend that waits for this, of the command that runs."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = db.execute(WAITING, (event,)).fetchone()
        if found is not None:
            pid: int = found[0]
            return pid
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError(f"nothing waits for {event}")


@pytest.mark.parametrize("how", ["interrupted", "lost"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_commit_without_an_answer_is_not_said_to_be_undone(
    commits_wait: Connection, start: Start, file: Path, command: str, how: str
) -> None:
    with start(COMMANDS[command]) as process:
        pid = _await(commits_wait, "SyncRep", process)
        if how == "interrupted":
            process.send_signal(signal.SIGINT)
        else:
            commits_wait.execute("select pg_terminate_backend(%s)", (pid,))
        output, said = process.communicate(timeout=60)
    assert process.returncode == 5, said
    assert "it is not known whether this was committed" in said
    assert "what to do next" in said
    assert "nothing was changed" not in said
    assert "None" not in said
    assert one(commits_wait, DONE[command]) is True
    if command == "erase":
        assert json.loads(file.read_text())["subject"] == "memory"
    if command == "token":
        assert output.startswith("mdb_")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_interruption_before_the_commit_changes_nothing_and_says_so(
    database: Database, start: Start, file: Path, command: str
) -> None:
    """The control: here nothing was sent that could have been done."""
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute("lock table memoriesdb.users, memoriesdb.memories in access exclusive mode")
        with start(COMMANDS[command]) as process:
            _await(database.superuser(), "relation", process)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "nothing was changed; run it again" in said
    assert one(database.superuser(), DONE[command]) is False
    assert not file.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_commit_that_the_server_refuses_is_known_to_have_failed(
    database: Database, start: Start, file: Path, command: str
) -> None:
    database.superuser().execute(TRIGGER.format(*TABLES[command]).encode())
    with start(COMMANDS[command]) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "refused at commit" in said
    assert one(database.superuser(), DONE[command]) is False
    assert not file.exists()


@pytest.mark.parametrize("output", ["full", "closed", "unread"])
@pytest.mark.parametrize("command", ["erase", "token"])
def test_what_cannot_be_told_is_not_done(
    database: Database, start: Start, command: str, output: str
) -> None:
    """The receipt and the secret: nobody could ask for them again."""
    arguments = COMMANDS[command][:4]
    if output == "full":
        with open("/dev/full", "w") as full, start(arguments, stdout=full) as process:
            _, said = process.communicate(timeout=60)
    elif output == "closed":
        with start(arguments, stdout=None, preexec_fn=lambda: os.close(1)) as process:
            _, said = process.communicate(timeout=60)
    else:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as unread, start(arguments, stdout=unread) as process:
            _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "standard output: " in said
    assert "what to do next" in said
    assert "Exception ignored" not in said
    assert one(database.superuser(), DONE[command]) is False


def test_a_warning_without_a_hint_has_no_next_step(commits_wait: Connection, start: Start) -> None:
    with start(COMMANDS["token"]) as process:
        pid = _await(commits_wait, "SyncRep", process)
        commits_wait.execute("select pg_cancel_backend(%s)", (pid,))
        output, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.startswith("mdb_")
    assert "warning: canceling wait for synchronous replication" in said
    assert "None" not in said
