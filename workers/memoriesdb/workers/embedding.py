"""Turn queued texts into vectors."""

import contextlib
import time
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import psycopg

from memoriesdb import queries
from memoriesdb.queries import EmbeddingJob
from memoriesdb.workers.ahead import Ahead
from memoriesdb.workers.batch import Batch
from memoriesdb.workers.db import DatabaseAwayError
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.split import REFUSALS, Split, embed_and_split, is_permanent, kind
from memoriesdb.workers.state import CircuitState
from memoriesdb.workers.stop import GraceOverError
from memoriesdb.workers.targets import Client, Targets
from memoriesdb.workers.texts import MOST_INPUTS, Vector, cut, embed_pieces
from memoriesdb.workers.vectors import describe

# The next batch is claimed so many seconds before the one in hand should be embedded.
_EARLY = 0.5
# After so many failures without a job for it in between, a provider is of no interest any more.
_JOBLESS = 5


class Embedding(Duty):
    """Drain embedding_schedule: claim a batch, embed it, complete it.

    While a batch is embedded, the answers for the one before are given and the next one is
    claimed. The provider's trouble (away, overloaded, wrong key) gives the jobs back uncounted and
    leaves that provider alone for a while, its models' jobs unclaimed; then one job tries it. A
    text's trouble is counted for that text alone.
    """

    name: ClassVar[str] = "embedding"
    default_batch: ClassVar[int] = 32
    default_lease: ClassVar[float] = 120.0

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self._targets = Targets(runtime.settings, runtime.stop)
        runtime.state.providers = self._targets.views
        self._most = self.batch
        self._next: Batch | None = None
        self._untold: Batch | None = None
        self._ahead: Ahead | None = None
        self._took = 0.0
        # Kept free at the end of the lease, for the probe and for the answers to the database.
        self._probe_seconds = min(runtime.settings.probe_timeout_seconds, self.lease * 0.2)
        self._write_seconds = min(5.0, self.lease * 0.1)

    def tick(self) -> int:
        """Embed a batch; answer for each of its jobs now, or while the next one is embedded."""
        batch = self._take() or self._try_again() or self._claim(self.batch)
        if batch is None:
            return 0
        began = time.monotonic()
        try:
            self._ahead = self._look_ahead(batch)
            self._embed(batch)
            self._took = time.monotonic() - began
        finally:
            # Kept first: what goes wrong ahead is no reason to forget these.
            self._untold = batch
            ahead, self._ahead = self._ahead, None
            if ahead is not None:
                self._next = ahead.finish()
        if self._next is None or self.runtime.stop.requested:
            self.settle()
        return len(batch.jobs)

    def settle(self) -> None:
        """Answer for what is embedded, and give back what was claimed ahead."""
        untold, self._untold = self._untold, None
        ahead, self._next = self._next, None
        try:
            if untold is not None:
                untold.settle()
        finally:
            if ahead is not None:
                ahead.settle()

    def close(self) -> None:
        """Give back what is in hand after a fault."""
        with contextlib.suppress(DatabaseAwayError, psycopg.Error):
            self.settle()

    def _take(self) -> Batch | None:
        """Return the batch that was claimed ahead, where most of its lease is left."""
        batch = self._next
        if batch is not None and self._has_time(batch):
            self._next = None
            return batch
        self.settle()
        return None

    def _has_time(self, batch: Batch) -> bool:
        return batch.seconds_left() >= self.lease / 2

    def _try_again(self) -> Batch | None:
        """Claim one job for a provider whose pause is over; where there is none, try it without."""
        clients = self._targets.in_state("half_open")
        if not clients:
            return None
        batch = self._claim(1, "closed", "open")
        if batch is None:
            for client in clients:
                self._try_without_job(client)
            self.runtime.show_providers()
        return batch

    def _try_without_job(self, client: Client) -> None:
        try:
            client.probe(self._probe_seconds)
        except GraceOverError:
            return
        except REFUSALS as error:
            client.failed(error, kind(error))
            client.jobless += 1
            if client.jobless >= _JOBLESS:
                # Nobody asks for it any more; the model may have been dropped.
                self._targets.forget(client)
        else:
            self._note_success(client)

    def _claim(self, size: int, *left_alone: CircuitState, is_ahead: bool = False) -> Batch | None:
        """Claim jobs, but none for providers in such a state: by default those that failed."""
        runtime, claimed_at = self.runtime, time.monotonic()
        clients = self._targets.in_state(*(left_alone or ("half_open", "open")))
        jobs = runtime.db.rows(
            queries.claim_embeddings,
            worker=runtime.name,
            batch=size,
            lease=self.lease,
            paused=[client.target.model_id for client in clients],
            is_ahead=is_ahead,
        )
        return Batch(runtime, jobs, claimed_at, self.lease) if jobs else None

    def _claim_next(self, size: int) -> Batch | None:
        batch = None if self.runtime.stop.requested else self._claim(size, is_ahead=True)
        if batch is not None:
            batch.pieces = _cut(batch)
        return batch

    def _ask_for_next(self) -> None:
        """Send the request of the batch that was claimed ahead: the embedder is free."""
        ahead = self._ahead.wait() if self._ahead is not None else None
        if ahead is None or ahead.pieces is None or self.runtime.stop.requested:
            return
        (client, _), *others = self._targets.group(ahead.jobs)
        inputs = [piece for parts in ahead.pieces for piece in parts]
        is_one = not others and len(inputs) <= MOST_INPUTS
        if is_one and client.breaker.state == "closed" and self._has_time(ahead):
            ahead.asked = client.begin(inputs, self._seconds(ahead))
            ahead.asked.let_leave()

    def _look_ahead(self, batch: Batch) -> Ahead | None:
        """Begin to answer for the batch before and to claim the next, where there may be one."""
        before, self._untold = self._untold, None
        is_full = len(batch.jobs) >= self.batch
        is_good = not self._targets.in_state("half_open", "open")
        if is_full and is_good and not self.runtime.stop.requested:
            return Ahead(before, partial(self._claim_next, self.batch), self._took - _EARLY)
        if before is not None:
            before.settle()
        return None

    def _embed(self, batch: Batch) -> None:
        """Embed the jobs of each model in turn; what is to be answered is kept in the batch."""
        groups = self._targets.group(batch.jobs)
        for client, _ in groups:
            client.jobless = 0
        # Whoever may not answer is asked last.
        for client, jobs in sorted(groups, key=lambda group: group[0].breaker.state != "closed"):
            is_trial = client.breaker.state == "half_open"
            parts = [jobs[:1], jobs[1:]] if is_trial else [jobs]
            for part in parts:
                if part:
                    self._work(batch, client, part)
        self.runtime.show_providers()

    def _work(self, batch: Batch, client: Client, jobs: Sequence[EmbeddingJob]) -> None:
        """Embed jobs of one model, and find out who is to blame for what did not come out."""
        wait = client.breaker.seconds_left()
        if wait:
            reason = "the provider is left alone"
            return batch.later(partial(batch.release, jobs, "released", reason, wait))
        split = embed_and_split(
            jobs,
            ask=lambda part: self._ask(batch, client, part),
            probe=lambda: client.probe(self._probe_seconds),
            may_ask=lambda: not self.runtime.stop.requested and self._seconds(batch) > 0,
        )
        batch.later(partial(batch.complete, split.vectors))
        for job, error in split.faults:
            reason = describe(error, [job.input])
            batch.later(partial(batch.fail, job, reason, permanent=is_permanent(error)))
        if split.trouble is not None:
            self._back_off(batch, client, split.left, split.trouble)
        else:
            self._adapt(client, split)
        # Whatever is left besides is given back when the batch is settled.
        return None

    def _ask(self, batch: Batch, client: Client, jobs: Sequence[EmbeddingJob]) -> list[Vector]:
        """Embed the texts of these jobs, in as little time as the lease leaves."""
        texts = [job.input for job in jobs]
        try:
            if len(jobs) == len(batch.jobs):
                return self._ask_for_all(batch, client)
            return embed_pieces(
                [cut(text, client.target.max_tokens) for text in texts],
                lambda inputs: client.embed(inputs, self._seconds(batch)),
            )
        except REFUSALS as error:
            self.runtime.metrics.provider_error(kind(error))
            extra = {"kind": kind(error), "texts": len(texts), "error": describe(error, texts)}
            self.runtime.log.warning("request failed", extra=extra)
            raise

    def _ask_for_all(self, batch: Batch, client: Client) -> list[Vector]:
        """Embed a whole batch; the last answer is read while the embedder has the next one."""
        pieces = batch.pieces or _cut(batch)
        left = sum(map(len, pieces))

        def embed(inputs: Sequence[str]) -> Sequence[Vector]:
            nonlocal left
            left -= len(inputs)
            asked, batch.asked = batch.asked, None
            asked = asked or client.begin(inputs, self._seconds(batch))
            asked.wait()
            if left == 0:
                self._ask_for_next()
            return asked.vectors()

        return embed_pieces(pieces, embed)

    def _seconds(self, batch: Batch) -> float:
        """Return how long a request begun now may take."""
        left = batch.seconds_left() - self._probe_seconds - self._write_seconds
        return min(self.runtime.settings.request_timeout_seconds, left)

    def _back_off(
        self, batch: Batch, client: Client, left: Sequence[EmbeddingJob], error: Exception
    ) -> None:
        """Give back what is left and leave the provider alone, as long as it asks for."""
        pause = client.failed(error, kind(error))
        reason = describe(error, [job.input for job in left])
        batch.later(partial(batch.release, left, "released", reason, pause))
        extra = {"model": client.target.model, "kind": kind(error), "error": reason}
        self.runtime.log.error("provider failed", extra={**extra, "pause_seconds": round(pause, 2)})

    def _adapt(self, client: Client, split: Split[EmbeddingJob]) -> None:
        """Note that the provider works, and claim fewer at once where the lease was too short."""
        if split.vectors or split.faults:
            self._note_success(client)
        if split.left and not self.runtime.stop.requested:
            self.batch = max(1, self.batch // 2)
        else:
            self.batch = min(self._most, self.batch * 2)

    def _note_success(self, client: Client) -> None:
        if client.breaker.state != "closed":
            self.runtime.log.info("provider works again", extra={"model": client.target.model})
        client.succeeded()


def _cut(batch: Batch) -> list[list[str]]:
    return [cut(job.input, job.max_tokens) for job in batch.jobs]
