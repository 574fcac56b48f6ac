"""`memoriesdb encryption`, as it is run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import memoriesdb
from acting import Database
from encryption.vault_server import TOKEN, transit
from memoriesdb.encryption import Encryption, Keyring

PROGRAM = Path(sys.executable).parent / "memoriesdb"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(database: Database, provider: str, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "MEMORIESDB_APP_DSN": database.dsn("app"),
        "MEMORIESDB_KEY_PROVIDER": provider,
        "COLUMNS": "200",
        **more,
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


@pytest.fixture
def run(database: Database, path: Path) -> Run:
    def call(*arguments: str, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [PROGRAM, "encryption", *arguments],
            env=environment(database, f"keyring:{path}", **more),
            capture_output=True, text=True, check=False, input="n\n",
        )  # fmt: skip
        assert done.returncode == code, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done

    return call


def status(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("status", "--user", "alice", "--json").stdout)
    return found


def test_a_key_is_made_changed_and_dropped(
    database: Database, run: Run, path: Path, alice: UUID
) -> None:
    run("keyring", str(path))
    assert "encrypted with key 1" in run("init", "--user", "alice").stdout
    again = run("init", "--user", "alice", code=1)
    assert "MD603" in again.stderr
    assert "rotate" in again.stderr
    encryption = Encryption(Keyring(path))
    database.remember(alice, "in plain text")
    with (
        memoriesdb.connect(database.dsn("app"), encryption=encryption) as client,
        client.as_user(alice) as me,
    ):
        ids = me.remember_many([{"content": f"memory {n}"} for n in range(25)])
    assert "encrypted with key 2" in run("rotate", "--user", "alice").stdout
    done = run("reencrypt", "--user", "alice", "--batch", "10")
    assert "Memories encrypted anew: 25." in done.stdout
    assert "25/25" in done.stderr
    assert "Memories encrypted anew: 1." in run("reencrypt", "--user", "alice", "--plain").stdout
    assert "Memories encrypted anew: 0." in run("reencrypt", "--user", "alice", "--plain").stdout
    run("keyring", str(path), "--add")
    names = run("keyring", str(path), "--names").stdout.split()
    assert len(names) == 2
    assert "Keys wrapped anew: 2." in run("rewrap", "--user", "alice").stdout
    shown = status(run)
    counted = [(key["key_id"], key["memory_count"], key["version_count"]) for key in shown["keys"]]
    assert counted == [(1, 0, 25), (2, 26, 0)]
    assert {key["provider_key"] for key in shown["keys"]} == {names[0]}
    assert shown["plain"] == 0
    assert "retired" in run("status", "--user", "alice").stdout
    assert "nothing was deleted" in run("drop", "1", "--user", "alice", code=1).stderr
    refused = run("drop", "1", "--user", "alice", "--yes", code=1)
    assert "MD604" in refused.stderr
    run("drop", "1", "--user", "alice", "--yes", "--shred")
    run("drop", "1", "--user", "alice", "--yes", code=2)
    assert [key["key_id"] for key in status(run)["keys"]] == [2]
    with (
        memoriesdb.connect(database.dsn("app"), encryption=Encryption(Keyring(path))) as client,
        client.as_user(alice) as me,
    ):
        for number, memory_id in enumerate(ids):
            memory = me.get(memory_id)
            assert memory is not None
            assert memory.content == f"memory {number}"


def test_keys_move_from_a_keyring_to_vault(
    database: Database, run: Run, path: Path, alice: UUID
) -> None:
    run("keyring", str(path))
    run("init", "--user", "alice")
    with transit() as server:
        more = {"VAULT_ADDR": server.address, "VAULT_TOKEN": TOKEN}
        vault = ("--provider", "vault:transit/memories")
        wrong = run("rewrap", "--user", "alice", *vault, code=1, **more)
        assert "keyring" in wrong.stderr
        former = ("--former-provider", f"keyring:{path}")
        run("rewrap", "--user", "alice", *vault, *former, **more)
        path.unlink()
        run("rotate", "--user", "alice", *vault, **more)
        run("reencrypt", "--user", "alice", *vault, **more)
        server.sealed = True
        away = run("rotate", "--user", "alice", *vault, code=1, **more)
        assert "MD608" in away.stderr
        assert "unseal" in away.stderr
    assert [key["provider"] for key in status(run)["keys"]] == ["vault", "vault"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("init", "--user", "nobody"), "nobody has the name 'nobody'"),
        (("init", "--user", "alice"), "encryption keyring"),
        (("init", "--user", "alice", "--provider", "gpg:me"), "no provider of keys"),
        (("init",), "mapped to no user"),
        (("reencrypt", "--user", "alice", "--provider", "environment:NO_SUCH"), "no key"),
        (("keyring", "/nonexistent/keys", "--names"), "cannot be read"),
    ],
)
def test_mistakes_are_explained_in_two_lines(
    run: Run, alice: UUID, arguments: tuple[str, ...], says: str
) -> None:
    done = run(*arguments, code=1)
    assert says in done.stderr
    assert "what to do next" in done.stderr


def test_an_interrupted_reencryption_says_so_and_is_run_again(
    database: Database, run: Run, path: Path, alice: UUID
) -> None:
    run("keyring", str(path))
    run("init", "--user", "alice")
    with (
        memoriesdb.connect(database.dsn("app"), encryption=Encryption(Keyring(path))) as client,
        client.as_user(alice) as me,
    ):
        me.remember_many([{"content": f"memory {n}"} for n in range(20)])
    run("rotate", "--user", "alice")
    # Somebody holds one of them, so that the command is still at it.
    with database.acting(alice) as db:
        db.execute("select from memoriesdb.memories order by id limit 1 for update")
        with subprocess.Popen(
            [PROGRAM, "encryption", "reencrypt", "--user", "alice"],
            env=environment(database, f"keyring:{path}"), stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            deadline = time.monotonic() + 60
            while status(run)["keys"][1]["memory_count"] < 19:
                assert time.monotonic() < deadline
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "what is done stays done" in stderr
        assert "Traceback" not in stderr
    assert "Memories encrypted anew: 1." in run("reencrypt", "--user", "alice").stdout


def test_a_token_needs_no_name(database: Database, run: Run, path: Path, alice: UUID) -> None:
    with database.connect("admin") as db:
        row = db.execute("select memoriesdb.issue_token(%s)", (alice,)).fetchone()
    assert row is not None
    run("keyring", str(path))
    run("init", "--dsn", database.dsn("client"), MEMORIESDB_TOKEN=row[0])
    owner = database.superuser().execute("select owner_id from memoriesdb.owner_keys").fetchone()
    assert owner == (alice,)


def test_a_mapped_login_needs_no_name(database: Database, run: Run, path: Path) -> None:
    bob = database.create_user("bob")
    with database.connect("admin") as db:
        db.execute("select memoriesdb.map_db_role(%s, 'test_client')", (bob,))
    run("keyring", str(path))
    run("init", "--dsn", database.dsn("client"))
    row = database.superuser().execute("select owner_id from memoriesdb.owner_keys").fetchone()
    assert row == (bob,)
