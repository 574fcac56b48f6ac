"""What is under a legal hold stays readable: its keys are neither dropped nor wrapped anew."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database
from encryption.support import finish
from erasure.support import erase_user, in_thread, one, wait_for_lock
from memoriesdb import Client, Session, errors
from memoriesdb.encryption import Encryption, manage

DROP = "select memoriesdb.drop_owner_key(1, shred => true)"
REWRAP = "select memoriesdb.rewrap_owner_key(1, '\\x00', 'keyring', 'other')"
# Of the table's owner, whom no function stands in the way.
BY_HAND = (
    "delete from memoriesdb.owner_keys where owner_id = '{}'",
    "update memoriesdb.owner_keys set wrapped_key = '\\x00' where owner_id = '{}'",
    "update memoriesdb.owner_keys set key_id = 9 where owner_id = '{}' and key_id = 1",
)


@pytest.fixture
def memory_id(client: Client, encryption: Encryption, alice: UUID) -> UUID:
    """A memory whose former version alone needs key 1, which is retired."""
    with client.as_user(alice) as me:
        memory_id: UUID = me.remember("tea")
        manage.add_key(me, encryption)
    finish(client, encryption, alice)
    return memory_id


def _hold(database: Database, subject: UUID) -> UUID:
    hold_id: UUID = database.administer("hold(%s, 'case 12')", subject)
    return hold_id


def _texts(me: Session, memory_id: UUID) -> list[str | None]:
    return [state.content for state in me.history(memory_id)]


def _refused(database: Database, user_id: UUID, statement: str) -> str | None:
    with pytest.raises(psycopg.DatabaseError) as caught, database.acting(user_id) as db:
        db.execute(statement.encode())
    assert caught.value.diag.message_hint
    return caught.value.sqlstate


@pytest.mark.parametrize("statement", [DROP, REWRAP])
@pytest.mark.parametrize("subject", ["memory", "user"])
def test_a_key_that_is_needed_by_what_is_held_stays_as_it_is(
    database: Database, client: Client, alice: UUID, memory_id: UUID, subject: str, statement: str
) -> None:
    hold_id = _hold(database, memory_id if subject == "memory" else alice)
    assert _refused(database, alice, statement) == "MD204"
    with client.as_user(alice) as me:
        assert _texts(me, memory_id) == ["tea", "tea"]
    # The control: released, it goes.
    assert database.administer("release(%s)", hold_id)
    with database.acting(alice) as db:
        assert one(db, statement)


def test_a_key_of_texts_that_are_not_held_is_its_owners(
    database: Database, client: Client, alice: UUID, bob: UUID, memory_id: UUID
) -> None:
    plain = database.remember(alice, "not encrypted")
    _hold(database, plain)
    _hold(database, bob)
    with database.acting(alice) as db:
        assert one(db, REWRAP)
        assert one(db, DROP)


def test_the_present_text_is_as_good_as_a_former_one(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("tea")
    _hold(database, memory_id)
    assert _refused(database, alice, REWRAP) == "MD204"
    # New texts get a new key all the same, and the held one is encrypted with it.
    with client.as_user(alice) as me:
        assert manage.add_key(me, encryption) == 2
    assert finish(client, encryption, alice) == 1
    with pytest.raises(errors.HeldError), client.as_user(alice) as me:
        manage.drop_key(me, 1, shred=True)


@pytest.mark.parametrize("statement", BY_HAND)
def test_not_by_a_statement_on_the_table_either(
    database: Database, alice: UUID, memory_id: UUID, statement: str
) -> None:
    hold_id = _hold(database, memory_id)
    superuser = database.superuser()
    superuser.execute("set role memoriesdb_owner")
    with pytest.raises(psycopg.DatabaseError) as caught:
        superuser.execute(statement.format(alice).encode())
    assert caught.value.sqlstate == "MD204"
    database.administer("release(%s)", hold_id)
    assert superuser.execute(statement.format(alice).encode()).rowcount


@pytest.mark.parametrize("subject", ["memory", "receiver"])
def test_the_key_of_former_texts_stays_when_the_memory_was_given_away(
    database: Database, client: Client, alice: UUID, bob: UUID, memory_id: UUID, subject: str
) -> None:
    with database.acting(alice) as db:
        db.execute(
            "update memoriesdb.memories set content = 'tea', is_encrypted = false where id = %s",
            (memory_id,),
        )
        db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, bob))
    hold_id = _hold(database, memory_id if subject == "memory" else bob)
    assert _refused(database, alice, DROP) == "MD204"
    # She keeps what the held memory is read by, and her part in its custody.
    with pytest.raises(psycopg.DatabaseError) as caught:
        erase_user(database, alice)
    assert caught.value.sqlstate == "MD204"
    database.administer("release(%s)", hold_id)
    with database.acting(alice) as db:
        assert one(db, DROP)
    assert erase_user(database, alice)["counts"]["owner_keys"] == 1


def test_a_hold_is_seen_by_who_waited_for_it(
    database: Database, alice: UUID, memory_id: UUID
) -> None:
    admin, app = database.connect("admin"), database.connect("app")
    one(admin, "select memoriesdb.hold(%s, 'x')", memory_id)
    app.execute("select memoriesdb.set_user(%s)", (alice,))
    thread, results = in_thread(lambda: one(app, DROP))
    wait_for_lock(database)
    admin.commit()
    thread.join()
    assert results == ["MD204"]


def test_a_hold_waits_for_who_drops_a_key(database: Database, alice: UUID, memory_id: UUID) -> None:
    admin, app = database.connect("admin"), database.connect("app")
    app.execute("select memoriesdb.set_user(%s)", (alice,))
    assert one(app, DROP)
    thread, results = in_thread(lambda: one(admin, "select memoriesdb.hold(%s, 'x')", memory_id))
    wait_for_lock(database)
    app.commit()
    thread.join()
    assert isinstance(results[0], UUID)


def test_an_old_snapshot_is_no_way_round(database: Database, alice: UUID, memory_id: UUID) -> None:
    app = database.connect("app")
    app.execute("set transaction isolation level repeatable read")
    app.execute("select memoriesdb.set_user(%s)", (alice,))
    app.execute("select count(*) from memoriesdb.memories")
    hold_id = _hold(database, memory_id)
    with pytest.raises(psycopg.errors.SerializationFailure):
        app.execute(REWRAP)
    app.rollback()
    database.administer("release(%s)", hold_id)
    app.execute("set transaction isolation level repeatable read")
    app.execute("select memoriesdb.set_user(%s)", (alice,))
    assert one(app, REWRAP)


def test_wrapping_all_keys_anew_changes_none_while_one_is_held(
    database: Database, client: Client, encryption: Encryption, alice: UUID, memory_id: UUID
) -> None:
    """Half of them would be the provider's of before, and nobody would know which."""
    read = "select wrapped_key, provider_key from memoriesdb.owner_keys order by key_id"
    before = database.superuser().execute(read).fetchall()
    hold_id = _hold(database, memory_id)
    with pytest.raises(errors.HeldError), client.as_user(alice) as me:
        manage.rewrap(me, encryption)
    assert database.superuser().execute(read).fetchall() == before
    database.administer("release(%s)", hold_id)
    with client.as_user(alice) as me:
        assert manage.rewrap(me, encryption) == 2
    assert database.superuser().execute(read).fetchall() != before
