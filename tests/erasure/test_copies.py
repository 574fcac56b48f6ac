"""A user's receipt names where others have what was ever his: gifts, copies, copies of copies."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Database
from erasure.support import CANARY, Receipt, check, erase, erase_user, one


@pytest.fixture
def carol(database: Database) -> UUID:
    return database.create_user("carol")


@pytest.fixture
def memory_id(database: Database, alice: UUID) -> UUID:
    return database.remember(alice, CANARY)


def _share(database: Database, owner: UUID, memory_id: UUID, grantee: UUID) -> None:
    with database.acting(owner) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, grantee))


def _copy(database: Database, owner: UUID, memory_id: UUID, grantee: UUID) -> UUID:
    _share(database, owner, memory_id, grantee)
    with database.acting(grantee) as db:
        copy_id: UUID = one(db, "select memoriesdb.acquire(%s)", memory_id)
    return copy_id


def _give(database: Database, owner: UUID, memory_id: UUID, heir: UUID) -> None:
    with database.acting(owner) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, heir))


def _copies(receipt: Receipt) -> set[tuple[str, str, str]]:
    return {(x["memory_id"], x["owner_id"], x["copy_id"]) for x in receipt["copies"]}


def _entry(*ids: UUID) -> tuple[str, ...]:
    return tuple(str(i) for i in ids)


def _gifts(receipt: Receipt) -> list[tuple[str, str]]:
    return [(x["memory_id"], x["owner_id"]) for x in receipt["given_away"]]


def test_a_copy_of_what_was_then_given_to_the_same_user(
    database: Database, alice: UUID, bob: UUID, memory_id: UUID
) -> None:
    copy_id = _copy(database, alice, memory_id, bob)
    _give(database, alice, memory_id, bob)
    receipt = erase_user(database, alice)
    assert _copies(receipt) == {_entry(memory_id, bob, copy_id)}
    assert _gifts(receipt) == [_entry(memory_id, bob)]
    assert len(receipt["copies"]) == 1
    assert check(database, receipt) == []


def test_copies_that_were_made_after_it_was_given_away_and_copies_of_copies(
    database: Database, alice: UUID, bob: UUID, carol: UUID, memory_id: UUID
) -> None:
    _give(database, alice, memory_id, bob)
    _copy_of_bobs = _copy(database, bob, memory_id, carol)
    dave = database.create_user("dave")
    again = _copy(database, carol, _copy_of_bobs, dave)
    _give(database, bob, memory_id, dave)
    receipt = erase_user(database, alice)
    assert _copies(receipt) == {
        _entry(memory_id, carol, _copy_of_bobs),
        _entry(_copy_of_bobs, dave, again),
    }
    assert _gifts(receipt) == [_entry(memory_id, dave)], "with whom it is now"


def test_a_copy_of_what_its_last_owner_has_erased_since(
    database: Database, alice: UUID, bob: UUID, carol: UUID, memory_id: UUID
) -> None:
    """No entry tells of it any more, its origin does."""
    copy_id = _copy(database, alice, memory_id, carol)
    _give(database, alice, memory_id, bob)
    assert _copies(erase(database, bob, memory_id)) == {_entry(memory_id, carol, copy_id)}
    receipt = erase_user(database, alice)
    assert _copies(receipt) == {_entry(memory_id, carol, copy_id)}
    assert _gifts(receipt) == [], "it is nowhere"


def test_what_came_from_others_is_not_among_it(
    database: Database, alice: UUID, bob: UUID, carol: UUID, memory_id: UUID
) -> None:
    """The control: only what was ever his, and no copy that goes with him."""
    hers = _copy(database, alice, memory_id, bob)
    _copy(database, alice, memory_id, carol)
    received = database.remember(carol, "for Bob")
    _give(database, carol, received, bob)
    receipt = erase_user(database, bob)
    assert (receipt["copies"], receipt["given_away"]) == ([], [])
    assert set(receipt["memory_ids"]) == {str(hers), str(received)}


def test_a_deleted_copy_is_in_its_owners_history(
    database: Database, alice: UUID, bob: UUID, memory_id: UUID
) -> None:
    copy_id = _copy(database, alice, memory_id, bob)
    with database.acting(bob) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (copy_id,))
    _give(database, alice, memory_id, bob)
    assert _copies(erase_user(database, alice)) == {_entry(memory_id, bob, copy_id)}
