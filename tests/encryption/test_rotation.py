"""Keys are rewrapped, rotated and dropped while others write and read, and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

import memoriesdb
from acting import Database
from encryption.support import contents, finish, used_keys
from memoriesdb import Client, errors
from memoriesdb.encryption import Encryption, Keyring, manage


def test_a_new_key_is_used_at_once_and_the_former_one_still_reads(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        old = me.remember("old")
        assert manage.add_key(me, encryption) == 2
        new = me.remember("new")
    assert used_keys(database) == {1: 1, 2: 1}
    assert contents(client, alice) == {old: "old", new: "new"}
    assert finish(client, encryption, alice) == 1
    assert used_keys(database) == {2: 2}
    assert contents(client, alice) == {old: "old", new: "new"}
    with client.as_user(alice) as me:
        assert [state.content for state in me.history(old)] == ["old", "old"]
        assert finish_is_idle(client, encryption, alice)


def finish_is_idle(client: Client, encryption: Encryption, user_id: UUID) -> bool:
    with memoriesdb.connect(client._dsn, encryption=encryption) as other:
        return finish(other, encryption, user_id) == 0


def test_a_rewrapped_key_is_the_same_key(
    database: Database, client: Client, keyring: Keyring, encryption: Encryption, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("tea")
        manage.add_key(me, encryption)
    before = database.superuser().execute("select content from memoriesdb.memories").fetchall()
    old_keyring = keyring.path.read_bytes()
    name = keyring.add()
    with client.as_user(alice) as me:
        assert manage.rewrap(me, encryption) == 2
        assert {use.provider_key for use in manage.uses(me)} == {name}
    assert (
        database.superuser().execute("select content from memoriesdb.memories").fetchall() == before
    )
    encryption.forget_keys()
    assert contents(client, alice) == {memory_id: "tea"}
    # The former wrapping key is of no use any more.
    keyring.path.write_bytes(old_keyring)
    encryption.forget_keys()
    with client.as_user(alice) as me, pytest.raises(errors.WrappingKeyError):
        me.get(memory_id)


def test_two_who_add_a_key_at_once_get_one_each_or_an_error(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    def add(_: int) -> int:
        with memoriesdb.connect(database.dsn("app"), encryption=encryption) as own:
            try:
                with own.as_user(alice) as me:
                    return manage.add_key(me, encryption)
            except errors.KeyConflictError:
                return 0

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for number in pool.map(add, range(16)) if number]
    assert sorted(numbers) == list(range(2, 2 + len(numbers)))
    rows = database.superuser().execute(
        "select key_id, retired_at is null from memoriesdb.owner_keys order by key_id"
    )
    assert rows.fetchall() == [(n, n == len(numbers) + 1) for n in range(1, len(numbers) + 2)]
    with client.as_user(alice) as me, pytest.raises(errors.KeyConflictError):
        manage.add_key(me, encryption, only_first=True)


class Writer:
    """One who remembers, changes and reads until told to stop, and knows what must be there."""

    def __init__(
        self, database: Database, encryption: Encryption, user_id: UUID, seed: int
    ) -> None:
        self.texts: dict[UUID, str] = {}
        self.reads = 0
        self._database = database
        self._encryption = encryption
        self._user_id = user_id
        self._draw = random.Random(seed)
        self._seed = seed

    def run(self, stop: threading.Event) -> None:
        with memoriesdb.connect(self._database.dsn("app"), encryption=self._encryption) as client:
            while not stop.is_set():
                with client.as_user(self._user_id) as me:
                    text = f"writer {self._seed}: {self._draw.random()}"
                    act = self._draw.random()
                    if act < 0.3 or not self.texts:
                        change = {me.remember(text): text}
                    else:
                        memory_id = self._draw.choice(list(self.texts))
                        if act < 0.6:
                            change = {memory_id: me.update(memory_id, content=text).content}
                        elif act < 0.7:
                            # One of plain SQL, which knows nothing of keys.
                            me.connection.execute(
                                "update memoriesdb.memories set importance = random() "
                                "where id = %s",
                                (memory_id,),
                            )
                            change = {}
                        else:
                            memory = me.get(memory_id)
                            assert memory is not None
                            assert memory.content == self.texts[memory_id]
                            self.reads += 1
                            change = {}
                self.texts.update(change)


def test_keys_change_while_writers_and_readers_run(
    database: Database, client: Client, keyring: Keyring, alice: UUID
) -> None:
    writers = [Writer(database, Encryption(keyring), alice, seed) for seed in range(4)]
    encryption = Encryption(keyring)
    stop = threading.Event()
    with ThreadPoolExecutor(len(writers)) as pool:
        running = [pool.submit(writer.run, stop) for writer in writers]
        try:
            for turn in range(6):
                while sum(len(writer.texts) for writer in writers) < 20 * (turn + 1):
                    assert not any(future.done() for future in running), [
                        f.exception() for f in running if f.done()
                    ]
                    time.sleep(0.01)
                if turn % 2:
                    keyring.add()
                with client.as_user(alice) as me:
                    if turn % 2:
                        manage.rewrap(me, encryption)
                    else:
                        manage.add_key(me, encryption)
                finish(client, encryption, alice)
        finally:
            stop.set()
        for future in running:
            future.result()
    finish(client, encryption, alice)
    assert list(used_keys(database)) == [4]
    expected: dict[UUID, str] = {}
    for writer in writers:
        assert writer.reads > 0
        expected |= writer.texts
    assert contents(client, alice) == expected
    with client.as_user(alice) as me:
        for memory_id in list(expected)[:20]:
            assert all(state.content for state in me.history(memory_id))
        # Nothing needs the first three but history.
        for key_id in (1, 2, 3):
            with pytest.raises(errors.KeyInUseError), me.savepoint():
                manage.drop_key(me, key_id)
            assert manage.drop_key(me, key_id, shred=True)
    assert contents(client, alice) == expected


CRASHING = """
import sys
from uuid import UUID
import memoriesdb
from memoriesdb.encryption import Encryption, Keyring, manage
dsn, path, user_id = sys.argv[1], sys.argv[2], UUID(sys.argv[3])
encryption = Encryption(Keyring(path))
with memoriesdb.connect(dsn, encryption=encryption) as client:
    for done in manage.reencrypt(lambda: client.as_user(user_id), encryption, batch=5):
        print(done.written, flush=True)
        {pause}
