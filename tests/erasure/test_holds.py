"""Legal holds: what is held stays, whichever way somebody tries to be rid of it."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database
from erasure.support import CANARY, erase, erase_user, in_thread, one, wait_for_lock

WAYS = {
    "forget": "select memoriesdb.forget(%(id)s)",
    "forgotten_at": "update memoriesdb.memories set forgotten_at = now() where id = %(id)s",
    "expires_at": "update memoriesdb.memories set expires_at = now() + interval '1 second' "
    "where id = %(id)s",
    "delete": "delete from memoriesdb.memories where id = %(id)s",
    "delete all": "delete from memoriesdb.memories",
    "merge": "merge into memoriesdb.memories as m using (values (%(id)s::uuid)) as g (id) "
    "on m.id = g.id when matched then delete",
    "transfer": "select memoriesdb.transfer(%(id)s, %(other)s)",
    "erase": "select memoriesdb.erase(%(id)s)",
}


def _hold(database: Database, subject: UUID) -> UUID:
    hold_id: UUID = database.administer("hold(%s, 'case 12')", subject)
    return hold_id


def _release(database: Database, hold_id: UUID) -> bool:
    released: bool = database.administer("release(%s)", hold_id)
    return released


@pytest.mark.parametrize("subject", ["memory", "user"])
@pytest.mark.parametrize("way", WAYS)
def test_what_is_held_stays(
    database: Database, alice: UUID, bob: UUID, way: str, subject: str
) -> None:
    memory_id = database.remember(alice, CANARY)
    hold_id = _hold(database, memory_id if subject == "memory" else alice)
    arguments = {"id": memory_id, "other": bob}
    with pytest.raises(psycopg.DatabaseError) as caught, database.acting(alice) as db:
        db.execute(WAYS[way].encode(), arguments)
    assert caught.value.sqlstate == "MD204"
    assert str(hold_id) in str(caught.value.diag.message_detail)
    with database.acting(alice) as db:
        state = db.execute(
            "select content, forgotten_at, expires_at from memoriesdb.memories"
        ).fetchall()
    assert state == [(CANARY, None, None)]
    # The control: released, it goes.
    assert _release(database, hold_id)
    with database.acting(alice) as db:
        db.execute(WAYS[way].encode(), arguments)


@pytest.mark.parametrize("subject", ["memory", "user"])
def test_admins_do_not_erase_what_is_held(database: Database, alice: UUID, subject: str) -> None:
    memory_id = database.remember(alice, "one")
    hold_id = _hold(database, memory_id if subject == "memory" else alice)
    for call, argument in (("erase(%s)", memory_id), ("erase_user(%s)", alice)):
        with pytest.raises(psycopg.DatabaseError) as caught:
            database.administer(call, argument)
        assert caught.value.sqlstate == "MD204"
    _release(database, hold_id)
    assert erase_user(database, alice)["counts"]["memories"] == 1


def test_a_deleted_memory_can_be_held(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, CANARY)
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories")
    hold_id = _hold(database, memory_id)
    for call, subject in (("erase(%s)", memory_id), ("erase_user(%s)", alice)):
        with pytest.raises(psycopg.DatabaseError) as caught:
            database.administer(call, subject)
        assert caught.value.sqlstate == "MD204"
    _release(database, hold_id)
    assert erase(database, alice, memory_id)["counts"]["memory_versions"] == 1


def test_what_stays_possible(database: Database, alice: UUID) -> None:
    memory_id, other = database.remember(alice, "one"), database.remember(alice, "two")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.forget(%s)", (memory_id,))
    _hold(database, memory_id)
    with database.acting(alice) as db:
        edit = "update memoriesdb.memories set content = 'changed' where id = %s"
        db.execute(edit, (memory_id,))
        assert one(db, "select memoriesdb.restore(%s)", memory_id)
        kept = db.execute("select content from memoriesdb.history(%s)", (memory_id,)).fetchall()
        assert ("one",) in kept, "the former contents are kept"
        # What is not held is the owner's as before.
        assert one(db, "select memoriesdb.forget(%s)", other)
        db.execute("delete from memoriesdb.memories where id = %s", (other,))


def test_a_hold_outlasts_that_its_owner_is_deactivated(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Nobody acts as the owner meanwhile; nothing goes, and what others see they go on to see."""
    memory_id = database.remember(alice, "one")
    _hold(database, alice)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    assert database.administer("deactivate_user(%s)", alice)
    with pytest.raises(psycopg.DatabaseError) as caught:
        database.administer("erase(%s)", memory_id)
    assert caught.value.sqlstate == "MD204"
    with database.acting(bob) as db:
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("one",)]
        # A copy is not held: it is another memory.
        copy_id = one(db, "select memoriesdb.acquire(%s)", memory_id)
        assert one(db, "select memoriesdb.forget(%s)", copy_id)
    assert database.administer("reactivate_user(%s)", alice)
    with database.acting(alice) as db:
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("one",)]


