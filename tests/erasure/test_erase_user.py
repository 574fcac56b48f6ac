"""Erasing a user: nothing that is his, or tells of him, is left but his id."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Database
from erasure.support import (
    CANARY,
    EDITED,
    MARK,
    check,
    embed_all,
    erase,
    erase_user,
    one,
    refresh_graph,
    register_model,
    rich_memory,
    rows_with_mark,
)


@pytest.fixture(autouse=True)
def _model(database: Database) -> None:
    register_model(database)


@pytest.fixture
def ada(database: Database, alice: UUID, bob: UUID) -> UUID:
    """A user with a name that is searched for, and something in every table."""
    ada: UUID = database.administer("create_user(%s, %s)", f"ada {MARK}", f"ada@{MARK}.example")
    robot = database.create_user("robot", "service")
    database.administer("issue_token(%s, label => %s)", ada, f"laptop {MARK}")
    database.administer("assign_service(%s, %s)", robot, ada)
    memory = rich_memory(database, ada, bob)
    deleted = database.remember(ada, f"deleted {MARK}")
    erased = database.remember(ada, f"erased {MARK}")
    with database.acting(ada) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (deleted,))
    erase(database, ada, erased)
    hers = database.remember(alice, "hers")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (hers, ada))
        db.execute("select memoriesdb.share(%s, %s)", (hers, bob))
        # What came to Ada from somebody else, and what she gave away.
    with database.acting(ada) as db:
        db.execute("select memoriesdb.history(%s)", (memory.id,))
    received = database.remember(alice, f"from Alice {MARK}")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (received, ada))
    superuser = database.superuser()
    superuser.execute(
        "insert into memoriesdb.query_embeddings (owner_id, model_id, query_hash, embedding) "
        "select %s, id, sha256('q'), '[1,2,3]' from memoriesdb.embedding_models",
        (ada,),
    )
    superuser.execute(
        "insert into memoriesdb.owner_keys (owner_id, key_id, wrapped_key, provider, "
        "provider_key, created_at) values (%s, 1, 'x', 'keyring', %s, now())",
        (ada, f"key {MARK}"),
    )
    superuser.execute("analyze")
    return ada


def test_nothing_is_left_but_the_id(database: Database, ada: UUID, alice: UUID, bob: UUID) -> None:
    superuser = database.superuser()
    left = {table.split(".")[1] for table, _ in rows_with_mark(superuser)}
    assert left >= {"users", "api_tokens", "owner_keys", "memories", "memory_versions"}
    hers = rows_with_mark(superuser, str(alice))

    receipt = erase_user(database, ada)
    refresh_graph(database)

    assert rows_with_mark(superuser) == []
    for text in (None, CANARY, EDITED, f"deleted {MARK}", f"from Alice {MARK}"):
        assert check(database, receipt, text) == []
    for name in (
        *("users", "api_tokens", "service_assignments", "owner_keys", "query_embeddings"),
        *("access_log", "memories", "memory_edges", "memory_embeddings"),
    ):
        assert receipt["counts"][name] > 0, name
    assert receipt["counts"]["memory_grants"] == 2
    # Where the id stays: the ledger, receipts, what others' entries say he had a hand in, and the
    # planner's samples of ids.
    places = {table.split(".")[1] for table, _ in rows_with_mark(superuser, str(ada))}
    assert {place.split("_0")[0] for place in places} <= {
        *("audit_log", "audit_payloads", "pg_statistic"),
    }
    # Others keep what is theirs.
    assert dict(hers).keys() >= {"memoriesdb.memories", "memoriesdb.users"}
    with database.acting(bob) as db:
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("hers",)]


def test_what_was_given_away_stays(database: Database, ada: UUID, bob: UUID) -> None:
    gift = database.remember(ada, "a gift")
    embed_all(database)
    with database.acting(ada) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (gift, bob))
    receipt = erase_user(database, ada)
    assert str(gift) not in receipt["memory_ids"]
    with database.acting(bob) as db:
        state = "select content, created_by from memoriesdb.memories where id = %s"
        assert db.execute(state, (gift,)).fetchall() == [("a gift", ada)]
        assert one(db, "select count(*) from memoriesdb.verify_memories()") == 0


def test_an_earlier_receipt_still_holds(database: Database, alice: UUID) -> None:
    first = erase(database, alice, database.remember(alice, CANARY))
    database.remember(alice, EDITED)
    second = erase_user(database, alice)
    assert check(database, first, CANARY) == check(database, second, EDITED) == []


def test_the_session_of_who_was_erased_ends(database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)
    erase_user(database, alice)
    with pytest.raises(psycopg.DatabaseError) as caught, database.with_token(token):
        pass
    assert caught.value.sqlstate == "MD007"
    assert database.create_user("alice") != alice, "the name is free"


def test_only_admins_and_not_themselves(database: Database, alice: UUID) -> None:
    root = database.create_user("root", "admin")
    for acting, target in ((alice, alice), (root, alice)):
        with pytest.raises(psycopg.DatabaseError) as caught, database.acting(acting) as db:
            db.execute("select memoriesdb.erase_user(%s)", (target,))
        assert caught.value.sqlstate == "MD004", "a setting proves no admin"
    token = database.issue_token(root, scopes=["admin"])
    for target, code in ((root, "MD414"), (uuid4(), "MD002")):
        with pytest.raises(psycopg.DatabaseError) as caught, database.with_token(token) as db:
            db.execute("select memoriesdb.erase_user(%s)", (target,))
        assert caught.value.sqlstate == code
    with database.with_token(token) as db:
        receipt = one(db, "select memoriesdb.erase_user(%s)", alice)
    assert receipt["erased_by"] == str(root)


def test_a_user_without_anything(database: Database, alice: UUID) -> None:
    receipt = erase_user(database, alice)
    assert (receipt["memory_ids"], receipt["content_hashes"]) == ([], [])
    assert receipt["counts"]["users"] == 1
    assert check(database, receipt) == []


def test_what_was_committed_since_goes_by_a_second_erasure(database: Database, alice: UUID) -> None:
    """A transaction that only read while the user was erased may still log its access."""
    reader = database.connect("app")
    reader.execute("select memoriesdb.set_user(%s)", (alice,))
    reader.execute("select * from memoriesdb.recall('x')")
    receipt = erase_user(database, alice)
    reader.commit()
    found = check(database, receipt)
    assert [row[:2] for row in found] == [("access_log", "user_id")]
    assert erase_user(database, alice)["counts"]["access_log"] == 1
    assert check(database, receipt) == []
    with pytest.raises(psycopg.DatabaseError) as caught:
        erase_user(database, alice)
    assert caught.value.sqlstate == "MD002"
