"""Payloads against their commitments, a chain of several clusters, and memory that stays flat."""

from __future__ import annotations

import gc
import tracemalloc
from uuid import UUID

import pytest

from acting import Database
from ledger.outside import SmallLedger, seal
from memoriesdb.ledger import Tables, Verifier

INSERT = """
insert into memoriesdb.audit_log (
  audit_id, at, xid, incarnation, login, table_name, operation, row_key, commitment
)
overriding system value
select 10000 + i, clock_timestamp(), (10000 + i)::text::xid8, 1, 'app', 'memories', 'INSERT',
  jsonb_build_object('id', i), sha256(i::text::bytea)
from generate_series(%s::bigint, %s::bigint) as i
"""


@pytest.fixture
def ledger(database: Database) -> SmallLedger:
    return SmallLedger(database)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("update {} set after = after || '{{\"x\": 1}}'", "payload of the entry was changed"),
        ("update {} set before = '{{}}'", "payload of the entry was changed"),
        ("update {} set reason = null", "payload of the entry was changed"),
        ("update {} set application_name = 'x'", "payload of the entry was changed"),
        ("update {} set salt = substr(sha256(salt), 1, 16)", "payload of the entry was changed"),
        ("update {} set owner_id = gen_random_uuid()", "payload has another owner or row"),
        ("update {} set row_id = gen_random_uuid()", "payload has another owner or row"),
        ("update {} set target_id = gen_random_uuid()", "payload has another owner or row"),
        ("delete from {}", "payload of the entry is missing"),
    ],
)
def test_a_changed_payload_is_named(ledger: SmallLedger, change: str, problem: str) -> None:
    audit_id = ledger.number("select max(audit_id) - 4 from memoriesdb.audit_log")
    statement = f"{change.format('memoriesdb.audit_payloads')} where audit_id = %s"
    with ledger.tampering() as db:
        db.execute(statement, (audit_id,))
        found = ledger.verify().problems
    assert [(p.audit_id, problem in p.problem) for p in found] == [(audit_id, True)]


def test_a_payload_that_was_erased_is_explained_by_its_receipt(
    database: Database, alice: UUID
) -> None:
    memory_id = database.remember(alice, "a text to be forgotten for good")
    database.remember(alice, "another one")
    ledger = SmallLedger(database)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.erase(%s)", (memory_id,))
    report = ledger.verify()
    assert (report.problems, report.digests_agreed) == ([], 1)
    assert report.payloads_erased > 0
    with ledger.tampering() as tampered:
        tampered.execute(
            "delete from memoriesdb.audit_payloads where audit_id = "
            "(select max(audit_id) from memoriesdb.audit_payloads where after ->> 'content' = "
            "'another one')"
        )
        (problem,) = ledger.verify().problems
    assert "no receipt" in problem.detail


def test_blocks_of_several_clusters_make_one_chain(ledger: SmallLedger) -> None:
    """After a restore transaction ids begin anew, lower than before."""
    with ledger.tampering() as db:
        db.execute(
            "update memoriesdb.audit_log set incarnation = 1, xid = '5' where audit_id > "
            "(select max(audit_id) - 20 from memoriesdb.audit_log)"
        )
        db.execute("delete from memoriesdb.ledger_blocks")
        db.execute("delete from memoriesdb.ledger_leaves")
        count = ledger.number("select count(*) from memoriesdb.audit_log where incarnation = 1")
        seal(db, count)  # one block of these, and as large ones of the others
        assert ledger.verify(kept=[]).problems == []
        clusters = "select count(distinct incarnation) from memoriesdb.ledger_blocks"
        assert ledger.number(clusters) == 2


def test_memory_does_not_grow_with_the_ledger(database: Database) -> None:
    db = database.superuser()
    auditor = Tables(database.connect("auditor", autocommit=True))

    def grow_to(entries: int, since: int) -> int:
        """Seal so many entries in blocks of 2,000, and return the peak of a verification."""
        db.execute(INSERT, (since + 1, entries))
        db.execute("select setval('memoriesdb.audit_log_audit_id_seq', %s)", (entries + 10_000,))
        while db.execute("select memoriesdb.seal_ledger(2000)").fetchone() != (0,):
            pass
        gc.collect()
        tracemalloc.start()
        try:
            report = Verifier(auditor).run()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert report.problems == []
        assert report.entries >= entries
        return peak

    grow_to(4_000, 0)  # what is loaded once is loaded
    small = grow_to(8_000, 4_000)
    large = grow_to(80_000, 8_000)
    assert large < 2 * small, "ten times the entries"
