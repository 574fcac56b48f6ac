"""Keys belong to their owner, are audited, and go only when nothing needs them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

import memoriesdb
from acting import Database
from encryption.support import contents, finish
from memoriesdb import Client, errors
from memoriesdb.encryption import Encryption, Keyring, manage
from memoriesdb.encryption.ciphertext import head_of


def test_a_key_is_dropped_only_when_nothing_needs_it(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    def drop(**options: bool) -> bool:
        with client.as_user(alice) as me:
            return manage.drop_key(me, 1, **options)

    with client.as_user(alice) as me:
        memory_id = me.remember("tea")
    with pytest.raises(errors.KeyInUseError):
        drop(shred=True)
    with client.as_user(alice) as me:
        manage.add_key(me, encryption)
    with pytest.raises(errors.KeyInUseError):
        drop(shred=True)
    finish(client, encryption, alice)
    with pytest.raises(errors.KeyInUseError):
        drop()
    with client.as_user(alice) as me:
        assert [state.content for state in me.history(memory_id)] == ["tea", "tea"]
    assert drop(shred=True)
    assert not drop(shred=True)
    assert contents(client, alice) == {memory_id: "tea"}
    with client.as_user(alice) as me:
        assert [state.content for state in me.history(memory_id)] == [None, "tea"]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_dropping_a_key_waits_for_those_who_are_writing_with_it(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    watch = database.superuser()

    def waits() -> bool:
        return bool(
            watch.execute(
                "select from pg_stat_activity where wait_event_type = 'Lock' and datname = %s",
                (database.name,),
            ).fetchall()
        )

    def drop() -> bool:
        with (
            memoriesdb.connect(database.dsn("app"), encryption=encryption) as own,
            own.as_user(alice) as me,
        ):
            return manage.drop_key(me, 1, shred=True)

    with ThreadPoolExecutor(1) as pool:
        with client.as_user(alice) as me:
            memory_id = me.remember("tea")
            with (
                memoriesdb.connect(database.dsn("app"), encryption=encryption) as other,
                other.as_user(alice) as also_me,
            ):
                manage.add_key(also_me, encryption)
            dropping = pool.submit(drop)
            wait_until(waits)
        with pytest.raises(errors.KeyInUseError):
            dropping.result()
    assert contents(client, alice) == {memory_id: "tea"}


def test_a_key_that_was_retired_long_ago_encrypts_nothing(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        manage.add_key(me, encryption)
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute(
            "update memoriesdb.owner_keys set retired_at = retired_at - interval '2 minutes' "
            "where key_id = 1"
        )
    with client.as_user(alice) as me:
        memory_id = me.remember("tea")
        row = me.connection.execute("select content from memoriesdb.memories").fetchone()
        assert row is not None
        head = head_of(row[0])
        assert head is not None
        old = row[0].replace(f"mdbenc1:2:1:{memory_id}", f"mdbenc1:1:2:{memory_id}")
        with pytest.raises(errors.KeyNotInUseError), me.savepoint():
            me.connection.execute("update memoriesdb.memories set content = %s", (old,))


def test_keys_are_audited_without_the_wrapped_key(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    with client.as_user(alice, reason="quarterly") as me:
        manage.add_key(me, encryption)
        manage.rewrap(me, encryption)
    rows = (
        database.superuser()
        .execute(
            "select l.operation, p.before::text, p.after::text, p.reason "
            "from memoriesdb.audit_log l "
            "join memoriesdb.audit_payloads p using (audit_id) where l.table_name = 'owner_keys' "
            "and l.owner_id = %s order by audit_id",
            (alice,),
        )
        .fetchall()
    )
    assert [row[0] for row in rows] == ["INSERT", "UPDATE", "INSERT", "UPDATE", "UPDATE"]
    assert all("wrapped_key" not in f"{row[1]} {row[2]}" for row in rows)
    assert {row[3] for row in rows} == {None, "quarterly"}


def test_erasing_a_user_destroys_the_keys(database: Database, client: Client, alice: UUID) -> None:
    with client.as_user(alice) as me:
        me.remember("tea")
    with memoriesdb.connect(database.dsn("admin")) as admin:
        assert admin.erase_user(alice)
    for table in ("owner_keys", "memories", "memory_versions"):
        found = database.superuser().execute(f"select from memoriesdb.{table}").fetchall()
        assert found == []


def test_nobody_touches_anothers_keys(
    database: Database, client: Client, alice: UUID, bob: UUID
) -> None:
    with database.acting(bob) as db:
        assert db.execute("select from memoriesdb.owner_keys").fetchall() == []
        assert db.execute("select memoriesdb.retire_owner_key(1)").fetchone() == (False,)
        assert db.execute("select memoriesdb.drop_owner_key(1, true)").fetchone() == (False,)
        rewrap = "select memoriesdb.rewrap_owner_key(1, '\\x00', 'keyring', 'x')"
        assert db.execute(rewrap).fetchone() == (False,)
        for statement in (
            "insert into memoriesdb.owner_keys values (%s, 7, '\\x00', 'keyring', 'x', now())",
            "update memoriesdb.owner_keys set retired_at = now() where owner_id = %s",
            "delete from memoriesdb.owner_keys where owner_id = %s",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
                db.execute(statement, (alice,))
    rows = database.superuser().execute(
        "select owner_id, key_id, retired_at from memoriesdb.owner_keys"
    )
    assert rows.fetchall() == [(alice, 1, None)]


@pytest.mark.parametrize(
    "arguments",
    [
        (2, b"", "keyring", "x"),
        (2, None, "keyring", "x"),
        (2, b"x" * 65537, "keyring", "x"),
        (2, b"x", "Key ring", "x"),
        (2, b"x", None, "x"),
        (2, b"x", "keyring", None),
        (2, b"x", "keyring", "x" * 2049),
    ],
)
def test_a_wrapped_key_that_is_none_is_refused(
    database: Database, client: Client, alice: UUID, arguments: tuple[object, ...]
) -> None:
    for function in ("add_owner_key", "rewrap_owner_key"):
        with pytest.raises(psycopg.Error) as caught, database.acting(alice) as db:
            db.execute(f"select memoriesdb.{function}(%s, %s, %s, %s)", arguments)
        assert caught.value.sqlstate == "MD110"


def test_a_later_number_than_the_next_is_refused(
    database: Database, client: Client, alice: UUID
) -> None:
    for number in (0, 1, 3, None):
        with pytest.raises(psycopg.Error) as caught, database.acting(alice) as db:
            db.execute("select memoriesdb.add_owner_key(%s, '\\x00', 'keyring', 'x')", (number,))
        assert caught.value.sqlstate == "MD603"


def test_a_client_does_not_need_the_file_while_it_has_the_key(
    client: Client, keyring: Keyring, encryption: Encryption, alice: UUID, tmp_path: Path
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("tea")
        moved = keyring.path.rename(tmp_path / "elsewhere.json")
        assert me.get(memory_id) is not None
        encryption.forget_keys()
        with pytest.raises(errors.WrappingKeyError):
            me.get(memory_id)
        moved.rename(keyring.path)
        assert me.get(memory_id) is not None


def test_a_memory_without_its_key_is_an_error_and_never_nothing(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("tea")
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute("delete from memoriesdb.owner_keys")
    with client.as_user(alice) as me, pytest.raises(errors.NoKeyError):
        me.get(memory_id)
