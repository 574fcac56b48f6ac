"""The last chapter: sealed, kept elsewhere, tampered with, and found out."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

import psycopg
from psycopg import sql

from memoriesdb import queries
from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.ledger import Kept, Report, Tables, Verifier, keeping
from memoriesdb.ledger.digest import read_digests
from memoriesdb.ledger.verifier import read_head
from memoriesdb.queries import demo

PATIENCE_SECONDS = 30.0
Say = Callable[[str], None]


class LedgerChapter:
    """What an auditor sees while a superuser writes another user into the audit log."""

    def __init__(self, instance: Instance, say: Say) -> None:
        self._say = say
        self._digests = instance.directory / "digests.jsonl"
        self._auditor_dsn = cluster_dsn(instance, "auditor")
        self._superuser_dsn = cluster_dsn(instance, "superuser")

    def tell(self, memory_id: UUID, maker: UUID, other: UUID) -> None:
        """Tell it about one memory, and leave everything as it was."""
        with psycopg.connect(self._auditor_dsn, autocommit=True, prepare_threshold=None) as db:
            tables = Tables(db)
            if not self._wait_until_sealed(tables):
                self._say("[yellow]The worker has not sealed everything yet:[/] skipped.")
                return
            head = read_head(tables, keeping.last_kept(self._digests))
            keeping.append(self._digests, Kept(head))
            self._say(f"the worker has sealed {head.entries} entries in {head.block_no} blocks;")
            self._say(f"an auditor keeps the digest outside: {head.block_hash.hex()[:16]}…")
            self._say(f"computed anew from outside: {self._judge(self._verify(tables))}")
            audit_id = tables.one(demo.last_entry, memory_id=memory_id)
            self._say("now a superuser writes into the audit log that it was Ben …")
            self._tamper(audit_id, other)
            try:
                self._say(self._judge(self._verify(tables)))
            finally:
                self._tamper(audit_id, maker)
            self._say(f"… and puts it back: {self._judge(self._verify(tables))}")

    def _wait_until_sealed(self, tables: Tables) -> bool:
        until = time.monotonic() + PATIENCE_SECONDS
        while tables.one(queries.ledger_status).unsealed_entries:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def _verify(self, tables: Tables) -> Report:
        return Verifier(tables, kept=read_digests(self._digests)).run()

    def _judge(self, report: Report) -> str:
        if report.first is not None:
            return f"[bold red]found:[/] {report.first}"
        return f"[green]intact[/], and as each of {report.digests_agreed} kept digests says"

    def _tamper(self, audit_id: int, user_id: UUID) -> None:
        statement = sql.SQL(demo.tamper_entry.sql.decode()).format(
            user_id=sql.Literal(user_id), audit_id=sql.Literal(audit_id)
        )
        with psycopg.connect(self._superuser_dsn, autocommit=True) as db:
            db.execute(statement)