"""


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_reencryption_that_was_killed_goes_on_where_it_was(
    database: Database, client: Client, keyring: Keyring, alice: UUID, batches: int
) -> None:
    encryption = Encryption(keyring)
    with client.as_user(alice) as me:
        ids = me.remember_many([{"content": f"memory {n}"} for n in range(40)])
        manage.add_key(me, encryption)
    pause = "import time; time.sleep(0.05)"
    arguments = [database.dsn("app"), str(keyring.path), str(alice)]
    with subprocess.Popen(
        [sys.executable, "-c", CRASHING.format(pause=pause), *arguments],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        for _ in range(batches):
            assert process.stdout.readline() == b"5\n"
        os.kill(process.pid, signal.SIGKILL)
    done = used_keys(database).get(2, 0)
    assert 5 * batches <= done <= 40
    assert contents(client, alice) == {i: f"memory {n}" for n, i in enumerate(ids)}
    assert finish(client, encryption, alice) == 40 - done
    assert used_keys(database) == {2: 40}
    assert contents(client, alice) == {i: f"memory {n}" for n, i in enumerate(ids)}


def test_a_memory_that_somebody_is_changing_is_tried_again(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        ids = me.remember_many([{"content": f"memory {n}"} for n in range(3)])
        manage.add_key(me, encryption)
    begin = lambda: client.as_user(alice)  # noqa: E731
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set importance = 1 where id = %s", (ids[0],))
        steps = manage.reencrypt(begin, encryption)
        first = next(steps)
        assert (first.written, first.left) == (2, 1)
    assert sum(done.written for done in steps) == 1
    assert used_keys(database) == {2: 3}
    assert contents(client, alice) == {i: f"memory {n}" for n, i in enumerate(ids)}


def test_one_that_was_tampered_with_does_not_keep_the_others_from_the_new_key(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        ids = me.remember_many([{"content": f"memory {n}"} for n in range(3)])
        manage.add_key(me, encryption)
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute("alter table memoriesdb.memories disable trigger user")
        db.execute(
            "update memoriesdb.memories set content = left(content, -4) || 'AAA=' where id = %s",
            (ids[1],),
        )
        db.execute("alter table memoriesdb.memories enable trigger user")
    (done,) = manage.reencrypt(lambda: client.as_user(alice), encryption)
    assert (done.written, done.unreadable) == (2, (ids[1],))
    assert used_keys(database) == {1: 1, 2: 2}


def test_plain_memories_are_encrypted_when_asked_for(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    ids = [database.remember(alice, f"memory {n}") for n in range(3)]
    assert finish(client, encryption, alice) == 0
    assert finish(client, encryption, alice, with_plain=True) == 3
    assert used_keys(database) == {1: 3}
    assert contents(client, alice) == {i: f"memory {n}" for n, i in enumerate(ids)}


def test_a_vector_stays_good_when_its_text_is_encrypted_anew(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 2)
    with client.as_user(alice) as me:
        memory_id = me.remember("tea")
        me.put_embedding(memory_id, [1.0, 0.0])
        manage.add_key(me, encryption)
    assert finish(client, encryption, alice) == 1
    with client.as_user(alice) as me:
        (found,) = me.recall("tea", query_embedding=[1.0, 0.0])
    assert (found.content, found.embedding_state) == ("tea", "ready")
