"""A small ledger to tamper with, and the hand of a superuser who knows the format well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from acting import Connection, Database
from ledger.make_vectors import encode_entry, hash_block, root
from memoriesdb.ledger import Kept, Report, Tables, Verifier
from memoriesdb.ledger.digest import Digest
from memoriesdb.ledger.tables import HEAD

LEDGER_TABLES = ("audit_log", "audit_payloads", "ledger_blocks", "ledger_leaves", "ledger_archives")

_ENTRIES = """
select a.audit_id, a.xid::text as xid, a.incarnation, a.user_id::text, a.token_id::text,
  a.actor_id::text, a.login::text, a.table_name::text, a.operation, a.owner_id::text,
  a.row_id::text, a.row_key::text, encode(a.commitment, 'hex') as commitment,
  to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
from memoriesdb.audit_log as a
order by a.incarnation, a.xid, a.audit_id
"""
_BLOCK = """
insert into memoriesdb.ledger_blocks (
  block_no, previous_hash, root, entry_count, incarnation, last_xid, last_audit_id, low_audit_id,
  high_audit_id, sealed_at, hash
)
select block_no, decode(previous_hash, 'hex'), decode(root, 'hex'), entry_count, incarnation,
  last_xid::xid8, last_audit_id, low_audit_id, high_audit_id, sealed_at, decode(hash, 'hex')
from jsonb_to_record(%s) as b (
  block_no bigint, previous_hash text, root text, entry_count bigint, incarnation bigint,
  last_xid text, last_audit_id bigint, low_audit_id bigint, high_audit_id bigint,
  sealed_at timestamptz, hash text
)
"""


def write_entries(db: Connection, transactions: int, each: int = 3) -> None:
    """Write entries with payloads, each few of them in a transaction of their own."""
    for number in range(transactions):
        with db.transaction():
            db.execute(
                "select memoriesdb._write_audit('settings', 'UPDATE', array(select row("
                "null, null, jsonb_build_object('key', %(n)s || '.' || i), null, "
                "jsonb_build_object('value', i))::memoriesdb._audit_entry "
                "from generate_series(1, %(each)s) as i), 'a reason')",
                {"n": str(number), "each": each},
            )


def reseal(db: Connection, size: int) -> None:
    """Seal everything anew in blocks of so many entries: consistent from the first to the last."""
    db.execute("delete from memoriesdb.ledger_blocks")
    db.execute("delete from memoriesdb.ledger_leaves")
    seal(db, size)


def seal(db: Connection, size: int, day: str = "2026-01-31") -> None:
    """Seal what is not sealed yet, as of a day; nothing else must be writing."""
    with db.cursor(row_factory=dict_row) as cursor:
        entries = cursor.execute(_ENTRIES).fetchall()
    last = db.execute(
        "select count(*), coalesce(sum(entry_count), 0)::int, encode((array_agg(hash order by "
        "block_no desc))[1], 'hex') from memoriesdb.ledger_blocks"
    ).fetchone()
    assert last is not None
    number, done, previous = last[0], last[1], last[2] or "00" * 32
    for start in range(done, len(entries), size):
        number += 1
        previous = _seal(db, number, previous, entries[start : start + size], day)


def _seal(
    db: Connection, number: int, previous: str, part: Sequence[dict[str, Any]], day: str
) -> str:
    leaves = [sha256(b"\0" + encode_entry(entry)).digest() for entry in part]
    ids = [entry["audit_id"] for entry in part]
    block = {
        "block_no": number,
        "previous_hash": previous,
        "root": root(leaves).hex(),
        "entry_count": len(part),
        "incarnation": part[0]["incarnation"],
        "last_xid": part[-1]["xid"],
        "last_audit_id": part[-1]["audit_id"],
        "low_audit_id": min(ids),
        "high_audit_id": max(ids),
        "sealed_at": f"{day}T12:00:{number % 60:02}.000000Z",
    }
    block["hash"] = hash_block(block).hex()
    db.execute(_BLOCK, (Jsonb(block),))
    db.execute(
        "insert into memoriesdb.ledger_leaves (block_no, leaves) values (%s, %s)",
        (number, b"".join(leaves)),
    )
    return str(block["hash"])


class SmallLedger:
    """Some blocks, and whatever is done to them within :meth:`tampering` is undone after."""

    def __init__(self, database: Database, *, transactions: int = 14, size: int = 9) -> None:
        self.database = database
        self.db = database.connect("superuser", pooled=False)
        self.size = size
        write_entries(self.db, transactions)
        self.db.commit()
        with unguarded(self.db):
            reseal(self.db, size)
        self.db.commit()
        self.kept = [self.digest()]

    def digest(self) -> Kept:
        """The head, as an outsider kept it."""
        tables = Tables(self.db)
        head = tables.one(HEAD)
        return Kept(Digest.of(tables.header(head.block_no), int(head.entries)))

    @contextmanager
    def tampering(self) -> Iterator[Connection]:
        """Be a superuser with the triggers off, in a transaction that is rolled back."""
        with self.db.transaction(force_rollback=True), unguarded(self.db):
            yield self.db

    def verify(self, kept: Sequence[Kept] | None = None) -> Report:
        """Verify what this connection sees, with the digest that was kept."""
        return Verifier(Tables(self.db), kept=self.kept if kept is None else kept).run()

    def number(self, query: str, *parameters: object) -> int:
        """Return one number of the database."""
        row = self.db.execute(query, parameters).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def unguarded(db: Connection) -> Iterator[None]:
    """Switch the triggers off and drop what stands in the way, as only a superuser can."""
    for table in LEDGER_TABLES:
        db.execute(f"alter table memoriesdb.{table} disable trigger all")
    yield
    for table in LEDGER_TABLES:
        db.execute(f"alter table memoriesdb.{table} enable trigger all")
