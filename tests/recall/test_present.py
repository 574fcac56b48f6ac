"""What "last week" is counted from: today, or the conversation's own time; never another's."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from acting import Connection, Database, one

PAST = datetime(2023, 5, 7, 12, tzinfo=UTC)


def write(db: Connection, count: int = 1, **arguments: object) -> UUID:
    """Write memories and return the last one's id."""
    names = "".join(f", {name} => %({name})s" for name in arguments)
    query = f"select memoriesdb.remember('heron ' || g{names}) from generate_series(1, {count}) g"
    found: UUID = db.execute(query.encode(), arguments).fetchall()[-1][0]
    return found


def present(database: Database, user: UUID) -> datetime | None:
    """Return what is counted from, None if it is now."""
    with database.superuser() as db:
        if one(db, "select memoriesdb._present_of(%s) = statement_timestamp()", user):
            return None
        found = one(db, "select memoriesdb._present_of(%s)", user)
        assert isinstance(found, datetime)
        return found


def test_a_conversation_that_was_brought_in_is_asked_about_as_of_then(
    database: Database, alice: UUID
) -> None:
    assert present(database, alice) is None
    with database.acting(alice) as db:
        write(db, occurred_at=PAST - timedelta(days=3))
        write(db, occurred_at=PAST)
    assert present(database, alice) == PAST
    with database.acting(alice) as db:
        write(db)
    assert present(database, alice) is None


def test_what_was_written_as_it_happened_is_asked_about_today(
    database: Database, alice: UUID
) -> None:
    with database.acting(alice) as db:
        written = write(db, occurred_at=datetime.now(UTC) - timedelta(hours=20))
    # It has grown old since: behind the triggers, which let nobody write it in the past.
    with database.superuser() as db:
        db.execute("alter table memoriesdb.memories disable trigger user")
        db.execute(
            "update memoriesdb.memories set created_at = created_at - interval '30 days', "
            "occurred_at = occurred_at - interval '30 days' where id = %s",
            (written,),
        )
        db.execute(
            "update memoriesdb.memory_documents set occurred_at = occurred_at - interval '30 days' "
            "where memory_id = %s",
            (written,),
        )
    assert present(database, alice) is None


@pytest.mark.parametrize("given", [1, 100])
def test_what_others_give_moves_nobodys_present(
    database: Database, alice: UUID, bob: UUID, given: int
) -> None:
    with database.acting(alice) as db:
        write(db, occurred_at=PAST)
    with database.acting(bob) as db:
        write(db, given, occurred_at=PAST - timedelta(days=300))
        db.execute(
            "select memoriesdb.transfer(id, %s) from memoriesdb.memories where owner_id = %s",
            (alice, bob),
        ).fetchall()
    # Of the last 100 none is hers: then it is today, and nothing of others' either.
    assert present(database, alice) == (PAST if given < 100 else None)


def test_a_copy_of_what_is_shared_moves_nothing(database: Database, alice: UUID, bob: UUID) -> None:
    with database.acting(bob) as db:
        shared = write(db, occurred_at=PAST)
        db.execute("select memoriesdb.share(%s, %s)", (shared, alice))
    assert present(database, alice) is None
    with database.acting(alice) as db:
        db.execute("select memoriesdb.acquire(%s)", (shared,))
    assert present(database, alice) is None
