"""Seal, and look at what was sealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from acting import Connection, Database

Problem = tuple[int | None, int | None, str]

# Where the leaf of each entry is found: an entry's own bytes decide, not where it lies.
MEMBERS = """
select a.audit_id, array_remove(array_agg(l.block_no order by l.block_no), null)
from memoriesdb.audit_log as a
left join (
  select b.block_no, substr(b.leaves, i * 32 + 1, 32) as leaf
  from memoriesdb.ledger_leaves as b
  cross join lateral generate_series(0, octet_length(b.leaves) / 32 - 1) as i
) as l on l.leaf = memoriesdb._leaf_hash(a)
group by a.audit_id
"""

# An entry and a payload like the last ones, as only a superuser can put them there.
COPY = (
    "insert into memoriesdb.audit_log overriding system value select (jsonb_populate_record(a, "
    "jsonb_build_object('audit_id', %(audit_id)s::bigint, 'xid', %(xid)s::text, "
    "'incarnation', coalesce(%(incarnation)s, a.incarnation), 'at', a.at - interval '1 year'))).* "
    "from memoriesdb.audit_log as a order by a.audit_id desc limit 1"
)
COPY_PAYLOAD = (
    "insert into memoriesdb.audit_payloads select (jsonb_populate_record(p, "
    "jsonb_build_object('audit_id', %(audit_id)s::bigint))).* "
    "from memoriesdb.audit_payloads as p order by p.audit_id desc limit 1"
)


def seal(database: Database, max_entries: int = 1000000) -> int:
    """Seal once, as the worker's login."""
    with database.connect("worker") as db:
        row = db.execute("select memoriesdb.seal_ledger(%s)", (max_entries,)).fetchone()
    assert row is not None
    sealed: int = row[0]
    return sealed


def seal_all(database: Database) -> None:
    """Seal until nothing is left; the server's own transactions may hold it up for a moment."""
    for _ in range(10000):
        seal(database)
        if status(database)["unsealed_entries"] == 0:
            return
    raise AssertionError("entries remain unsealed")


def status(database: Database) -> dict[str, Any]:
    """The row of ledger_status."""
    with database.connect("auditor") as db:
        cursor = db.execute("select * from memoriesdb.ledger_status")
        names = [column.name for column in cursor.description or ()]
        (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def members(db: Connection) -> dict[int, list[int]]:
    """The blocks that hold each entry that is there."""
    return {row[0]: row[1] for row in db.execute(MEMBERS.encode())}


def problems(database: Database, digest: object = None) -> list[Problem]:
    """What verify_ledger() names, as the auditor's login."""
    with database.connect("auditor") as db:
        rows = db.execute(
            "select block_no, audit_id, problem from memoriesdb.verify_ledger(%s::jsonb)",
            (digest,),
        )
        return [(row[0], row[1], row[2]) for row in rows]


def tamper(database: Database, *statements: str, **values: object) -> None:
    """Do it as a superuser with the triggers off; each statement must change something."""
    db = database.connect("superuser")
    for table in (
        "memories",
        "audit_log",
        "audit_payloads",
        "ledger_blocks",
        "ledger_leaves",
        "ledger_archives",
    ):
        db.execute(f"alter table memoriesdb.{table} disable trigger user".encode())
    for statement in statements:
        assert db.execute(statement.encode(), values or None).rowcount != 0, statement
    db.commit()
    db.close()


def audit_ids(database: Database, owner_id: UUID) -> list[int]:
    """The entries about a user's memories, in order."""
    rows = database.superuser().execute(
        "select audit_id from memoriesdb.audit_log "
        "where owner_id = %s and table_name = 'memories' order by audit_id",
        (owner_id,),
    )
    return [row[0] for row in rows]
