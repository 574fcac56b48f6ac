"""The verifier names what was done to the chain of blocks; a digest tells what nothing else can."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acting import Database
from ledger.outside import SmallLedger, reseal, seal, unguarded, write_entries
from ledger.test_verifier import FUZZ
from memoriesdb.ledger import Kept, Tables
from memoriesdb.ledger.encoding import BLOCK_FIELDS
from memoriesdb.ledger.errors import ContradictionError
from memoriesdb.ledger.verifier import continue_from

EDITS = {
    "block_no": "block_no + 100",
    "previous_hash": "sha256(previous_hash)",
    "root": "sha256(root)",
    "entry_count": "entry_count + 1",
    "incarnation": "incarnation # 1",
    "last_xid": "(last_xid::text::bigint + 1)::text::xid8",
    "last_audit_id": "last_audit_id - 1",
    "low_audit_id": "low_audit_id - 1",
    "high_audit_id": "high_audit_id + 1",
    "sealed_at": "sealed_at + interval '1 microsecond'",
    "hash": "sha256(hash)",
}
EXTREMES = {
    "block_no": ["-9223372036854775808", "9223372036854775807"],
    "entry_count": ["-1", "0", "9223372036854775807"],
    "incarnation": ["-9223372036854775808"],
    "last_xid": ["'18446744073709551615'", "'0'"],
    "last_audit_id": ["-9223372036854775808", "9223372036854775807"],
    "low_audit_id": ["-9223372036854775808", "9223372036854775807"],
    "high_audit_id": ["-9223372036854775808", "9223372036854775807"],
    "sealed_at": ["'infinity'", "'-infinity'", "'4714-11-24 00:00:00+00 BC'", "null"],
    "hash": ["''", "null", "'\\x00'"],
    "root": ["''", "null"],
    "previous_hash": ["''", "null"],
}


@pytest.fixture
def ledger(database: Database) -> SmallLedger:
    made = SmallLedger(database)
    with made.db.transaction():
        # A superuser may drop these as well; the verifier does not lean on them.
        for name in ("block_no_is_positive", "is_not_empty", "hashes_are_sha256"):
            made.db.execute(
                f"alter table memoriesdb.ledger_blocks drop constraint ledger_blocks_{name}"
            )
        for name in EDITS:
            if name != "block_no":
                made.db.execute(f"alter table memoriesdb.ledger_blocks alter {name} drop not null")
    return made


def test_every_column_is_covered() -> None:
    assert EDITS.keys() == {name for name, _ in BLOCK_FIELDS} | {"hash"} == EXTREMES.keys()


@FUZZ
@given(st.sampled_from(sorted(EDITS)), st.integers(1, 5))
def test_an_edited_header_is_named(ledger: SmallLedger, column: str, block_no: int) -> None:
    with ledger.tampering() as db:
        db.execute(
            f"update memoriesdb.ledger_blocks set {column} = {EDITS[column]} where block_no = %s",
            (block_no,),
        )
        assert (first := ledger.verify().first) is not None
    assert first.block_no == block_no


@pytest.mark.parametrize(
    ("column", "value"), [(column, value) for column in EXTREMES for value in EXTREMES[column]]
)
def test_values_beyond_all_bounds_are_found_and_nothing_breaks(
    ledger: SmallLedger, column: str, value: str
) -> None:
    with ledger.tampering() as db:
        db.execute(f"update memoriesdb.ledger_blocks set {column} = {value} where block_no = 3")
        assert (first := ledger.verify().first) is not None
    assert first.block_no is not None
    assert first.block_no <= 3


@pytest.mark.parametrize("block_no", [1, 2, 4])
def test_a_block_that_was_taken_out_is_named(ledger: SmallLedger, block_no: int) -> None:
    with ledger.tampering() as db:
        db.execute("delete from memoriesdb.ledger_blocks where block_no = %s", (block_no,))
        first = ledger.verify().first
    assert first is not None
    assert (first.block_no, first.problem) == (block_no, "the block is missing")


def test_a_block_that_is_there_twice_is_named(ledger: SmallLedger) -> None:
    with ledger.tampering() as db:
        db.execute("alter table memoriesdb.ledger_blocks drop constraint ledger_blocks_pkey")
        db.execute(
            "insert into memoriesdb.ledger_blocks select * from memoriesdb.ledger_blocks "
            "where block_no = 2"
        )
        first = ledger.verify().first
    assert first is not None
    assert first.block_no == 2


def test_two_blocks_that_changed_places_are_named(ledger: SmallLedger) -> None:
    with ledger.tampering() as db:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            db.execute("update memoriesdb.ledger_blocks set block_no = %s where block_no = %s",
                       (new, old))  # fmt: skip
        first = ledger.verify().first
    assert first is not None
    assert first.block_no == 2


@FUZZ
@given(st.integers(1, 4))
def test_dropped_last_blocks_are_told_by_the_digest_alone(ledger: SmallLedger, left: int) -> None:
    with ledger.tampering() as db:
        db.execute("delete from memoriesdb.ledger_blocks where block_no > %s", (left,))
        assert ledger.verify(kept=[]).is_intact, "entries that are not sealed are no problem"
        (problem,) = ledger.verify().problems
        with pytest.raises(ContradictionError):
            continue_from(Tables(db), ledger.kept[0])
    assert (problem.block_no, "missing" in problem.problem) == (left + 1, True)


@FUZZ
@given(st.integers(1, 41))
def test_a_rewritten_chain_is_told_by_the_digest_alone(ledger: SmallLedger, place: int) -> None:
    """Every hash fits, since who rewrote it knows the format; the digest kept outside does not."""
    with ledger.tampering() as db:
        db.execute(
            "update memoriesdb.audit_log set user_id = gen_random_uuid() where audit_id = "
            "(select audit_id from memoriesdb.audit_log order by xid, audit_id offset %s limit 1)",
            (place,),
        )
        reseal(db, ledger.size)
        assert ledger.verify(kept=[]).is_intact
        (problem,) = ledger.verify().problems
        with pytest.raises(ContradictionError):
            continue_from(Tables(db), ledger.kept[0])
    assert "rewritten" in problem.problem


def test_a_fork_is_told_by_the_digests_that_it_left_behind(ledger: SmallLedger) -> None:
    """Two branches after block 2: each is consistent, and each one's digest refuses the other."""
    with ledger.tampering() as db:
        db.execute("delete from memoriesdb.ledger_blocks where block_no > 2")
        common = ledger.digest()
        # More entries alone are no other branch where the last block was full.
        db.execute(
            "update memoriesdb.audit_log set user_id = gen_random_uuid() where audit_id = "
            "(select audit_id from memoriesdb.audit_log order by xid, audit_id offset %s limit 1)",
            (2 * ledger.size,),
        )
        write_entries(db, 4)
        reseal(db, ledger.size)
        branch = ledger.digest()
        assert ledger.verify([common, branch]).is_intact
        found = ledger.verify([common, branch, *ledger.kept]).problems
    assert ledger.verify([common, *ledger.kept]).is_intact
    assert len(found) == 1
    assert "after block 2" in found[0].detail


