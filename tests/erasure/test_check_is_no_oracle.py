"""erasure_check() tells nobody what he may not read, though anybody can make a receipt of any text.

Whoever writes a text and erases it has a receipt of it, and one memory that is updated through an
alphabet has one of all its letters: sought in what others have, they would spell it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from acting import Connection, Database
from erasure.support import Receipt, check, erase, one

SECRET = "My bank PIN is 7391, tell nobody"
GUESSES = [f"pin is {digit}" for digit in "0123456789"]
RIGHT = "pin is 7"


@contextmanager
def _looking(database: Database, who: str) -> Iterator[Connection]:
    """A session of who may look among all: two logins, and an admin by a token."""
    if who == "admin's token":
        token = database.issue_token(database.create_user("root", "admin"), scopes=["admin"])
        with database.with_token(token) as db:
            yield db
    else:
        yield database.connect(who)


LOOKERS = ["admin", "auditor", "admin's token"]


def _found(db: Connection, receipt: Receipt, text: str) -> list[tuple[Any, ...]]:
    return db.execute(
        "select table_name, column_name, what from memoriesdb.erasure_check(%s, %s)",
        (Jsonb(receipt), text),
    ).fetchall()


def _spelt(db: Connection, receipt: Receipt) -> list[str]:
    """Return which of the guesses are found anywhere."""
    return [guess for guess in GUESSES if _found(db, receipt, guess)]


def _receipt_of_guesses(database: Database, user_id: UUID) -> Receipt:
    """Return one receipt of all the guesses: a memory that was each of them in turn."""
    memory_id = database.remember(user_id, GUESSES[0])
    with database.acting(user_id) as db:
        for guess in GUESSES[1:]:
            db.execute(
                "update memoriesdb.memories set content = %s where id = %s", (guess, memory_id)
            )
    return erase(database, user_id, memory_id)


@pytest.mark.parametrize("who", LOOKERS)
def test_an_accomplices_receipt_spells_out_nobodys_memory(
    database: Database, alice: UUID, bob: UUID, who: str
) -> None:
    database.remember(alice, SECRET, metadata=Jsonb({"note": SECRET}), stream=SECRET)
    receipt = _receipt_of_guesses(database, bob)
    with _looking(database, who) as db:
        assert _spelt(db, receipt) == []
    # Negative control: the guess is there to be found, by one who reads it anyway.
    assert _spelt(database.superuser(), receipt) == [RIGHT]


@pytest.mark.parametrize("who", LOOKERS)
def test_a_receipt_of_the_owners_own_does_not_spell_out_the_owners_other_memories(
    database: Database, alice: UUID, bob: UUID, who: str
) -> None:
    """A grantee writes the guesses into a shared memory, which an admin then erases."""
    database.remember(alice, SECRET)
    shared = database.remember(alice, "shared")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (shared, bob))
    with database.acting(bob) as db:
        for guess in GUESSES:
            db.execute("update memoriesdb.memories set content = %s where id = %s", (guess, shared))
    receipt: Receipt = database.administer("erase(%s)", shared)
    with _looking(database, who) as db:
        assert _spelt(db, receipt) == []
    with database.acting(bob) as db:
        assert _spelt(db, receipt) == [], "nor to the grantee, who was given the receipt"
    with database.acting(alice) as db:
        assert _spelt(db, receipt) == [RIGHT], "negative control: they are hers to search"


def test_a_token_that_may_not_read_checks_nothing(database: Database, alice: UUID) -> None:
    database.remember(alice, SECRET)
    receipt = _receipt_of_guesses(database, alice)
    for scopes in (["write"], ["share"], ["write", "share"]):
        with (
            database.with_token(database.issue_token(alice, scopes=scopes)) as db,
            pytest.raises(psycopg.DatabaseError) as caught,
        ):
            _found(db, receipt, RIGHT)
        assert caught.value.sqlstate == "MD004"
    with database.with_token(database.issue_token(alice, scopes=["read"])) as db:
        assert _spelt(db, receipt) == [RIGHT]


def test_texts_of_others_are_compared_as_a_whole_by_their_hash_alone(
    database: Database, alice: UUID, bob: UUID
) -> None:
    database.remember(alice, "something", stream=RIGHT, metadata=Jsonb({"a": [RIGHT]}))
    receipt = _receipt_of_guesses(database, bob)
    for who in ("admin", "auditor"):
        assert check(database, receipt, RIGHT, who) == []
    database.remember(alice, RIGHT)
    for who in ("admin", "auditor"):
        assert {row[3] for row in check(database, receipt, RIGHT, who)} == {
            "hash of a text of others"
        }


@pytest.mark.parametrize("who", LOOKERS)
def test_what_is_left_of_the_owner_is_found_as_a_whole_value(
    database: Database, alice: UUID, who: str
) -> None:
    receipt = _receipt_of_guesses(database, alice)
    database.remember(alice, RIGHT, stream=RIGHT, metadata=Jsonb({"a": [RIGHT]}))
    with _looking(database, who) as db:
        found = _found(db, receipt, RIGHT)
    columns = {column for table, column, what in found if (table, what) == ("memories", _WHOLE)}
    assert columns == {"content", "stream", "metadata"}
    assert {what for *_, what in found} == {_WHOLE, "hash of a text"}


_WHOLE = "whole text"


@pytest.mark.parametrize("who", ["superuser", "admin's token"])
def test_a_receipt_counts_when_its_erasure_is_committed(
    database: Database, alice: UUID, bob: UUID, who: str
) -> None:
    """Else whoever looks would make it in the same transaction, and roll back all traces."""
    database.remember(alice, SECRET)
    token = database.issue_token(bob)
    if who == "superuser":
        db = database.connect("superuser")
        again = "select 1"
    else:
        root = database.issue_token(database.create_user("root", "admin"), scopes=["admin"])
        db = database.connect("client")
        again = f"select memoriesdb.login('{root}')"
    db.execute("select memoriesdb.login(%s)", (token,))
    memory_id = one(db, "select memoriesdb.remember(%s)", RIGHT)
    with db.transaction():
        receipt: Receipt = one(db, "select memoriesdb.erase(%s)", memory_id)
    db.execute(again.encode())
    with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
        _found(db, receipt, RIGHT)
    assert caught.value.sqlstate == "MD411"
    # Negative control: the same session, once it is committed.
    db.commit()
    db.execute(again.encode())
    assert bool(_found(db, receipt, RIGHT)) == (who == "superuser")


def _recorded(database: Database) -> list[tuple[Any, ...]]:
    return (
        database.superuser()
        .execute(
            "select login::text, outcome, memory_ids from memoriesdb.access_log "
            "where action = 'erasure_check' order by access_id"
        )
        .fetchall()
    )


@pytest.mark.parametrize("who", LOOKERS)
def test_who_looks_among_all_is_recorded(database: Database, alice: UUID, who: str) -> None:
    memory_id = database.remember(alice, SECRET)
    receipt = erase(database, alice, memory_id)
    with database.acting(alice) as db:
        assert _found(db, receipt, SECRET) == []
    assert _recorded(database) == [], "the owner looks among what is his own"
    with _looking(database, who) as db:
        assert _found(db, receipt, SECRET) == []
        db.commit()
        login = one(db, "select session_user::text")
    assert _recorded(database) == [(login, "answered", [memory_id])]


@pytest.mark.parametrize("ending", ["rollback", "read only"])
def test_the_servers_log_has_what_the_table_cannot_keep(
    database: Database, alice: UUID, ending: str
) -> None:
    receipt = erase(database, alice, database.remember(alice, SECRET))
    db = database.connect("auditor")
    if ending == "read only":
        db.execute("set transaction read only")
    assert _found(db, receipt, SECRET) == []
    db.rollback()
    assert _recorded(database) == []
    line = f"memoriesdb access: erasure_check of receipt {receipt['receipt_id']}, with a text, by "
    logged = [x for x in database.cluster.postgres.log.read_text().splitlines() if line in x]
    assert any(x.endswith("(test_auditor)") for x in logged)
    assert all(SECRET not in x for x in logged)
