"""What runs of a private cluster, as a value that prints and serialises."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row

from memoriesdb import queries
from memoriesdb.cluster.instance import WORKERS, Instance
from memoriesdb.cluster.processes import ProcessId
from memoriesdb.queries.rows import QueueDepth


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
    """A private cluster at one moment; ``queues`` is None when the database was not reached."""

    instance: str
    directory: Path
    exists: bool
    components: tuple[Component, ...] = ()
    queues: tuple[QueueDepth, ...] | None = None

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
    queues = _queues(instance) if parts[0].running and parts[1].running else None
    return Status(instance.name, instance.directory, True, tuple(parts), queues)


def _component(name: str, process: ProcessId | None, port: int | None, log: Path) -> Component:
    if process is None:
        return Component(name, False, None, port, None, log)
    return Component(name, True, process.pid, port, process.since, log)


def _queues(instance: Instance) -> tuple[QueueDepth, ...] | None:
    try:
        with (
            psycopg.connect(
                instance.dsn("worker"), autocommit=True, connect_timeout=3, prepare_threshold=None
            ) as db,
            db.cursor(row_factory=class_row(QueueDepth)) as cursor,
        ):
            return tuple(cursor.execute(queries.worker_metrics.sql).fetchall())
    except psycopg.Error:
        return None
