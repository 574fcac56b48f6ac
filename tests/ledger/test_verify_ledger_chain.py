"""verify_ledger() names what was done to blocks, leaves and archives, and a chain written anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from acting import NewDatabase, refused
from ledger import test_verify_ledger as entries
from ledger.life import Found, Life
from ledger.outside import reseal

FUNCTIONS = Path(__file__).parents[2] / "sql" / "functions" / "ledger"
LOG, BLOCKS, LEAVES = (f"memoriesdb.{t}" for t in ("audit_log", "ledger_blocks", "ledger_leaves"))
ARCHIVES = "memoriesdb.ledger_archives"

REHASH = f"update {BLOCKS} as b set hash = memoriesdb._block_hash(b) where block_no = {{block}}"

HEADER = ("block", "block was changed")
CHAIN = ("next", "block does not follow the one before")
BOUNDS = ("block", "block does not say what its entries are")
ROOT = ("block", "leaves do not make up the root of the block")
UNKNOWN = ("block", "entries do not make up the root of the block")
COUNT = ("block", "leaves are not as many as the block's entries")

# What is done to a header, by column, and what is named besides HEADER or, where its hash is made
# anew, CHAIN.
COLUMNS: dict[str, tuple[str, Found]] = {
    "previous_hash": (
        "sha256(previous_hash)", {("block", "block does not follow the one before")}
    ),
    "root": ("sha256(root)", {ROOT}),
    "entry_count": ("entry_count + 1", {COUNT, BOUNDS}),
    "incarnation": ("incarnation - 1", set()),
    "last_xid": ("(last_xid::text::bigint + 1)::text::xid8", set()),
    "last_audit_id": ("last_audit_id - 1", set()),
    "low_audit_id": ("low_audit_id - 1", {BOUNDS}),
    "high_audit_id": ("high_audit_id + 1", {BOUNDS}),
    "sealed_at": ("sealed_at + interval '1 microsecond'", set()),
}  # fmt: skip
# Of these the range of the block moves, and entries come or go.
MOVING = {"incarnation", "last_xid", "last_audit_id"}


@pytest.fixture(scope="module")
def life(new_database: NewDatabase) -> Iterator[Life]:
    with new_database() as database:
        yield Life(database)


@pytest.fixture(scope="module")
def archived(new_database: NewDatabase) -> Iterator[Life]:
    with new_database() as database:
        made = Life(database)
        made.archive()
        yield made


@pytest.fixture(autouse=True)
def _nothing_is_named_where_nothing_was_done(life: Life) -> Iterator[None]:
    """The control, before and after each."""
    assert life.named(digest=True) == set()
    yield
    assert life.named(digest=True) == set()


@pytest.mark.parametrize("column", COLUMNS)
def test_a_header_changed_in_one_column_is_named(life: Life, column: str) -> None:
    value, besides = COLUMNS[column]
    change = f"update {BLOCKS} set {column} = {value} where block_no = {{block}}"
    found = life.after(change)
    rehashed = life.after(change, REHASH)
    if column in MOVING:
        assert found >= {HEADER}
        assert rehashed >= {CHAIN}
        assert HEADER not in rehashed
    else:
        assert found == {HEADER, *besides}
        assert rehashed == {CHAIN, *besides}


def test_each_column_is_among_them(life: Life) -> None:
    columns = life.db.execute(
        "select attname from pg_attribute where attnum > 0 and not attisdropped "
        "and attrelid = 'memoriesdb.ledger_blocks'::regclass"
    )
    assert {row[0] for row in columns} - COLUMNS.keys() == {"block_no", "hash"}


def _leaves(value: str) -> str:
    return f"update {LEAVES} set leaves = {value} where block_no = {{block}}"


CHANGE = f"update {LOG} set login = 'x' where audit_id = {{victim}}"
BLOCK_CASES: dict[str, tuple[list[str], Found]] = {
    "a hash": (
        [f"update {BLOCKS} set hash = sha256(hash) where block_no = {{block}}"], {HEADER, CHAIN},
    ),
    "leaves are deleted": (
        [f"delete from {LEAVES} where block_no = {{block}}"], {("block", "leaves are missing")},
    ),
    "leaves are cut": ([_leaves("substr(leaves, 33)")], {COUNT, ROOT}),
    "a leaf is changed": (
        [_leaves("sha256(leaves) || substr(leaves, 33)")], {ROOT},
    ),
    "an entry, and its leaf with it": (
        [CHANGE, _leaves("sha256(leaves) || substr(leaves, 33)")], {ROOT, UNKNOWN},
    ),
    "an entry, and the leaves deleted": (
        [CHANGE, f"delete from {LEAVES} where block_no = {{block}}"],
        {("block", "leaves are missing"), UNKNOWN},
    ),
    "leaves without a block": (
        [f"insert into {LEAVES} values ({{new}}, sha256(''))"],
        {("new", "leaves have no block")},
    ),
    "a block is sealed twice": (
        [
            f"insert into {BLOCKS} select {{new}}, hash, root, entry_count, incarnation, last_xid, "
            f"last_audit_id, low_audit_id, high_audit_id, sealed_at, hash from {BLOCKS} "
            "where block_no = {last}",
            f"update {BLOCKS} as b set hash = memoriesdb._block_hash(b) where block_no = {{new}}",
            f"insert into {LEAVES} select {{new}}, leaves from {LEAVES} where block_no = {{last}}",
        ],
        {("new", "block seals what one before it sealed"), ("new", "entry is missing")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCK_CASES)
def test_what_was_done_to_blocks_and_leaves_is_named(life: Life, name: str) -> None:
    statements, expected = BLOCK_CASES[name]
    assert life.after(*statements) == expected


@pytest.mark.parametrize("with_leaves", [False, True])
def test_a_block_that_was_removed_is_named(life: Life, with_leaves: bool) -> None:
    tables = (BLOCKS, LEAVES) if with_leaves else (BLOCKS,)
    found = life.after(*(f"delete from {table} where block_no = {{block}}" for table in tables))
    assert found >= {CHAIN, ("next", "block number does not follow the one before")}
    assert (("block", "leaves have no block") in found) is not with_leaves
    # What it sealed falls into the range of the next one, which did not.
    assert ("victim", "entry was not sealed") in found


CUT = [f"delete from {table} where block_no >= {{border}}" for table in (BLOCKS, LEAVES)]


def test_a_tail_that_was_cut_is_told_by_a_digest_alone(life: Life) -> None:
    assert life.after(*CUT) == set()
    assert life.after(*CUT, digest=True) == {("last", "ledger ends before the digest")}


def test_a_chain_that_was_written_anew_is_told_by_a_digest_alone(life: Life) -> None:
    with life.tampering() as db:
        db.execute(CHANGE.format(**life.entries).encode())
        # Longer than it was, so that the block of the digest is there.
        reseal(db, 3)
        assert life.named() == set()
        assert life.named(digest=True) == {("last", "block is not that of the digest")}


@pytest.mark.parametrize(
    "digest", ["1", "[]", "{}", '{"block_no": "1"}', '{"block_no": 1, "block_hash": "x"}']
)
def test_what_is_no_digest_is_refused(life: Life, digest: str) -> None:
    with life.database.connect("auditor") as db:
        error = refused(db, "select * from memoriesdb.verify_ledger(%s::jsonb)", digest)
    assert error.sqlstate == "MD110"


def test_what_is_archived_is_no_loss_and_what_is_deleted_besides_is_one(archived: Life) -> None:
    """The block on the border lacks the archived ones, and may lack no other."""
    assert archived.named(digest=True) == set()
    besides = ("border", "entries are missing besides those archived")
    found = archived.after(f"delete from {LOG} where audit_id = {{across}}")
    assert found == {besides, ("across", "payload has no entry")}
    found = archived.after(f"update {LOG} set login = 'x' where audit_id = {{across}}")
    assert found == {("across", "entry was changed")}
    assert archived.named(digest=True) == set()


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        (
            f"update {ARCHIVES} set entry_count = entry_count + 1",
            "archive is not as the ledger says",
        ),
        (
            f"update {ARCHIVES} set file_sha256 = sha256(file_sha256)",
            "archive is not as the ledger says",
        ),
        (f"delete from {ARCHIVES}", "archive is not as the ledger says"),
        (f"delete from {LOG} where operation = 'ARCHIVE'", "archive is not in the ledger"),
        (
            "create table memoriesdb.audit_log_000000 partition of memoriesdb.audit_log "
            "for values from (0) to (1000000)",
            "archived partition is here",
        ),
    ],
)
def test_what_was_done_to_an_archive_is_named(archived: Life, tampering: str, problem: str) -> None:
    assert problem in {named for _, named in archived.after(tampering)}
    assert archived.named(digest=True) == set()


def test_an_archive_is_not_claimed_for_what_is_gone(life: Life) -> None:
    """Whoever deletes entries cannot pass them off as archived without an entry that says so."""
    claim = (
        f"insert into {ARCHIVES} select 0, 0, 999999, count(*), "
        "jsonb_build_object({border}, count(*) filter (where audit_id > 999000)), sha256('x'), "
        f"now(), 'x' from {LOG} where audit_id < 1000000"
    )
    gone = f"delete from {LOG} where audit_id < 1000000"
    found = {problem for _, problem in life.after(claim, gone)}
    assert found >= {"archive is not in the ledger", "entry is missing"}


def test_every_problem_that_it_can_name_is_named_in_these_tests() -> None:
    """The names are read from the functions: a new one needs a test of its own."""
    tested = "".join(Path(str(m)).read_text() for m in (__file__, entries.__file__))
    named = {
        problem.replace("''", "'")
        for path in FUNCTIONS.glob("_*.sql")
        if path.stem.startswith(("_verify", "_compare"))
        for problem in re.findall(
            r"'((?:payload|block|leaves|entr|archive|ledger)(?:[^'\n]|''){6,60})'[,;]?\s",
            path.read_text(),
        )
        if ":" not in problem and "." not in problem and "%" not in problem
    }
    assert len(named) > 20
    assert {problem for problem in named if problem not in tested} == set()
