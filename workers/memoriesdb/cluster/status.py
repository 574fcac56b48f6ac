"""What runs of a private cluster, as a value that prints and serialises."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from memoriesdb import queries
from memoriesdb.cluster.instance import WORKERS, Instance
from memoriesdb.cluster.processes import ProcessId
from memoriesdb.queries.loader import Query, Row
from memoriesdb.queries.rows import LedgerStatus, QueueDepth


@dataclass(frozen=True)
class Component:
    """One part of the cluster."""

    name: str
    running: bool
    pid: int | None
    port: int | None
    since: datetime | None
    log: Path


@dataclass(frozen=True)
class Status:
    """A private cluster at one moment; of a database not reached, queues and ledger are None."""

    instance: str
    directory: Path
    exists: bool
    components: tuple[Component, ...] = ()
    queues: tuple[QueueDepth, ...] | None = None
    ledger: LedgerStatus | None = None

    @property
    def running(self) -> bool:
        """Whether everything that memories need runs; without an embedder words still do."""
        needed = [part.running for part in self.components if part.name != "embedder"]
        return bool(needed) and all(needed)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values for ``json.dumps``."""
        content = {**asdict(self), "running": self.running}
        content["directory"] = str(self.directory)
        content["components"] = [
            {
                **asdict(part),
                "log": str(part.log),
                "since": part.since.isoformat() if part.since else None,
            }
            for part in self.components
        ]
        for name in ("oldest_unsealed_at", "last_sealed_at") if self.ledger else ():
            at = getattr(self.ledger, name)
            content["ledger"][name] = at.isoformat() if at else None
        return content


def status(instance: Instance) -> Status:
    """Look at every part; changes nothing."""
    if not instance.exists:
        return Status(instance.name, instance.directory, exists=False)
    postgres, pooler, embedder = instance.postgres, instance.pooler, instance.embedder()
    parts = [
        _component("postgres", postgres.running(), postgres.port, postgres.log),
        _component("pgbouncer", pooler.running(), pooler.port, pooler.log),
        _component("embedder", embedder.running(), instance.ports["embedder"], embedder.log),
    ]
    for duty in WORKERS:
        worker = instance.worker(duty)
        parts.append(_component(f"{duty} worker", worker.running(), None, worker.log))
    queues, ledger = None, None
    if parts[0].running and parts[1].running:
        queues = _ask(instance, queries.worker_metrics)
        ledger = _ask(instance, queries.ledger_status)
    return Status(
        instance.name,
        instance.directory,
        exists=True,
        components=tuple(parts),
        queues=queues,
        ledger=ledger[0] if ledger else None,
    )


def _component(name: str, process: ProcessId | None, port: int | None, log: Path) -> Component:
    if process is None:
        return Component(name, False, None, port, None, log)
    return Component(name, True, process.pid, port, process.since, log)


def _ask(instance: Instance, query: Query[Row]) -> tuple[Row, ...] | None:
    try:
        with (
            psycopg.connect(
                instance.dsn("worker"), autocommit=True, connect_timeout=3, prepare_threshold=None
            ) as db,
            db.cursor(row_factory=query.row_factory) as cursor,
        ):
            return tuple(cursor.execute(query.sql).fetchall())
    except psycopg.Error:
        return None