def test_many_digests_are_checked_and_the_first_that_differs_is_named(ledger: SmallLedger) -> None:
    kept = []
    for upto in range(1, 6):
        with ledger.tampering() as db:
            db.execute("delete from memoriesdb.ledger_blocks where block_no > %s", (upto,))
            kept.append(replace(ledger.digest(), line=upto))
    assert ledger.verify(kept).digests_agreed == 5
    forged = [*kept[:2], *(_other(each) for each in kept[2:])]
    report = ledger.verify(forged)
    assert [p.block_no for p in report.problems] == [3, 4, 5]
    assert report.digests_agreed == 2
    assert "line 3" in report.problems[0].detail


def _other(kept: Kept) -> Kept:
    return replace(kept, digest=replace(kept.digest, block_hash=bytes(32)))


@pytest.mark.parametrize(
    "change",
    [{"entries": 44}, {"incarnation": 1}, {"sealed_at": "2026-01-31T12:00:59.000000Z"}],
    ids=str,
)
def test_each_field_of_a_digest_is_compared(ledger: SmallLedger, change: dict[str, object]) -> None:
    digest = replace(ledger.kept[0].digest, **change)  # type: ignore[arg-type]
    (problem,) = ledger.verify([Kept(digest)]).problems
    assert problem.block_no == digest.block_no


def test_from_a_digest_on_what_came_after_is_verified(ledger: SmallLedger) -> None:
    with ledger.tampering() as db:
        write_entries(db, 4)
        seal(db, ledger.size)
        now, _ = continue_from(Tables(db), ledger.kept[0])
        assert now.block_no > ledger.kept[0].digest.block_no
        db.execute(
            "update memoriesdb.audit_log set user_id = gen_random_uuid() where audit_id = "
            "(select max(audit_id) - 1 from memoriesdb.audit_log)"
        )
        with pytest.raises(ContradictionError, match="the entry was changed"):
            continue_from(Tables(db), ledger.kept[0])


def test_a_clock_that_was_set_back_is_no_alarm(ledger: SmallLedger) -> None:
    """The sealer goes on from the time of the last block, however far ahead that was."""
    with unguarded(ledger.db):
        write_entries(ledger.db, 2)
        seal(ledger.db, ledger.size, "2099-01-31")
    blocks = ledger.digest().digest.block_no
    ledger.db.commit()
    write_entries(ledger.db, 1)
    ledger.db.commit()
    ledger.db.execute("select memoriesdb.seal_ledger()")
    report = ledger.verify()
    assert (report.problems, report.blocks, report.unsealed) == ([], blocks + 1, 0)
