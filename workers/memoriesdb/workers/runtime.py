"""What every duty shares: settings, database, stop request, state, metrics, log."""

import time
from dataclasses import dataclass, field
from importlib.metadata import version
from logging import Logger

from memoriesdb import queries
from memoriesdb.config import WorkerSettings
from memoriesdb.workers import logs, protocol
from memoriesdb.workers.db import Db
from memoriesdb.workers.metrics import Families, Metrics
from memoriesdb.workers.state import DONE, State
from memoriesdb.workers.stop import Stop

VERSION = version("memoriesdb")


@dataclass
class Runtime:
    """One duty of a worker process: its name, what it was told, and where it reports."""

    duty: str
    name: str
    settings: WorkerSettings
    db: Db
    stop: Stop
    state: State
    metrics: Metrics
    log: Logger
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def create(
        cls, duty: str, settings: WorkerSettings, families: Families | None = None
    ) -> "Runtime":
        """Make the parts; nothing is connected or started yet."""
        name = settings.name_for(duty)
        return cls(
            duty=duty,
            name=name,
            settings=settings,
            db=connection(settings, duty),
            stop=Stop(settings.shutdown_grace_seconds),
            state=State(duty, name),
            metrics=Metrics(duty, VERSION, families),
            log=logs.configure(settings.log_level, duty=duty, worker=name),
        )

    def count(self, outcome: str, jobs: int = 1) -> None:
        """Count jobs with this outcome, in the metrics and for the heartbeat."""
        self.metrics.jobs(outcome, jobs)
        self.state.count(outcome, jobs)
        if outcome in DONE and jobs:
            self.metrics.succeeded()

    def beat(self, db: Db, state: str) -> None:
        """Write the heartbeat and read the depth of the queues; ProtocolError: stop."""
        protocol.check(db)
        counts = self.state.counts
        db.value(
            queries.worker_heartbeat,
            worker=self.name,
            duty=self.duty,
            version=VERSION,
            state=state,
            jobs_done=counts.done,
            jobs_failed=counts.failed,
        )
        self.metrics.queues(db.rows(queries.worker_metrics))
        self.show_providers()

    def show_providers(self) -> None:
        """Set the metrics of the providers."""
        self.metrics.circuits(self.state.providers())


def connection(settings: WorkerSettings, duty: str) -> Db:
    """Return a connection as the settings describe it, not opened yet."""
    return Db(
        settings.dsn.get_secret_value(),
        application_name=f"memoriesdb-{duty}",
        connect_timeout=settings.connect_timeout_seconds,
        statement_timeout=settings.statement_timeout_seconds,
    )
