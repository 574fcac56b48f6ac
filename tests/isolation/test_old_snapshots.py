"""An old snapshot, of REPEATABLE READ or SERIALIZABLE, and a user who was deactivated since."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database, login, one, refused

LEVELS = ["repeatable read", "serializable"]
WRITES = [
    "select memoriesdb.remember('late')",
    "insert into memoriesdb.memories (content) values ('late')",
    "update memoriesdb.memories set importance = 1",
    "delete from memoriesdb.memories",
    "select memoriesdb.link({memory}, {other}, 'supports')",
    "insert into memoriesdb.memory_edges (source_id, target_id, relation) "
    "values ({memory}, {other}, 'supports')",
    "select memoriesdb.share({memory}, {bob})",
    "select memoriesdb.transfer({memory}, {bob})",
    "select memoriesdb.acquire({bobs})",
    "select memoriesdb.forget({memory})",
]


@pytest.fixture
def ids(database: Database, alice: UUID, bob: UUID) -> dict[str, str]:
    """What the statements are about: two memories of Alice's, one of Bob's that she may read."""
    memory, other = (database.remember(alice, text) for text in ("one", "two"))
    bobs = database.remember(bob, "his")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s)", (bobs, alice))
    found = {"memory": memory, "other": other, "bob": bob, "bobs": bobs}
    return {name: f"'{found_id}'" for name, found_id in found.items()}


@pytest.fixture
def begin(database: Database, alice: UUID) -> Callable[[str], Connection]:
    """Begin a transaction of Alice's, by her token, whose snapshot is taken."""
    token = database.issue_token(alice, scopes=["read", "write", "share"])

    def begin(level: str) -> Connection:
        db = database.connect("client")
        db.execute(f"set transaction isolation level {level}".encode())
        db.execute("select memoriesdb.login(%s)", (token,))
        assert db.execute("select from memoriesdb.memories").rowcount == 3
        return db

    return begin


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("write", WRITES)
def test_who_was_deactivated_writes_no_more(
    database: Database,
    alice: UUID,
    ids: dict[str, str],
    begin: Callable[[str], Connection],
    level: str,
    write: str,
) -> None:
    statement = write.format(**ids)
    db = begin(level)
    db.execute(statement.encode())  # The control: nobody was deactivated.
    db.rollback()
    db = begin(level)
    assert database.administer("deactivate_user(%s)", alice)
    assert refused(db, statement).sqlstate == "40001"
    db.rollback()


@pytest.mark.parametrize("level", LEVELS)
def test_without_the_mark_he_would(
    database: Database,
    alice: UUID,
    ids: dict[str, str],
    begin: Callable[[str], Connection],
    level: str,
) -> None:
    """Shows that the tests above can fail."""
    database.superuser().execute(
        "create or replace function memoriesdb._raise_if_unseen(mark regclass) returns void "
        "language sql as ''"
    )
    db = begin(level)
    assert database.administer("deactivate_user(%s)", alice)
    for write in WRITES:
        with db.transaction(force_rollback=True):
            db.execute(write.format(**ids).encode())


@pytest.mark.parametrize("level", LEVELS)
def test_others_lose_no_more_than_the_transaction(
    database: Database,
    bob: UUID,
    begin: Callable[[str], Connection],
    ids: dict[str, str],
    level: str,
) -> None:
    assert ids
    remember = "select memoriesdb.remember('mine')"
    old, committed = begin(level), begin("read committed")
    assert database.administer("deactivate_user(%s)", bob)
    assert old.execute("select from memoriesdb.memories").rowcount == 3, "what it reads, it reads"
    assert refused(old, remember).sqlstate == "40001"
    old.rollback()
    one(committed, remember)
    committed.rollback()
    again = begin(level)
    one(again, remember)
    again.commit()


def test_the_mark_of_a_deactivation_is_not_lost_to_one_that_was_rolled_back(
    database: Database,
    alice: UUID,
    bob: UUID,
    begin: Callable[[str], Connection],
    ids: dict[str, str],
) -> None:
    assert ids
    db = begin("repeatable read")
    assert database.administer("deactivate_user(%s)", alice)
    admin = database.connect("admin")
    admin.execute("select memoriesdb.deactivate_user(%s)", (bob,))
    admin.rollback()
    assert refused(db, "select memoriesdb.remember('late')").sqlstate == "40001"


def test_a_mark_of_another_cluster_stops_nobody(
    database: Database, begin: Callable[[str], Connection], ids: dict[str, str]
) -> None:
    """A restored database keeps the sequence, and counts its transactions anew."""
    assert ids
    db = begin("repeatable read")
    database.superuser().execute("select setval('memoriesdb.deactivation_mark_seq', 9000000000)")
    one(db, "select memoriesdb.remember('mine')")
    db.commit()


def test_a_login_that_is_mapped_to_nobody_writes_no_more(database: Database, alice: UUID) -> None:
    database.administer("map_db_role(%s, %s)", alice, login("client"))
    remember = "select memoriesdb.remember('mine')"
    for is_mapped in (True, False):
        db = database.connect("client")
        db.execute("set transaction isolation level repeatable read")
        assert one(db, "select memoriesdb.current_user_id()") == alice
        if is_mapped:
            one(db, remember)
            db.commit()
        else:
            database.administer("map_db_role(%s, null)", alice)
            assert refused(db, remember).sqlstate == "40001"


def test_deactivations_wait_for_one_another_and_nobody_else_for_them(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """The last mark stands for all before it."""
    admin, other = database.connect("admin"), database.connect("admin")
    admin.execute("select memoriesdb.deactivate_user(%s)", (alice,))
    other.execute("set local lock_timeout = '100ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other.execute("select memoriesdb.deactivate_user(%s)", (bob,))
    other.rollback()
    carol = database.create_user("carol")
    database.remember(carol, "meanwhile")
    admin.commit()
    other.execute("select memoriesdb.deactivate_user(%s)", (bob,))
    other.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_nobody_hides_his_deactivation_behind_a_mark_of_his_own(
    database: Database, alice: UUID, bob: UUID, level: str
) -> None:
    root = database.create_user("root", "admin")
    token = database.issue_token(root, scopes=["admin"])
    for is_deactivated in (False, True):
        db = database.connect("client")
        db.execute(f"set transaction isolation level {level}".encode())
        db.execute("select memoriesdb.login(%s)", (token,))
        db.execute("select from memoriesdb.users")
        if is_deactivated:
            database.administer("deactivate_user(%s)", root)
            assert refused(db, "select memoriesdb.deactivate_user(%s)", bob).sqlstate == "40001"
        else:
            one(db, "select memoriesdb.deactivate_user(%s)", alice)
            one(db, "select memoriesdb.create_user('carol')")
        db.rollback()


@pytest.mark.parametrize("level", LEVELS)
def test_who_was_erased_writes_no_more(database: Database, level: str) -> None:
    carol = database.create_user("carol")
    db = database.connect("app")
    db.execute(f"set transaction isolation level {level}".encode())
    db.execute("select memoriesdb.set_user(%s)", (carol,))
    db.execute("select from memoriesdb.memories")
    database.administer("erase_user(%s)", carol)
    assert refused(db, "select memoriesdb.remember('late')").sqlstate == "40001"
