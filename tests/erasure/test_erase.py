"""Erasing a memory: nothing of it is left in any table, and only who may does it."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from acting import Connection, Database
from erasure.support import (
    CANARY,
    EDITED,
    MARK,
    check,
    embed_all,
    erase,
    one,
    refresh_graph,
    register_model,
    rich_memory,
    rows_with_mark,
)


@pytest.fixture(autouse=True)
def _model(database: Database) -> None:
    register_model(database)


TABLES = (
    *("memories", "memory_versions", "memory_edges", "memory_embeddings", "memory_grants"),
    *("embedding_schedule", "audit_log", "audit_payloads"),
)


def _snapshot(db: Connection) -> list[list[tuple[object, ...]]]:
    return [
        db.execute(f"select t::text from memoriesdb.{table} as t order by 1".encode()).fetchall()
        for table in TABLES
    ]


def test_nothing_of_it_is_left_in_any_table(database: Database, alice: UUID, bob: UUID) -> None:
    memory = rich_memory(database, alice, bob)
    superuser = database.superuser()
    refresh_graph(database)
    left = dict(rows_with_mark(superuser))
    assert {"memories", "memory_versions", "memory_edges"} <= {t.split(".")[1] for t in left}
    assert any(table.startswith("memoriesdb._memory_graph_") for table in left)
    assert any(table.startswith("memoriesdb.audit_payloads_") for table in left)

    receipt = erase(database, alice, memory.id)
    waiting = check(database, receipt)
    assert {row[0] for row in waiting} == set(receipt["pending"]), (
        "the slice, until it is refreshed"
    )
    refresh_graph(database)

    assert rows_with_mark(superuser) == []
    for text in (None, CANARY, EDITED):
        assert check(database, receipt, text) == []
    # What is beside it is untouched.
    with database.acting(alice) as db:
        ids = db.execute("select id from memoriesdb.memories order by seq").fetchall()
        assert ids == [(memory.before,), (memory.after,)]
    assert one(superuser, "select count(*) from memoriesdb.memory_embeddings") == 2


def test_the_receipt(database: Database, alice: UUID, bob: UUID) -> None:
    memory = rich_memory(database, alice, bob)
    superuser = database.superuser()
    receipt = erase(database, alice, memory.id)
    assert (receipt["version"], receipt["subject"]) == (1, "memory")
    assert receipt["owner_id"] == receipt["erased_by"] == str(alice)
    assert receipt["memory_ids"] == [str(memory.id)]
    assert receipt["shared_with"] == [{"memory_id": str(memory.id), "grantee_id": str(bob)}]
    assert receipt["copies"] == []
    counts = {
        "memories": 1, "memory_versions": 1, "memory_edges": 2, "memory_grants": 1,
        "memory_embeddings": 1, "embedding_schedule": 1, "query_embeddings": 0,
    }  # fmt: skip
    assert {name: receipt["counts"][name] for name in counts} == counts
    hashes = {hashlib.sha256(text.encode()).hexdigest() for text in (CANARY, EDITED)}
    assert hashes < set(receipt["content_hashes"]), "and those of the texts that were embedded"
    # What the entry keeps has commitments in place of what could be guessed.
    stored = one(
        superuser,
        "select after from memoriesdb.audit_payloads where audit_id = %s",
        receipt["receipt_id"],
    )
    salt = bytes.fromhex(receipt.pop("salt"))
    commitments = [
        hashlib.sha256(salt + bytes.fromhex(content_hash)).hexdigest()
        for content_hash in receipt.pop("content_hashes")
    ]
    del receipt["receipt_id"]
    assert stored == {**receipt, "content_commitments": commitments}
    # The entries stay, their payloads are gone.
    gone = superuser.execute(
        "select count(*), count(p.audit_id) from memoriesdb.audit_log as a "
        "left join memoriesdb.audit_payloads as p using (audit_id) "
        "where a.audit_id <@ %s::int8multirange",
        (receipt["audit_ids"],),
    ).fetchone()
    assert gone == (receipt["counts"]["audit_payloads"], 0)


def test_a_memory_that_was_deleted(database: Database, alice: UUID, bob: UUID) -> None:
    memory = rich_memory(database, alice, bob)
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (memory.id,))
    superuser = database.superuser()
    assert rows_with_mark(superuser) != []
    receipt = erase(database, alice, memory.id)
    refresh_graph(database)
    assert receipt["counts"]["memories"] == 0
    assert receipt["counts"]["memory_versions"] == 2
    assert rows_with_mark(superuser) == []
    with pytest.raises(psycopg.DatabaseError) as caught:
        erase(database, alice, memory.id)
    assert caught.value.sqlstate == "MD201", "there is nothing left to erase"


@pytest.mark.parametrize("who", ["grantee", "stranger", "viewer", "nobody"])
def test_others_erase_nothing(database: Database, alice: UUID, bob: UUID, who: str) -> None:
    memory_id = database.remember(alice, "one")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
    superuser = database.superuser()
    acting = {
        "grantee": lambda: bob,
        "stranger": lambda: database.create_user("carol"),
        "viewer": lambda: database.create_user("vera", "viewer"),
        "nobody": uuid4,
    }[who]()
    before = _snapshot(superuser)
    for target in (memory_id, uuid4()):
        db = database.connect("app")
        # Not by set_user(), which refuses whom it does not know.
        db.execute("select set_config('app.current_user', %s, true)", (str(acting),))
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute("select memoriesdb.erase(%s)", (target,))
        expected = {"viewer": "MD004", "nobody": "MD001"}.get(who, "MD201")
        assert caught.value.sqlstate == expected
    assert _snapshot(superuser) == before


def test_an_admin_erases_anybodys(database: Database, alice: UUID) -> None:
    first, second = database.remember(alice, "one"), database.remember(alice, "two")
    root = database.create_user("root", "admin")
    receipt = database.administer("erase(%s)", first)
    assert (receipt["owner_id"], receipt["erased_by"]) == (str(alice), None)
    with pytest.raises(psycopg.DatabaseError) as caught:
        database.administer("erase(%s)", uuid4())
    assert caught.value.sqlstate == "MD201"
    # A setting proves no admin; a token does.
    with pytest.raises(psycopg.DatabaseError) as caught:
        erase(database, root, second)
    assert caught.value.sqlstate == "MD004"
    with database.with_token(database.issue_token(root, scopes=["admin"])) as db:
        receipt = one(db, "select memoriesdb.erase(%s)", second)
    assert receipt["erased_by"] == str(root)
    with database.acting(alice) as db:
        assert one(db, "select count(*) from memoriesdb.memories") == 0


def test_after_a_transfer_the_present_owner_erases_in_every_log(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory = rich_memory(database, alice, bob)
    carol = database.create_user("carol")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s, 'gift 7x3a91')", (memory.id, bob))
    embed_all(database)
    with database.acting(bob) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (memory.id, carol))
    for former in (alice, bob):
        with pytest.raises(psycopg.DatabaseError) as caught:
            erase(database, former, memory.id)
        assert caught.value.sqlstate == "MD201"
    superuser = database.superuser()
    assert rows_with_mark(superuser) != []
    receipt = erase(database, carol, memory.id)
    refresh_graph(database)
    assert rows_with_mark(superuser) == []
    assert check(database, receipt, CANARY) == []


def test_a_neighbour_that_was_given_away_kept_the_edge(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory = rich_memory(database, alice, bob)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (memory.before, bob))
    superuser = database.superuser()
    receipt = erase(database, alice, memory.id)
    refresh_graph(database)
    assert rows_with_mark(superuser) == []
    assert check(database, receipt, EDITED) == []
    with database.acting(bob) as db:
        assert one(db, "select count(*) from memoriesdb.custody(%s)", memory.before) > 0


def test_copies_are_reported_and_stay(database: Database, alice: UUID, bob: UUID) -> None:
    memory = rich_memory(database, alice, bob)
    with database.acting(bob) as db:
        copy_id = one(db, "select memoriesdb.acquire(%s)", memory.id)
    receipt = erase(database, alice, memory.id)
    refresh_graph(database)
    (copy,) = receipt["copies"]
    assert (copy["owner_id"], copy["copy_id"]) == (str(bob), str(copy_id))
    with database.acting(bob) as db:
        assert one(db, "select content from memoriesdb.memories") == EDITED
    assert check(database, receipt, EDITED, "auditor"), "an auditor is told of Bob's rows"
    assert {row[3].endswith("of others") for row in check(database, receipt, EDITED)} == {True}
    with database.acting(alice) as db:
        arguments = (Jsonb(receipt), EDITED)
        seen = db.execute("select * from memoriesdb.erasure_check(%s, %s)", arguments).fetchall()
        assert seen == [], "the text of another user is nobody's business"


def test_a_token_that_may_not_read_erases_nothing(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """The receipt has the hashes of all its texts, from which short ones are guessed."""
    memory_id = database.remember(alice, "a PIN")
    for scopes in (["write"], ["write", "share"], ["read"], ["read", "share"]):
        with (
            database.with_token(database.issue_token(alice, scopes=scopes)) as db,
            pytest.raises(psycopg.DatabaseError) as caught,
        ):
            one(db, "select memoriesdb.erase(%s)", memory_id)
        assert caught.value.sqlstate == "MD004"
    both = database.issue_token(alice, scopes=["read", "write"])
    with database.with_token(both) as db:
        assert one(db, "select memoriesdb.erase(%s)", memory_id)["counts"]["memories"] == 1


def test_rolled_back_it_leaves_everything(database: Database, alice: UUID, bob: UUID) -> None:
    memory = rich_memory(database, alice, bob)
    superuser = database.superuser()
    before = _snapshot(superuser)
    db = database.connect("app")
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    receipt = one(db, "select memoriesdb.erase(%s)", memory.id)
    db.rollback()
    assert _snapshot(superuser) == before
    with pytest.raises(psycopg.DatabaseError) as caught:
        check(database, receipt)
    assert caught.value.sqlstate == "MD411"


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_an_old_snapshot_is_refused(database: Database, alice: UUID, level: str) -> None:
    memory_id = database.remember(alice, "one")
    db = database.connect("app")
    db.execute(f"set transaction isolation level {level}")
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    with pytest.raises(psycopg.DatabaseError) as caught:
        db.execute("select memoriesdb.erase(%s)", (memory_id,))
    assert caught.value.sqlstate == "MD413"


def test_nobody_calls_what_erases_without_asking(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, MARK)
    calls = (
        f"_erase_memories('{alice}', array['{memory_id}']::uuid[])",
        f"_erase_rows_of_user('{alice}', '{{}}')",
        "_erase_payloads('{1}')",
        f"_write_receipt('memory', '{alice}', array['{memory_id}']::uuid[], '{{}}')",
    )
    for role in ("app", "client", "admin", "worker", "auditor"):
        for call in calls:
            db = database.connect(role, autocommit=True)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"select memoriesdb.{call}")


def test_pending_names_the_slices_of_all_who_had_it(database: Database, alice: UUID) -> None:
    """A link of a former owner's is in his slice until that is refreshed."""
    slice_of = "select memoriesdb._graph_slice(%s)"
    superuser = database.superuser()
    heir = next(
        user_id
        for user_id in (database.create_user(f"heir {i}") for i in range(100))
        if one(superuser, slice_of, user_id) != one(superuser, slice_of, alice)
    )
    memory_id, other = database.remember(alice, CANARY), database.remember(alice, "other")
    with database.acting(alice) as db:
        note = Jsonb({"note": MARK})
        db.execute("select memoriesdb.link(%s, %s, metadata => %s)", (memory_id, other, note))
    refresh_graph(database)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, heir))
    receipt = erase(database, heir, memory_id)
    theirs = f"_memory_graph_{one(superuser, slice_of, alice):02}"
    assert rows_with_mark(superuser) == [(f"memoriesdb.{theirs}", 1)]
    assert theirs in receipt["pending"]
    refresh_graph(database)
    assert rows_with_mark(superuser) == []
    # The control: what nobody waits for is not named.
    again = erase(database, alice, other)
    assert again["pending"] == []
