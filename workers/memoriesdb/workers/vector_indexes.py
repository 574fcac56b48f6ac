"""The vindexing worker's second activity: indexes of their own for the owners who earn one."""

import logging
import math
import threading
import time

import psycopg

from memoriesdb import queries
from memoriesdb.queries import VectorIndexJob
from memoriesdb.workers.db import DatabaseAwayError, describe, is_lost
from memoriesdb.workers.maintainer import Maintainer, PooledError, progress, watcher
from memoriesdb.workers.metrics import VectorIndexMetrics
from memoriesdb.workers.runtime import Runtime

# Seconds: of a lease; until it is prolonged, or found lost; between two lines of progress in the
# log; before another attempt when the maintainer cannot get in.
LEASE = 60.0
_RENEW = 5.0
_REPORT = 10.0
_PAUSE = 60.0
# Planning counts all vectors: it gets at most this part of the time.
_PLANNING_PART = 0.02


class _Work(threading.Thread):
    """One statement of the maintainer's, in a thread: the loop goes on and prolongs the lease."""

    def __init__(self, runtime: Runtime, job: VectorIndexJob) -> None:
        super().__init__(name="vector-index", daemon=True)
        self.job = job
        self.maintainer = Maintainer(runtime.settings)
        self.error: Exception | None = None
        self.began = time.monotonic()
        self.is_lost = False

    def run(self) -> None:
        """Build or drop."""
        do = self.maintainer.build if self.job.action == "build" else self.maintainer.drop
        try:
            do(self.job)
        except Exception as error:
            self.error = error


