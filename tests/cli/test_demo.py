"""The demo as a newcomer runs it: real processes, a home of its own, nothing left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest


class Commands:
    """The command line in processes of its own, on a private cluster of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str) -> str:
        """Run a command that must succeed; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "memoriesdb", *arguments],
            env={**os.environ, "MEMORIESDB_HOME": str(self.home), "COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def commands() -> Iterator[Commands]:
    # Short, since sockets lie below it.
    with tempfile.TemporaryDirectory(prefix="mdb-", dir="/tmp") as directory:
        os.chmod(directory, 0o755)
        home = Path(directory) / "home"
        opened = Commands(home)
        try:
            yield opened
        finally:
            opened.run("down", "--purge")
            assert not home.exists(), "purge leaves nothing"


def test_up_demo_and_demo_again(commands: Commands) -> None:
    commands.run("up")
    for _ in range(2):
        told = commands.run("demo")
        assert "21 of 21" in told
        assert "31 of 31" in told, "the worker has embedded everything"
        meaning = told.index("a dessert to swallow")
        assert "She opened the little glass box" in told[meaning : meaning + 300]
        assert "of Ada's memories he finds 0" in told
        assert "verify_memories finds 0 problems" in told
        assert "content differs from the last audit entry" in told
        assert re.search(r"found: block \d+, entry \d+: the entry was changed", told)
        assert told.count("intact, and as each of") == 2
    assert re.search(r"ledger: \d+ entries sealed in \d+ blocks", commands.run("status"))
    superuser = commands.run("dsn", "--role", "superuser").strip()
    assert "is what this release ships" in commands.run("verify", superuser)
    with psycopg.connect(commands.run("dsn", "--role", "app").strip()) as db:
        assert db.execute("select count(*) from memoriesdb.memories").fetchone() == (0,)
    shown = commands.run(
        "psql", "--as", "ben", "--", "-Atc", "select count(*) > 10 from memoriesdb.memories"
    )
    assert shown.strip() == "t"
