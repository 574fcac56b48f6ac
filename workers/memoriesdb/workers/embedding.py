"""Turn queued texts into vectors."""

import time
from collections.abc import Sequence
from typing import ClassVar

from memoriesdb import queries
from memoriesdb.queries import EmbeddingJob
from memoriesdb.workers.batch import Batch
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.split import REFUSALS, Split, embed_and_split, is_permanent, kind
from memoriesdb.workers.targets import Client, Targets
from memoriesdb.workers.texts import Vector, embed_texts
from memoriesdb.workers.vectors import describe


class Embedding(Duty):
    """Drain embedding_schedule: claim a batch, embed it, complete it.

    The provider's trouble (away, overloaded, wrong key) gives the jobs back uncounted and stops
    the claiming for a while; a text's trouble is counted for that text alone.
    """

    name: ClassVar[str] = "embedding"
    default_batch: ClassVar[int] = 32
    default_lease: ClassVar[float] = 120.0

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self._targets = Targets(runtime.settings, runtime.stop)
        self._most = self.batch
        self._paused_until = 0.0
        # Kept free at the end of the lease, for the probe and for the answers to the database.
        self._probe_seconds = min(runtime.settings.probe_timeout_seconds, self.lease * 0.2)
        self._write_seconds = min(5.0, self.lease * 0.1)

    def pause(self) -> float:
        """Return how long the providers want to be left alone."""
        return max(0.0, self._paused_until - time.monotonic())

    def tick(self) -> int:
        """Claim a batch and answer for each of its jobs, whatever happens."""
        runtime, claimed_at = self.runtime, time.monotonic()
        jobs = runtime.db.rows(
            queries.claim_embeddings, worker=runtime.name, batch=self.batch, lease=self.lease
        )
        if not jobs:
            return 0
        batch = Batch(runtime, jobs, claimed_at + self.lease)
        groups = self._targets.group(jobs)
        try:
            for client, members in groups:
                self._work(batch, client, members)
        finally:
            batch.release(list(batch.open.values()), "given_back", None, 0.0)
        pauses = [client.circuit.seconds_left() for client, _ in groups]
        # While one provider works, its jobs are claimed; the others' are given back unasked.
        self._paused_until = time.monotonic() + min(pauses)
        runtime.metrics.batch(time.monotonic() - claimed_at)
        return len(jobs)

    def _work(self, batch: Batch, client: Client, jobs: Sequence[EmbeddingJob]) -> None:
        """Embed the jobs of one model, store what came out, and blame who is to blame."""
        wait = client.circuit.seconds_left()
        if wait:
            return batch.release(jobs, "released", "the provider is left alone", wait)
        split = embed_and_split(
            jobs,
            ask=lambda part: self._ask(batch, client, part),
            probe=lambda: self._probe(client),
            may_ask=lambda: not self.runtime.stop.requested and self._seconds(batch) > 0,
        )
        batch.complete(split.vectors)
        for job, error in split.faults:
            batch.fail(job, describe(error, [job.input]), permanent=is_permanent(error))
        if split.trouble is not None:
            self._back_off(batch, client, split, split.trouble)
        else:
            self._adapt(batch, client, split)
        return None

    def _ask(self, batch: Batch, client: Client, jobs: Sequence[EmbeddingJob]) -> list[Vector]:
        """Embed the texts of these jobs, in as little time as the lease leaves."""
        texts = [job.input for job in jobs]
        try:
            return embed_texts(
                texts,
                client.target.max_tokens,
                lambda inputs: client.embed(inputs, self._seconds(batch)),
            )
        except REFUSALS as error:
            self.runtime.metrics.provider_error(kind(error))
            extra = {"kind": kind(error), "texts": len(texts), "error": describe(error, texts)}
            self.runtime.log.warning("request failed", extra=extra)
            raise

    def _probe(self, client: Client) -> None:
        client.probe(self._probe_seconds)

    def _seconds(self, batch: Batch) -> float:
        """Return how long a request begun now may take."""
        left = batch.seconds_left() - self._probe_seconds - self._write_seconds
        return min(self.runtime.settings.request_timeout_seconds, left)

    def _back_off(
        self, batch: Batch, client: Client, split: Split[EmbeddingJob], error: Exception
    ) -> None:
        """Give back what is left and leave the provider alone, as long as it asks for."""
        pause = client.circuit.failed(getattr(error, "retry_after", None))
        self.runtime.state.saw_provider(kind(error))
        reason = describe(error, [job.input for job in split.left])
        batch.release(split.left, "released", reason, pause)
        extra = {"model": client.target.model, "kind": kind(error), "error": reason}
        self.runtime.log.error("provider failed", extra={**extra, "pause_seconds": round(pause, 2)})

    def _adapt(self, batch: Batch, client: Client, split: Split[EmbeddingJob]) -> None:
        """Note that the provider works, and claim fewer at once where the lease was too short."""
        client.circuit.succeeded()
        self.runtime.state.saw_provider("ok")
        short = bool(split.left) and not self.runtime.stop.requested
        self.batch = max(1, self.batch // 2) if short else min(self._most, self.batch * 2)
        batch.release(split.left, "given_back", None, 0.0)
