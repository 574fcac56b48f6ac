"""MemoriesDB's queue of embeddings, used as its worker uses it: by its login, through PgBouncer."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.queues.memories import DIMENSIONS, MODEL, bursts, number_of, write
from bench.queues.places import Place, connect, value
from bench.queues.system import Record, System
from memoriesdb import queries
from memoriesdb.queries import EmbeddingJob
from memoriesdb.workers.db import Db
from memoriesdb.workers.embedding import Embedding
from memoriesdb.workers.vectors import array_literal

CHOSEN = "MemoriesDB"
SHIPPED = "MemoriesDB as shipped"
RELEASED = "MemoriesDB, no vectors"
WRITTEN = "MemoriesDB, memories written"
UNQUEUED = "memories written, no queue"

BATCHES = (32, 128, 512)
LEASE = 120.0
# Longer than any cell: what was given back is not claimed a second time.
GIVEN_BACK = 3600.0
PAUSE = 0.002
BACKFILLED_AT_ONCE = 1_000
BACKFILL = (
    "select owner_id, memory_id, seen, queued "
    "from memoriesdb.queue_backfill(%s, %s, %s::uuid, %s::uuid)"
)
VECTOR = [1.0] * DIMENSIONS
# Vectors that were deleted would be rows to pass over for the next cell.
FORGET = """
begin;
alter table memoriesdb.memory_embeddings disable trigger _900_refuse_truncate;
truncate memoriesdb.memory_embeddings;
alter table memoriesdb.memory_embeddings enable always trigger _900_refuse_truncate;
commit
"""
MISSING = """
select (select count(*) from memoriesdb.embedding_schedule) + (
  select count(*) from memoriesdb.memories as m where not exists (
    select from memoriesdb.memory_embeddings as e
    where e.owner_id = m.owner_id and e.memory_id = m.id and e.text_hash = m.embedding_text_hash
  )
)
"""


class EmbeddingQueue(System):
    """Jobs queued by a backfill of memories that are there; claimed and completed in batches."""

    tables = ("memoriesdb.embedding_schedule", "memoriesdb.embedding_batches")

    def __init__(self, place: Place, batch: int, name: str = CHOSEN) -> None:
        super().__init__(place)
        self.batch = batch
        self.name = name

    @property
    def about(self) -> str:
        """How it is used, for the page."""
        return (
            f"queue_backfill() of {BACKFILLED_AT_ONCE:,} memories a call as an admin; "
            f"claim_embeddings() of {self.batch} and complete_embeddings(), each in a transaction "
            "of its own with its statement timeout, by the worker's own code and login, through "
            f"PgBouncer, a process a worker. A job done is a vector of {DIMENSIONS} dimensions "
            "written and indexed"
        )

    def set_up(self) -> None:
        """Nothing: the schema is installed."""

    def reset(self) -> None:
        """Forget the jobs and the vectors."""
        super().reset()
        with connect(self.place.superuser) as db:
            db.execute(FORGET)

    def producers(self, workers: int) -> int:
        """Return one: a backfill is one call."""
        return 1

    def enqueue(self, numbers: Sequence[int], record: Record) -> None:
        """Queue all memories, as `memoriesdb model backfill` does."""
        count, place = 0, (None, None)
        with connect(self.place.admin) as db:
            record.ready()
            while True:
                row = db.execute(BACKFILL, (MODEL, BACKFILLED_AT_ONCE, *place)).fetchone()
                assert row is not None
                *after, seen, queued = row
                count, place = count + queued, tuple(after)
                if seen < BACKFILLED_AT_ONCE:
                    break
            record.done(numbers)
        if count != len(numbers):
            raise RuntimeError(f"{count} jobs were queued for {len(numbers)} memories")

    def drain(self, record: Record, connections: int) -> None:
        """Claim and complete."""
        worker = f"bench:{os.getpid()}"
        with opened(self.place) as db:
            record.ready()
            while not record.is_over():
                jobs = db.rows(
                    queries.claim_embeddings,
                    worker=worker,
                    batch=self.batch,
                    lease=LEASE,
                    paused=[],
                    is_ahead=False,
                )
                if jobs:
                    record.done(number_of(job.input) for job in self.finish(db, worker, jobs))
                else:
                    time.sleep(PAUSE)

    def finish(self, db: Db, worker: str, jobs: Sequence[EmbeddingJob]) -> Iterator[EmbeddingJob]:
        """Hand in vectors, and yield the jobs whose vector was stored."""
        completions = db.rows(
            queries.complete_embeddings,
            worker=worker,
            job_ids=[job.job_id for job in jobs],
            lease_tokens=[job.lease_token for job in jobs],
            text_hashes=[job.text_hash for job in jobs],
            embeddings=array_literal([VECTOR] * len(jobs)),
        )
        stored = {answer.job_id for answer in completions if answer.outcome == "stored"}
        return (job for job in jobs if job.job_id in stored)

    def left(self) -> int:
        """Return how many jobs there are, and memories without a vector of their text."""
        with connect(self.place.superuser) as db:
            return int(value(db, MISSING))


class Released(EmbeddingQueue):
    """The same, but each job is given back for later: the queue alone, nothing else written."""

    def __init__(self, place: Place, batch: int) -> None:
        super().__init__(place, batch, RELEASED)

    @property
    def about(self) -> str:
        """How it is used, for the page."""
        return (
            f"the same, {self.batch} a batch, with release_embeddings() instead of "
            "complete_embeddings(): each job is claimed once and given back for an hour later. "
            "What the queue costs without the vectors"
        )

    def finish(self, db: Db, worker: str, jobs: Sequence[EmbeddingJob]) -> Iterator[EmbeddingJob]:
        """Give the jobs back."""
        count = db.value(
            queries.release_embeddings,
            worker=worker,
            job_ids=[job.job_id for job in jobs],
            lease_tokens=[job.lease_token for job in jobs],
            error=None,
            retry_after=GIVEN_BACK,
        )
        if count != len(jobs):
            raise RuntimeError(f"{count} of {len(jobs)} claimed jobs were given back")
        return iter(jobs)

    def left(self) -> int:
        """Return how many jobs were not claimed and given back."""
        query = "select count(*) from memoriesdb.embedding_schedule where lease_token is null"
        with connect(self.place.superuser) as db:
            return int(value(db, query))


class Written(EmbeddingQueue):
    """The same, but the jobs come by writing memories, in a database of its own."""

    share = 0.2

    def __init__(self, place: Place, owners: Sequence[str], batch: int) -> None:
        super().__init__(place, batch, WRITTEN)
        self.owners = owners

    @property
    def about(self) -> str:
        """How it is used, for the page."""
        return (
            "the jobs come with memories, a hundred in a transaction by remember_many() as the "
            "application's login through PgBouncer: everything that a memory costs is in it. A "
            "fifth of the jobs. Drained like the others"
        )

    def reset(self) -> None:
        """Keep the memories and vectors that there are: only the queue was emptied."""
        System.reset(self)

    def producers(self, workers: int) -> int:
        """Return as many as there are workers."""
        return workers

    def enqueue(self, numbers: Sequence[int], record: Record) -> None:
        """Write memories."""
        with connect(self.place.app) as db:
            db.execute("select 1")
            record.ready()
            for burst in bursts(numbers):
                write(db, self.owners, burst)
                record.done(burst)


class Unqueued(Written):
    """Memories written where no model is registered: there is nothing to queue."""

    is_drained = False

    def __init__(self, place: Place, owners: Sequence[str]) -> None:
        super().__init__(place, owners, Embedding.default_batch)
        self.name = UNQUEUED

    @property
    def about(self) -> str:
        """How it is used, for the page."""
        return "the same where no model is registered: what the memories cost without the queue"


@contextmanager
def opened(place: Place) -> Iterator[Db]:
    """Connect as the worker does."""
    db = Db(place.worker, application_name="bench")
    try:
        db.rows(queries.worker_metrics)
        yield db
    finally:
        db.close()