@pytest.mark.parametrize("role", ["user", "viewer", "service"])
def test_only_admins_hold_and_release(database: Database, alice: UUID, role: str) -> None:
    memory_id = database.remember(alice, "one")
    hold_id = _hold(database, memory_id)
    acting = database.create_user("somebody", role)
    for call, argument in (("hold(%s, 'mine')", alice), ("release(%s)", hold_id)):
        for user_id in (acting, alice):
            with pytest.raises(psycopg.DatabaseError) as caught, database.acting(user_id) as db:
                db.execute(f"select memoriesdb.{call}".encode(), (argument,))
            assert caught.value.sqlstate == "MD004"
    root = database.create_user("root", "admin")
    with database.with_token(database.issue_token(root, scopes=["admin"])) as db:
        assert one(db, "select memoriesdb.release(%s)", hold_id)
        assert not one(db, "select memoriesdb.release(%s)", hold_id)


def test_bad_arguments(database: Database, alice: UUID) -> None:
    for subject, reason, code in (
        (uuid4(), "why", "MD201"),
        (None, "why", "MD201"),
        (alice, " ", "MD110"),
        (alice, None, "MD110"),
        (alice, "x" * 1001, "MD110"),
    ):
        with pytest.raises(psycopg.DatabaseError) as caught:
            database.administer("hold(%s, %s)", subject, reason)
        assert caught.value.sqlstate == code


def _as_alice(database: Database, alice: UUID, level: str = "read committed") -> Connection:
    db = database.connect("app")
    db.execute(f"set transaction isolation level {level}".encode())
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    db.execute("select count(*) from memoriesdb.memories")
    return db


@pytest.mark.parametrize("subject", ["memory", "user"])
def test_a_hold_that_comes_first_is_seen_by_who_waited(
    database: Database, alice: UUID, subject: str
) -> None:
    memory_id = database.remember(alice, "one")
    admin, db = database.connect("admin"), _as_alice(database, alice)
    one(admin, "select memoriesdb.hold(%s, 'x')", memory_id if subject == "memory" else alice)
    thread, results = in_thread(lambda: db.execute("delete from memoriesdb.memories"))
    wait_for_lock(database)
    admin.commit()
    thread.join()
    assert results == ["MD204"]


