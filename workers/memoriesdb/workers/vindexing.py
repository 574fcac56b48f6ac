"""Keep what search needs: postings, slices of the graph, and vector indexes."""

import contextlib
import logging
import time
from typing import ClassVar

import psycopg

from memoriesdb import queries
from memoriesdb.queries import VindexingJob
from memoriesdb.workers.db import DatabaseAwayError, Db, describe
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.runtime import Runtime, connection
from memoriesdb.workers.stop import GraceOverError, OverdueError, bounded
from memoriesdb.workers.vector_indexes import VectorIndexes

# Memories: about a fifth of a second's work.
_WORDS_AT_ONCE = 1000


class Vindexing(Duty):
    """Drain vindexing_schedule: claim slices, refresh each in a transaction that completes it.

    One slice a batch by default: each refresh may then take nearly the whole lease, and other
    workers take the other slices. Before that, words that wait are indexed; beside it, one vector
    index at a time is built or dropped.
    """

    name: ClassVar[str] = "vindexing"
    default_batch: ClassVar[int] = 1
    default_lease: ClassVar[float] = 600.0

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self._vector_indexes = VectorIndexes(runtime)

    def tick(self) -> int:
        """Index words, refresh what is due of the graph, and look after the vector indexes."""
        indexed = self._index_words()
        refreshed = self._refresh_slices()
        busy = indexed or refreshed
        return indexed + refreshed + self._vector_indexes.tick(0.0 if busy else 0.5)

    def close(self) -> None:
        """End the index that is being built."""
        self._vector_indexes.close()

    def _index_words(self) -> int:
        """Move a batch of memories from search_schedule to memory_terms, in one transaction."""
        began = time.monotonic()
        indexed = self.runtime.db.value(queries.index_memories, most=_WORDS_AT_ONCE)
        if indexed:
            self.runtime.count("indexed", indexed)
            self.runtime.metrics.batch(time.monotonic() - began)
        return indexed

    def _refresh_slices(self) -> int:
        """Claim a batch of slices and refresh them one after the other."""
        runtime, claimed_at = self.runtime, time.monotonic()
        jobs = runtime.db.rows(
            queries.claim_vindexing, worker=runtime.name, batch=self.batch, lease=self.lease
        )
        for job in jobs:
            self._refresh(job, claimed_at + self.lease)
        if jobs:
            runtime.metrics.batch(time.monotonic() - claimed_at)
        return len(jobs)

    def _refresh(self, job: VindexingJob, deadline: float) -> None:
        """Refresh one slice; what goes wrong is this slice's and does not stop the others."""
        stop = self.runtime.stop
        # The end of the lease is kept free for saying that the refresh failed: said too late, it
        # would count for nothing, and the slice would be claimed again at once, without end.
        seconds = deadline - time.monotonic() - min(5.0, self.lease * 0.2)
        if stop.requested:
            return self._give_back(job, deadline, "a worker that stops gave it back")
        if seconds < self.lease * 0.1:
            return self._give_back(job, deadline, "the slices before it took the lease")
        # A connection of its own: a refresh that is left behind keeps it, and the loop goes on.
        db = connection(self.runtime.settings, "vindexing-refresh")
        try:
            outcome = bounded(
                lambda: self._call(db, job, seconds),
                seconds,
                stop,
                reserve=min(5.0, stop.grace / 4),
            )
        except GraceOverError:
            db.cancel()
            return self._give_back(job, deadline, "a worker that stops gave it back")
        except OverdueError as error:
            db.cancel()
            return self._fail(job, deadline, f"OverdueError: {error}")
        except DatabaseAwayError:
            self.runtime.count("lost")
            raise
        except psycopg.Error as error:
            return self._fail(job, deadline, describe(error))
        self.runtime.count(outcome)
        self._log(logging.INFO, "slice " + outcome, job, requests=job.requests)
        return None

    def _call(self, db: Db, job: VindexingJob, seconds: float) -> str:
        with contextlib.closing(db):
            return db.value(
                queries.refresh_graph,
                timeout=seconds,
                worker=self.runtime.name,
                job_id=job.job_id,
                lease_token=job.lease_token,
            )

    def _fail(self, job: VindexingJob, deadline: float, error: str) -> None:
        outcome = self._answer(job, deadline, error, None)
        self.runtime.count(outcome)
        self._log(logging.ERROR, "slice not refreshed", job, error=error, outcome=outcome)

    def _give_back(self, job: VindexingJob, deadline: float, reason: str) -> None:
        """Let another worker have it at once."""
        self._answer(job, deadline, reason, 0.0)
        self.runtime.count("given_back")

    def _answer(
        self, job: VindexingJob, deadline: float, error: str, retry_after: float | None
    ) -> str:
        return self.runtime.db.value(
            queries.fail_vindexing,
            patience=self.patience(deadline),
            worker=self.runtime.name,
            job_id=job.job_id,
            lease_token=job.lease_token,
            error=error,
            permanent=False,
            retry_after=retry_after,
        )

    def _log(self, level: int, event: str, job: VindexingJob, **more: object) -> None:
        self.runtime.log.log(level, event, extra={"job_id": job.job_id, "slice": job.slice, **more})
