"""Nobody chooses ids: a reservation counts for its user, in its transaction, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database
from memoriesdb import Client

REMEMBER = "select memoriesdb.remember_encrypted(%s)"
BODY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="


def reserve(db: Connection) -> UUID:
    row = db.execute("select memoriesdb.reserve_memory_id()").fetchone()
    assert row is not None
    memory_id: UUID = row[0]
    return memory_id


def sealed(memory_id: UUID, version: int = 1, key_id: int = 1) -> str:
    return f"mdbenc1:{key_id}:{version}:{memory_id}:{BODY}"


def refused(db: Connection, code: str, query: str, *parameters: Any) -> None:
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        db.execute(query, parameters)
    assert caught.value.sqlstate == code


@pytest.fixture(autouse=True)
def _key(client: Client) -> None:
    """Alice has key 1."""


def test_a_reserved_id_becomes_the_memorys(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        memory_id = reserve(db)
        row = db.execute(REMEMBER, (sealed(memory_id),)).fetchone()
        assert row == (memory_id,)
        rows = db.execute("select id, owner_id, version, is_encrypted from memoriesdb.memories")
        assert rows.fetchall() == [(memory_id, alice, 1, True)]


def test_reserved_ids_are_the_databases_own_and_sort_in_order(
    database: Database, alice: UUID
) -> None:
    with database.acting(alice) as db:
        ids = [i for (i,) in db.execute("select memoriesdb.reserve_memory_ids(200)")]
        assert len(set(ids)) == 200
        assert ids == sorted(ids)
        assert {i.version for i in ids} == {7}
        for count in (0, -1, 1001, None):
            refused(db, "MD108", "select memoriesdb.reserve_memory_ids(%s)", count)


def test_an_id_of_ones_own_choice_is_refused(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        refused(db, "MD601", REMEMBER, sealed(uuid4()))
        memory_id = reserve(db)
        refused(db, "MD601", REMEMBER, sealed(UUID(int=memory_id.int ^ 1)))
        # The negative control.
        db.execute(REMEMBER, (sealed(memory_id),))
    # Column privileges leave id out, also for who has reserved it.
    with database.acting(alice) as db:
        memory_id = reserve(db)
        for query in (
            "insert into memoriesdb.memories (id, content) values (%s, %s)",
            "insert into memoriesdb.memories (id, content) overriding system value values (%s, %s)",
        ):
            refused(db, "42501", query, memory_id, sealed(memory_id))


@pytest.mark.parametrize(
    "forge",
    [
        lambda entry: entry.replace(".", ".9", 1),
        lambda entry: entry[:-1] + ("0" if entry[-1] != "0" else "1"),
        lambda entry: entry.split(".")[0],
        lambda entry: "",
        lambda entry: f" {uuid4()}" + entry[37:],
    ],
)
def test_a_forged_reservation_is_refused(
    database: Database, alice: UUID, forge: Callable[[str], str]
) -> None:
    with database.acting(alice) as db:
        memory_id = reserve(db)
        row = db.execute("select current_setting('app.reserved_ids')").fetchone()
        assert row is not None
        forged = forge(row[0])
        target = forged.strip()[:36] if forged.strip() else str(memory_id)
        db.execute("select set_config('app.reserved_ids', %s, true)", (forged,))
        refused(db, "MD601", REMEMBER, sealed(UUID(target)))
        db.execute("select set_config('app.reserved_ids', %s, true)", (row[0],))
        db.execute(REMEMBER, (sealed(memory_id),))


def test_a_reservation_is_used_once_however_often_it_is_set_again(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.acting(alice) as db:
        memory_id = reserve(db)
        row = db.execute("select current_setting('app.reserved_ids')").fetchone()
        assert row is not None
        replay = ("select set_config('app.reserved_ids', %s, true)", (row[0],))
        db.execute(REMEMBER, (sealed(memory_id),))
        refused(db, "MD601", REMEMBER, sealed(memory_id))
        db.execute(*replay)
        refused(db, "MD601", REMEMBER, sealed(memory_id))
        # Gone, and given away: the id is not free again.
        db.execute("delete from memoriesdb.memories")
        db.execute(*replay)
        refused(db, "MD601", REMEMBER, sealed(memory_id))
    with database.acting(alice) as db:
        memory_id = reserve(db)
        row = db.execute("select current_setting('app.reserved_ids')").fetchone()
        assert row is not None
        db.execute(REMEMBER, (sealed(memory_id),))
        db.execute("update memoriesdb.memories set content = 'plain', is_encrypted = false")
        db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, bob))
        db.execute("select set_config('app.reserved_ids', %s, true)", (row[0],))
        refused(db, "MD601", REMEMBER, sealed(memory_id))


def test_two_rows_of_one_statement_cannot_have_one_id(database: Database, alice: UUID) -> None:
    insert = (
        "insert into memoriesdb.memories (content, is_encrypted) "
        "select c, true from unnest(%s::text[]) as c returning id"
    )
    with database.acting(alice) as db:
        memory_id = reserve(db)
        refused(db, "MD601", insert, [sealed(memory_id), sealed(memory_id)])
        other = reserve(db)
        rows = db.execute(insert, ([sealed(other), sealed(memory_id)],)).fetchall()
        assert rows == [(other,), (memory_id,)]


def test_a_reservation_is_of_no_use_to_another_user_or_in_another_transaction(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.acting(bob) as db:
        key = "select memoriesdb.add_owner_key(1, '\\x00', 'keyring', 'x')"
        db.execute(key)
    with database.acting(alice, pooled=False) as db:
        memory_id = reserve(db)
        row = db.execute("select current_setting('app.reserved_ids')").fetchone()
        assert row is not None
        db.execute("select memoriesdb.set_user(%s)", (bob,))
        refused(db, "MD601", REMEMBER, sealed(memory_id))
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        db.commit()
        for user in (alice, bob):
            db.execute("select memoriesdb.set_user(%s)", (user,))
            db.execute("select set_config('app.reserved_ids', %s, true)", (row[0],))
            refused(db, "MD601", REMEMBER, sealed(memory_id))
            db.commit()


def test_a_savepoint_gives_a_reservation_back_and_takes_it(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        memory_id = reserve(db)
        with db.transaction(force_rollback=True):
            db.execute(REMEMBER, (sealed(memory_id),))
            lost = reserve(db)
        refused(db, "MD601", REMEMBER, sealed(lost))
        db.execute(REMEMBER, (sealed(memory_id),))


def test_a_viewer_reserves_nothing(database: Database) -> None:
    viewer = database.create_user("vera", role="viewer")
    with database.acting(viewer) as db:
        refused(db, "MD004", "select memoriesdb.reserve_memory_id()")


def test_the_database_takes_a_ciphertext_at_its_place_alone(
    database: Database, alice: UUID
) -> None:
    update = "update memoriesdb.memories set content = %s, is_encrypted = %s where id = %s"
    with database.acting(alice) as db:
        memory_id = reserve(db)
        refused(db, "MD601", REMEMBER, sealed(memory_id, version=2))
        refused(db, "MD602", REMEMBER, sealed(memory_id, key_id=2))
        refused(
            db, "MD601", "insert into memoriesdb.memories (content) values (%s)", sealed(memory_id)
        )
        db.execute(REMEMBER, (sealed(memory_id),))
        refused(db, "MD601", update, sealed(memory_id, 1)[:-1] + "A", True, memory_id)
        refused(db, "MD601", update, sealed(memory_id, 3), True, memory_id)
        refused(db, "MD601", update, sealed(uuid4(), 2), True, memory_id)
        refused(db, "MD602", update, sealed(memory_id, 2, key_id=9), True, memory_id)
        refused(db, "MD601", update, sealed(memory_id, 2), False, memory_id)
        refused(db, "MD601", update, "plain", True, memory_id)
        db.execute(update, (sealed(memory_id, 2), True, memory_id))
        db.execute("update memoriesdb.memories set importance = 0.9 where id = %s", (memory_id,))
        db.execute(update, ("plain at last", False, memory_id))
        # What only looks like one is a text like any other.
        db.execute("select memoriesdb.remember('mdbenc1: a format')")
