"""The jobs of one claim: each is answered for once, and nothing is written past the lease."""

import time
from collections.abc import Callable, Sequence

import psycopg

from memoriesdb import queries
from memoriesdb.queries import EmbeddingJob
from memoriesdb.workers import vectors
from memoriesdb.workers.db import describe
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.targets import Asked
from memoriesdb.workers.texts import Vector

# Data exceptions, broken constraints, and MemoriesDB's own refusals: of a value, not of the worker.
_ABOUT_VALUES = frozenset({"22", "23", "MD"})


class Batch:
    """Claimed jobs that still wait for an answer.

    The deadline is reckoned from before the claim by this machine's monotonic clock, so that a
    clock that is set, or differs from the server's, cannot stretch the lease.
    """

    def __init__(
        self, runtime: Runtime, jobs: Sequence[EmbeddingJob], claimed_at: float, lease: float
    ) -> None:
        self.jobs = jobs
        self.open = {job.job_id: job for job in jobs}
        self.deadline = claimed_at + lease
        self._claimed_at = claimed_at
        self._runtime = runtime
        self._answers: list[Callable[[], None]] = []
        # What was done for its first request before its turn: the texts cut, the request sent.
        self.pieces: list[list[str]] | None = None
        self.asked: Asked | None = None

    def seconds_left(self) -> float:
        """Seconds until the lease ends."""
        return self.deadline - time.monotonic()

    def later(self, answer: Callable[[], None]) -> None:
        """Keep an answer until `settle()`."""
        self._answers.append(answer)

    def settle(self) -> None:
        """Give the answers that were kept, and give back what is without one."""
        try:
            for answer in self._answers:
                answer()
        finally:
            self._answers.clear()
            self.release(list(self.open.values()), "given_back", None, 0.0)
        self._runtime.metrics.batch(time.monotonic() - self._claimed_at)

    def complete(self, answers: Sequence[tuple[EmbeddingJob, Vector]]) -> None:
        """Store vectors in one call; if the database refuses the call, find out for which job."""
        if not answers or self._lost([job for job, _ in answers]):
            return
        jobs = [job for job, _ in answers]
        try:
            completions = self._runtime.db.rows(
                queries.complete_embeddings,
                patience=self._patience(),
                worker=self._runtime.name,
                job_ids=[job.job_id for job in jobs],
                lease_tokens=[job.lease_token for job in jobs],
                text_hashes=[job.text_hash for job in jobs],
                embeddings=vectors.array_literal(vector for _, vector in answers),
            )
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in _ABOUT_VALUES:
                raise
            if len(answers) == 1:
                self.fail(jobs[0], describe(error), permanent=False)
                return
            for answer in answers:
                self.complete([answer])
            return
        for completion in completions:
            job = self.open.pop(completion.job_id, None)
            if job is None:
                continue
            self._runtime.count(completion.outcome)
            self._log(job, completion.outcome)

    def fail(self, job: EmbeddingJob, error: str, *, permanent: bool) -> None:
        """Count a failed attempt of one text."""
        if self._lost([job]):
            return
        outcome = self._runtime.db.value(
            queries.fail_embedding,
            patience=self._patience(),
            worker=self._runtime.name,
            job_id=job.job_id,
            lease_token=job.lease_token,
            error=error,
            permanent=permanent,
            retry_after=None,
        )
        del self.open[job.job_id]
        self._runtime.count(outcome)
        self._log(job, outcome, error=error)

    def release(
        self, jobs: Sequence[EmbeddingJob], outcome: str, error: str | None, retry_after: float
    ) -> None:
        """Give jobs back without counting an attempt."""
        if not jobs or self._lost(jobs):
            return
        self._runtime.db.value(
            queries.release_embeddings,
            patience=self._patience(),
            worker=self._runtime.name,
            job_ids=[job.job_id for job in jobs],
            lease_tokens=[job.lease_token for job in jobs],
            error=error,
            retry_after=retry_after,
        )
        for job in jobs:
            del self.open[job.job_id]
        self._runtime.count(outcome, len(jobs))

    def _lost(self, jobs: Sequence[EmbeddingJob]) -> bool:
        """Forget jobs whose lease is over: another worker may have them."""
        if self.seconds_left() > 0:
            return False
        for job in jobs:
            del self.open[job.job_id]
            self._log(job, "lost")
        self._runtime.count("lost", len(jobs))
        return True

    def _patience(self) -> Callable[[], float]:
        return lambda: min(self.seconds_left(), self._runtime.stop.seconds_left())

    def _log(self, job: EmbeddingJob, outcome: str, error: str | None = None) -> None:
        ids = {"job_id": job.job_id, "owner_id": str(job.owner_id), "outcome": outcome}
        if error is not None:
            extra = {**ids, "attempt": job.attempt, "error": error}
            self._runtime.log.warning("job failed", extra=extra)
        else:
            self._runtime.log.debug("job answered", extra=ids)
