"""The ledger holds commitments alone: it verifies after an erasure as it did before."""

from __future__ import annotations

from uuid import UUID

from acting import Database
from erasure.support import (
    CANARY,
    EDITED,
    check,
    erase,
    erase_user,
    one,
    refresh_graph,
    register_model,
    rich_memory,
    rows_with_mark,
)
from ledger.outside import SmallLedger

PARTITION = 1_000_000


def _seal(database: Database) -> None:
    one(database.superuser(), "select memoriesdb.seal_ledger()")


def _problems(database: Database) -> list[object]:
    with database.connect("auditor") as db:
        return list(db.execute("select * from memoriesdb.verify_ledger()").fetchall())


def test_old_digests_still_verify(database: Database, alice: UUID, bob: UUID) -> None:
    register_model(database)
    memory = rich_memory(database, alice, bob)
    ledger = SmallLedger(database)
    before = ledger.digest()
    entry = ledger.number(
        "select audit_id from memoriesdb.audit_log where row_id = %s and operation = 'INSERT' "
        "and table_name = 'memories'",
        memory.id,
    )
    erase(database, alice, memory.id)
    for user_id in (alice, bob):
        erase_user(database, user_id)
    _seal(database)
    assert _problems(database) == []
    report = ledger.verify([before])
    assert report.problems == []
    assert report.digests_agreed == 1
    # The entry of the erased text is proven as ever.
    proof = one(ledger.db, "select memoriesdb.ledger_proof(%s)", entry)
    assert proof["entry"]["row_id"] == str(memory.id)


def test_a_payload_that_went_without_a_receipt_is_named(database: Database, alice: UUID) -> None:
    """The control: what erase() removes is told from what somebody else removed."""
    memory_id = database.remember(alice, CANARY)
    database.remember(alice, EDITED)
    erase(database, alice, memory_id)
    _seal(database)
    assert _problems(database) == []
    superuser = database.superuser()
    superuser.execute("alter table memoriesdb.audit_payloads disable trigger all")
    superuser.execute(
        "delete from memoriesdb.audit_payloads where after ->> 'content' = %s", (EDITED,)
    )
    assert _problems(database) != []


def test_what_was_archived_is_erased_too(database: Database, alice: UUID, bob: UUID) -> None:
    register_model(database)
    memory = rich_memory(database, alice, bob)
    deleted = database.remember(alice, "deleted 7x3a91")
    with database.acting(bob) as db:
        one(db, "select memoriesdb.acquire(%s)", memory.id)
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (deleted,))
        db.execute("select memoriesdb.transfer(%s, %s)", (memory.before, bob))
    earlier = erase(database, alice, database.remember(alice, "earlier"))
    superuser = database.superuser()
    superuser.execute("select setval('memoriesdb.audit_log_audit_id_seq', %s)", (PARTITION + 1,))
    database.remember(alice, "of the next partition")
    _seal(database)
    database.administer("detach_audit_partition(0, sha256('x'))")
    superuser.execute("drop table memoriesdb.audit_log_000000")
    assert check(database, earlier, "earlier") == []

    receipt = erase(database, alice, memory.id)
    assert len(receipt["copies"]) == len(receipt["shared_with"]) == 1
    assert erase(database, alice, deleted)["counts"]["memory_versions"] == 1
    with database.connect("superuser") as db:
        db.execute("select memoriesdb.set_user(%s)", (bob,))
        db.execute("delete from memoriesdb.memories where origin_id is not null")
        db.commit()
    erase_user(database, bob)
    refresh_graph(database)
    assert rows_with_mark(superuser) == []
    assert check(database, receipt, CANARY) == []
    erase_user(database, alice)
    assert check(database, earlier, "earlier") == []
