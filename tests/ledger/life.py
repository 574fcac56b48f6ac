"""A ledger that has seen a life, and what verify_ledger() names where something was done to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from acting import Connection, Database, one
from ledger.outside import SmallLedger
from ledger.sealing import seal_all

PARTITION = 1_000_000

# Where it is (an entry or a block, by its name in `Life`), and what it is.
Found = set[tuple[str, str]]

_FIRST_MEMORY = (
    "select min(audit_id) from memoriesdb.audit_log where table_name = 'memories' "
    "and operation = 'INSERT'"
)


class Life(SmallLedger):
    """Memories, an edge and an erasure, in entries on both sides of the border of a partition."""

    def __init__(self, database: Database) -> None:
        alice = database.create_user("alice")
        kept = [database.remember(alice, f"memory {n}") for n in range(5)]
        with database.acting(alice) as db:
            db.execute("select memoriesdb.link(%s, %s)", (kept[0], kept[1]))
            db.execute("select memoriesdb.erase(%s)", (kept[4],))
        superuser = database.superuser()
        gap = one(superuser, "select nextval('memoriesdb.audit_log_audit_id_seq')")
        super().__init__(database, transactions=6)
        one(superuser, "select setval('memoriesdb.audit_log_audit_id_seq', %s)", PARTITION - 3)
        with database.acting(alice) as db:
            for n in range(5):
                db.execute("select memoriesdb.remember(%s)", (f"across the border {n}",))
        seal_all(database)
        database.remember(alice, "after the border")
        seal_all(database)
        log = "memoriesdb.audit_log"
        victim = self.number(f"{_FIRST_MEMORY} and user_id is not null") + 1
        self.entries = {
            "victim": victim,
            "edge": self.number(
                f"select audit_id from {log} "
                "where table_name = 'memory_edges' and operation = 'INSERT'"
            ),
            "other": self.number(f"select max(audit_id) from {log} where audit_id < 900000"),
            "erased": self.number(
                f"select min(audit_id) from {log} "
                "where audit_id not in (select audit_id from memoriesdb.audit_payloads)"
            ),
            "receipt": self.number(f"select audit_id from {log} where operation = 'ERASE'"),
            "gap": int(str(gap)),
            "across": PARTITION,
            "across too": PARTITION + 1,
            "beyond": self.number(f"select max(audit_id) + 100 from {log}"),
        }
        block = self.number(
            "select min(b.block_no) from memoriesdb.ledger_blocks as b join memoriesdb.audit_log "
            "as a on (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id) where a.audit_id = %s",
            victim,
        )
        self.blocks = {"block": block, "next": block + 1}
        self.keep()

    def keep(self) -> None:
        """Keep a digest, and name the last blocks."""
        last = self.number("select max(block_no) from memoriesdb.ledger_blocks")
        self.blocks |= {
            "border": self.number(
                "select block_no from memoriesdb.ledger_blocks "
                "where low_audit_id < %s and high_audit_id >= %s",
                PARTITION,
                PARTITION,
            ),
            "last": last,
            "new": last + 1,
        }
        self.kept_digest = str(one(self.db, "select memoriesdb.ledger_digest()::text"))
        self.db.commit()

    def archive(self) -> None:
        """Detach the first partition and drop it, as whoever has written its archive."""
        self.database.administer("detach_audit_partition(0, sha256('a file'))")
        self.database.superuser().execute("drop table memoriesdb.audit_log_000000")
        seal_all(self.database)
        self.keep()

    @contextmanager
    def tampering(self) -> Iterator[Connection]:
        """Be a superuser with the triggers off; nothing of it stays open to hold up sealing."""
        self.db.rollback()
        with super().tampering() as db:
            yield db

    def after(self, *statements: str, digest: bool = False) -> Found:
        """Do it, and return what is named; then undo it."""
        names = {**self.entries, **self.blocks}
        with self.tampering() as db:
            for statement in statements:
                text = statement.format_map({k.replace(" ", "_"): v for k, v in names.items()})
                assert db.execute(text.encode()).rowcount != 0, text
            return self.named(digest=digest)

    def named(self, *, digest: bool = False) -> Found:
        """Return what verify_ledger() names."""
        entries = {number: name for name, number in self.entries.items()}
        blocks = {number: name for name, number in self.blocks.items()}
        rows = self.db.execute(
            "select block_no, audit_id, problem, detail from memoriesdb.verify_ledger(%s::jsonb)",
            (self.kept_digest if digest else None,),
        ).fetchall()
        assert all(row[3] for row in rows)
        return {
            (
                entries.get(row[1], str(row[1])) if row[1] else blocks.get(row[0], str(row[0])),
                row[2],
            )
            for row in rows
        }