class VectorIndexes:
    """Plan now and then; build or drop one index at a time while the loop goes on."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._metrics = VectorIndexMetrics(runtime.metrics.registry)
        self._work: _Work | None = None
        self._plan_due = self._renew_due = self._report_due = self._pause_until = -math.inf
        self._has_warned = False
        self._watcher = watcher(runtime.settings)

    def tick(self, patience: float = 0.5) -> int:
        """Do a step; 1 while there is work in hand, for which it waits a moment, else 0."""
        if self._work is not None:
            self._look_at(self._work, patience)
            return 1
        now = time.monotonic()
        if now >= self._plan_due:
            self._plan()
        if self.runtime.settings.maintainer() is None or now < self._pause_until:
            return 0
        return self._begin()

    def close(self) -> None:
        """End what is in hand: its index is left behind, and dropped by who comes next."""
        work, self._work = self._work, None
        if work is not None:
            if work.is_alive():
                work.maintainer.cancel()
                work.join(min(max(self.runtime.stop.seconds_left(), 1.0), 5.0))
            try:
                self._fail(work.job, "a worker that stops gave it back", counts=False)
            except (DatabaseAwayError, psycopg.Error) as error:
                # The end of the lease says the same.
                self.runtime.log.warning("not given back", extra={"error": str(error)})
            self._log(logging.INFO, "vector index: given back", work.job)
        self._watcher.close()

    def _plan(self) -> None:
        runtime, began = self.runtime, time.monotonic()
        seconds = runtime.settings.vector_index_plan_seconds
        self._plan_due = began + seconds
        changes = runtime.db.value(queries.plan_vector_indexes, timeout=300.0)
        took = time.monotonic() - began
        self._plan_due = time.monotonic() + max(seconds, took / _PLANNING_PART)
        if changes:
            runtime.log.info("vector indexes planned", extra={"changes": changes})
        if changes and runtime.settings.maintainer() is None and not self._has_warned:
            self._has_warned = True
            runtime.log.warning(
                "vector indexes are wanted and nobody builds them",
                extra={"hint": "recall is exact meanwhile; set MEMORIESDB_MAINTAINER_DSN"},
            )

    def _begin(self) -> int:
        runtime = self.runtime
        jobs = runtime.db.rows(queries.claim_vector_index, worker=runtime.name, lease=LEASE)
        for job in jobs:
            self._work = _Work(runtime, job)
            self._renew_due = self._work.began + _RENEW
            self._report_due = self._work.began + _REPORT
            self._log(logging.INFO, f"vector index: {job.action} begins", job)
            self._work.start()
        return len(jobs)

    def _look_at(self, work: _Work, patience: float) -> None:
        work.join(patience)
        if not work.is_alive():
            self._answer(work)
            # Only now: where the database was away, the same is said again.
            self._work = None
            self._metrics.build(0.0)
            return
        now = time.monotonic()
        if now >= self._renew_due and work.job.lease_token is not None and not work.is_lost:
            self._renew_due = now + _RENEW
            work.is_lost = not self.runtime.db.value(
                queries.renew_vector_index,
                worker=self.runtime.name,
                lease_token=work.job.lease_token,
                lease=LEASE,
            )
            if work.is_lost:
                work.maintainer.cancel()
        if now >= self._report_due:
            self._report_due = now + _REPORT
            self._report(work)

    def _report(self, work: _Work) -> None:
        try:
            found = self._watcher.rows(progress, pid=work.maintainer.pid)
        except (DatabaseAwayError, psycopg.Error) as error:
            self.runtime.log.debug("progress not seen", extra={"error": str(error)})
            return
        for now in found:
            self._metrics.build(now.part)
            self._log(
                logging.INFO,
                "vector index: building",
                work.job,
                phase=now.phase,
                part=round(now.part, 3),
                rows_done=now.rows_done,
            )

    def _answer(self, work: _Work) -> None:
        job, error = work.job, work.error
        seconds = round(time.monotonic() - work.began, 1)
        if work.is_lost:
            # Of another worker now, or not wanted any more.
            self.runtime.count("lost")
            self._log(logging.WARNING, "vector index: lease lost", job)
        elif error is None:
            outcome = self._finish(job)
            self.runtime.count({"ready": "built"}.get(outcome, outcome))
            self._log(logging.INFO, f"vector index: {outcome}", job, seconds=seconds)
        elif isinstance(error, PooledError) or (
            isinstance(error, psycopg.Error) and _is_not_the_indexs(error)
        ):
            self._pause_until = time.monotonic() + _PAUSE
            self._fail(job, _said(error), counts=False)
            self.runtime.count("error")
            self._log(
                logging.ERROR,
                "vector index: the maintainer cannot get in",
                job,
                error=_said(error),
                hint="Is maintainer_dsn direct, and its login a member of memoriesdb_owner?",
            )
        elif isinstance(error, psycopg.Error):
            outcome = self._fail(job, _said(error), counts=True)
            self.runtime.count(outcome)
            self._log(logging.ERROR, "vector index: failed", job, error=_said(error))
        else:
            raise error

    def _finish(self, job: VectorIndexJob) -> str:
        if job.lease_token is None:
            return "dropped"
        return self.runtime.db.value(
            queries.finish_vector_index, worker=self.runtime.name, lease_token=job.lease_token
        )

    def _fail(self, job: VectorIndexJob, error: str, *, counts: bool) -> str:
        if job.lease_token is None:
            # Nobody's row has its back-off.
            self._pause_until = time.monotonic() + _PAUSE
            return "retry"
        return self.runtime.db.value(
            queries.fail_vector_index,
            worker=self.runtime.name,
            lease_token=job.lease_token,
            error=error,
            counts=counts,
        )

    def _log(self, level: int, event: str, job: VectorIndexJob, **more: object) -> None:
        extra = {
            "index": job.index_name,
            "owner_id": str(job.owner_id) if job.owner_id else None,
            "generation": job.generation,
            "rows": job.row_count,
            **more,
        }
        self.runtime.log.log(level, event, extra=extra)


def _is_not_the_indexs(error: psycopg.Error) -> bool:
    """Whether nothing could be built at all: no connection, no password, no right."""
    return is_lost(error) or (error.sqlstate or "").startswith(("28", "42501"))


def _said(error: Exception) -> str:
    return describe(error) if isinstance(error, psycopg.Error) else str(error)