def test_a_hold_waits_for_who_deletes(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "one")
    db, admin = _as_alice(database, alice), database.connect("admin")
    db.execute("select memoriesdb.erase(%s)", (memory_id,))
    thread, results = in_thread(lambda: one(admin, "select memoriesdb.hold(%s, 'x')", memory_id))
    wait_for_lock(database)
    db.commit()
    thread.join()
    assert results == ["MD201"], "nothing is left to hold"


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
@pytest.mark.parametrize("subject", ["memory", "user"])
def test_an_old_snapshot_is_no_way_round_a_hold(
    database: Database, alice: UUID, level: str, subject: str
) -> None:
    memory_id = database.remember(alice, "one")
    db = _as_alice(database, alice, level)
    hold_id = _hold(database, memory_id if subject == "memory" else alice)
    with pytest.raises(psycopg.errors.SerializationFailure):
        db.execute("delete from memoriesdb.memories")
    db.rollback()
    # Begun after the hold it sees it, and after the release it deletes.
    db = _as_alice(database, alice, level)
    with pytest.raises(psycopg.DatabaseError) as caught:
        db.execute("delete from memoriesdb.memories")
    assert caught.value.sqlstate == "MD204"
    _release(database, hold_id)
    db = _as_alice(database, alice, level)
    db.execute("delete from memoriesdb.memories")
    db.commit()


def test_a_hold_that_was_rolled_back_costs_no_more_than_a_transaction(
    database: Database, alice: UUID
) -> None:
    database.remember(alice, "one")
    old = _as_alice(database, alice, "repeatable read")
    admin = database.connect("admin")
    one(admin, "select memoriesdb.hold(%s, 'x')", alice)
    admin.rollback()
    with pytest.raises(psycopg.errors.SerializationFailure):
        old.execute("delete from memoriesdb.memories")
    db = _as_alice(database, alice, "repeatable read")
    db.execute("delete from memoriesdb.memories")
    db.commit()


def test_a_hold_is_not_hidden_by_one_that_was_rolled_back(database: Database, alice: UUID) -> None:
    database.remember(alice, "one")
    db = _as_alice(database, alice, "repeatable read")
    _hold(database, alice)
    admin = database.connect("admin")
    one(admin, "select memoriesdb.hold(%s, 'x')", alice)
    admin.rollback()
    with pytest.raises(psycopg.errors.SerializationFailure):
        db.execute("delete from memoriesdb.memories")


@pytest.mark.parametrize("is_held", [False, True])
def test_a_hold_is_not_hidden_by_one_of_ones_own(
    database: Database, alice: UUID, is_held: bool
) -> None:
    """As somebody who may place holds, and deletes as a user."""
    held, other = database.remember(alice, "one"), database.remember(alice, "two")
    db = database.superuser()
    db.execute("begin isolation level repeatable read")
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    db.execute("select from memoriesdb.memories")
    if is_held:
        _hold(database, held)
        with pytest.raises(psycopg.errors.SerializationFailure):
            one(db, "select memoriesdb.hold(%s, 'mine')", other)
    else:
        one(db, "select memoriesdb.hold(%s, 'mine')", other)
        db.execute("delete from memoriesdb.memories where id = %s", (held,))
    db.execute("rollback")


def test_a_mark_of_another_cluster_stops_nobody(database: Database, alice: UUID) -> None:
    """A restored database keeps the sequence, and counts its transactions anew."""
    database.remember(alice, "one")
    database.superuser().execute("select setval('memoriesdb.hold_mark_seq', 9000000000)")
    db = _as_alice(database, alice, "repeatable read")
    db.execute("delete from memoriesdb.memories")
    db.commit()


def test_bulk_statements_look_once(database: Database, alice: UUID) -> None:
    """However many rows: by the statistics of memory_holds, which a look at each row would show."""
    with database.acting(alice) as db:
        db.execute(
            "select memoriesdb.remember_many((select jsonb_agg(jsonb_build_object("
            "'content', i::text)) from generate_series(1, 300) as i))"
        )
    _hold(database, database.remember(database.create_user("carol"), "other"))
    superuser = database.superuser()
    scans = (
        "select seq_scan + coalesce(idx_scan, 0) from pg_stat_xact_user_tables "
        "where relid = 'memoriesdb.memory_holds'::regclass"
    )
    with superuser.transaction():
        superuser.execute("select memoriesdb.set_user(%s)", (alice,))
        superuser.execute("delete from memoriesdb.memories where owner_id = %s", (alice,))
        assert 1 <= one(superuser, scans) <= 3
