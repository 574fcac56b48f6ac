"""No text and no key is in any file of the server: tables, indexes, WAL, temporary files, logs."""

from __future__ import annotations

import base64
import contextlib
import secrets
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql

import memoriesdb
from acting import Database, login
from memoriesdb import Client, MemoriesError
from memoriesdb.encryption import Encryption, Keyring, manage


def files_with(directory: Path, what: bytes) -> list[Path]:
    """Files below a directory that hold these bytes; those that go away meanwhile do not count."""
    found = []
    for path in directory.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and what in path.read_bytes():
                found.append(path)
    return found


def use(client: Client, user_id: UUID, word: str) -> None:
    """All that a text goes through: kept, changed, recalled, found faulty, deleted."""
    with client.as_user(user_id) as me:
        memory_id = me.remember(f"{word} at five", stream="s", metadata={"place": "here"})
        (other,) = me.remember_many([{"content": f"{word} again"}])
        me.update(memory_id, content=f"{word} at four, {'and long ' * 2000}")
        me.get(memory_id)
        me.history(memory_id)
        me.recall("something else")
        me.link(memory_id, other)
        me.delete(other)
    # What the server refuses it may quote.
    for options in ({"kind": "No Word"}, {"importance": 2.0}, {"stream": ""}):
        with contextlib.suppress(MemoriesError), client.as_user(user_id) as me:
            me.remember(f"{word} refused", **options)
    with contextlib.suppress(MemoriesError), client.as_user(user_id) as me:
        me.remember_many([{"content": f"{word} refused", "colour": "red"}])


def test_no_text_and_no_key_is_in_any_file_of_the_server(
    database: Database, client: Client, keyring: Keyring, alice: UUID, bob: UUID
) -> None:
    # A server that logs all it can.
    with psycopg.connect(database.dsn("superuser"), autocommit=True) as db:
        for setting in ("log_statement = 'all'", "log_parameter_max_length_on_error = -1",
                        "log_parameter_max_length = -1", "log_error_verbosity = verbose",
                        "work_mem = '64kB'"):  # fmt: skip
            db.execute(
                sql.SQL(f"alter role {{}} in database {{}} set {setting}").format(
                    sql.Identifier(login("app")), sql.Identifier(database.name)
                )
            )
        db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
            (login("app"),),
        )
    secret, open_secret = f"canary{secrets.token_hex(8)}", f"canary{secrets.token_hex(8)}"
    encryption = Encryption(keyring)
    with memoriesdb.connect(database.dsn("app"), encryption=encryption) as encrypting:
        use(encrypting, alice, secret)
        with encrypting.as_user(alice) as me:
            manage.add_key(me, encryption)
            manage.rewrap(me, encryption)
        for _ in manage.reencrypt(lambda: encrypting.as_user(alice), encryption):
            pass
    with memoriesdb.connect(database.dsn("app")) as plain:
        use(plain, bob, open_secret)
    keys = list(encryption._cache.values())
    assert len(keys) >= 2
    cluster = database.cluster
    with psycopg.connect(database.dsn("superuser"), autocommit=True) as db:
        db.execute("checkpoint")
    root = cluster.postgres.directory
    for needle in (
        secret.encode(),
        base64.b64encode(secret.encode())[2:-4],
        secret.encode().hex().encode(),
        *(key for _, key in keys),
        *(key.hex().encode() for _, key in keys),
        *(base64.b64encode(key) for _, key in keys),
    ):
        assert files_with(root, needle) == []
        assert files_with(cluster.pooler.directory, needle) == []
    # The negative control: what is not encrypted is in all of them.
    found = {path.relative_to(root).parts[:2] for path in files_with(root, open_secret.encode())}
    assert {("data", "base"), ("data", "pg_wal"), ("postgres.log",)} <= found
