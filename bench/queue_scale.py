"""How the embedding queue bears a million jobs of which one owner has nine tenths, and dead rows.

A durable server of its own. Memories are laid down past their triggers, which are measured
elsewhere; jobs stand in line as writers and backfills put them there. Then

- what a claim of 32 jobs costs at 1,000 jobs and at all of them: time, and pages touched;
- fairness: up to 32 connections claim and complete as fast as they can, while owners who have
  nothing in line write one memory each; counted is how many batches all workers claimed between its
  commit and its own claim, and how many jobs each owner got meanwhile;
- queue_status, the repair and the view of stranded memories, at that size;
- a transaction held open while jobs are claimed and completed: what a claim costs, and how many
  bytes the queue takes for each job done, from the first tenth to the last.

Vectors have four dimensions, so that it is about the queue. All ends after so many minutes.

    python -m bench.queue_scale --size 1000000 --minutes 20
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from rich.console import Console
from rich.table import Table

from bench.access_log_cost import Connection, connect, create_user, database
from memoriesdb.cluster import Cluster

BATCH = 32
SMALL = 1_000
OTHERS = 50
PROBES = 20
CLAIM = (
    "select job_id, lease_token, text_hash, owner_id, memory_id "
    "from memoriesdb.claim_embeddings('bench', %s)"
)
COMPLETE = (
    "select count(*) filter (where outcome = 'stored') from memoriesdb.complete_embeddings("
    "'bench', %s, %s, %s, array_fill('[1,1,1,1]'::public.vector, array[%s]))"
)
SIZE = "select pg_table_size(t), pg_indexes_size(t) from (values ('{}'::regclass)) as v (t)"
QUEUE = "memoriesdb.embedding_schedule"
# Dead ones among them, by claims, walks and all else that the queue does.
READ = (
    "select sum(idx_tup_read)::float8 from pg_stat_user_indexes "
    "where relname in ('embedding_schedule', 'embedding_batches')"
)


@dataclass
class Claims:
    """What the workers of a phase have claimed, in order."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    batches: int = 0
    jobs: Counter[object] = field(default_factory=Counter)
    claimed_in: dict[object, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


def one(db: Connection, query: str, *parameters: object) -> Any:
    """Return the one value of a query's one row."""
    row = db.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


def lay_down(db: Connection, users: Sequence[tuple[UUID, int]]) -> None:
    """Give each user so many memories, and a job for each, in the order of the users."""
    triggers = [
        row[0]
        for row in db.execute(
            "select quote_ident(tgname) from pg_trigger "
            "where tgrelid = 'memoriesdb.memories'::regclass and not tgisinternal"
        )
    ]
    with db.transaction():
        # References, too: the rows are made in one go.
        db.execute("set local session_replication_role = replica")
        for trigger in triggers:
            db.execute(f"alter table memoriesdb.memories disable trigger {trigger}".encode())
        for user_id, count in users:
            db.execute(
                "insert into memoriesdb.memories (owner_id, id, content, content_hash, occurred_at,"
                " version, created_by, created_at, updated_at, search, embedding_text_hash) "
                "select %(user)s, memoriesdb._new_id(), 'text ' || n, h, now(), 1, %(user)s, now(),"
                " now(), '', h from generate_series(1, %(count)s) as n, "
                "lateral (select sha256(convert_to('text ' || n, 'UTF8')) as h) as x",
                {"user": user_id, "count": count},
            )
            db.execute(
                "insert into memoriesdb.embedding_schedule (owner_id, memory_id, model_id, "
                "text_hash) select m.owner_id, m.id, o.id, m.embedding_text_hash "
                "from memoriesdb.memories as m, memoriesdb.embedding_models as o "
                "where m.owner_id = %s and not exists (select from memoriesdb.embedding_schedule "
                "as j where j.owner_id = m.owner_id and j.memory_id = m.id) order by m.seq",
                (user_id,),
            )
        for trigger in triggers:
            db.execute(f"alter table memoriesdb.memories enable always trigger {trigger}".encode())
    db.execute("vacuum (analyze) memoriesdb.memories, memoriesdb.embedding_schedule")


def claim_cost(worker: Connection, superuser: Connection) -> tuple[float, float]:
    """Return median milliseconds and pages of a claim that is rolled back."""
    seconds, pages = [], []
    for _ in range(30):
        with worker.transaction(force_rollback=True):
            began = time.perf_counter()
            worker.execute(CLAIM, (BATCH,)).fetchall()
            seconds.append(time.perf_counter() - began)
        with superuser.transaction(force_rollback=True):
            # Not a walk along the line, which those are that come after a pause.
            superuser.execute("update memoriesdb.embedding_batches set walk_seconds = 1e9")
            plan = one(
                superuser,
                "explain (analyze, buffers, format json) "
                f"select * from memoriesdb.claim_embeddings('bench', {BATCH})",
            )
        plan = plan if isinstance(plan, list) else json.loads(plan)
        pages.append(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])
    return statistics.median(seconds) * 1000, statistics.median(pages)


def work(cluster: Cluster, claims: Claims, stop: threading.Event, until_done: int | None) -> None:
    """Claim and complete until told to stop, or until so many jobs are claimed."""
    with contextlib.closing(connect(cluster, "worker")) as db:
        while not stop.is_set():
            began = time.perf_counter()
            jobs = db.execute(CLAIM, (BATCH,)).fetchall()
            took = time.perf_counter() - began
            with claims.lock:
                claims.batches += 1
                claims.seconds.append(took)
                claims.jobs.update(job[3] for job in jobs)
                claims.claimed_in.update((job[4], claims.batches) for job in jobs)
                total = claims.jobs.total()
            if not jobs or (until_done is not None and total >= until_done):
                return
            db.execute(
                COMPLETE,
                ([j[0] for j in jobs], [j[1] for j in jobs], [j[2] for j in jobs], len(jobs)),
            )


@contextlib.contextmanager
def working(cluster: Cluster, workers: int, until_done: int | None = None) -> Iterator[Claims]:
    """Run so many connections that claim and complete."""
    claims, stop = Claims(), threading.Event()
    threads = [
        threading.Thread(target=work, args=(cluster, claims, stop, until_done))
        for _ in range(workers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield claims
        if until_done is not None:
            for thread in threads:
                thread.join()
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def fairness(cluster: Cluster, big: UUID, newcomers: Sequence[UUID], workers: int) -> list[str]:
    """Let newcomers write a memory each beside the backlogs; return a row of the table."""
    waits = []
    with contextlib.closing(connect(cluster, "app")) as app, working(cluster, workers) as claims:
        time.sleep(1)
        for user in newcomers:
            with app.transaction():
                app.execute("select memoriesdb.set_user(%s)", (user,))
                memory_id = one(app, "select memoriesdb.remember('a text of one''s own')")
            before, end = claims.batches, time.monotonic() + 60
            while memory_id not in claims.claimed_in and time.monotonic() < end:
                time.sleep(0.001)
            waits.append(claims.claimed_in.get(memory_id, claims.batches) - before)
    shares = [count for owner, count in claims.jobs.items() if owner != big and count > 1]
    return [
        str(workers),
        f"{claims.batches}",
        f"{statistics.median(waits):.0f}",
        f"{max(waits)}",
        f"{max(waits) / workers:.2f}",
        f"{claims.jobs[big] / statistics.mean(shares):.2f}",
        f"{statistics.median(claims.seconds) * 1000:.1f}",
    ]


def held(
    console: Console, cluster: Cluster, superuser: Connection, jobs: int, ends_at: float
) -> None:
    """Claim and complete while a transaction is open; print each tenth."""
    table = Table(
        *("done", "claim, ms", "p95", "entries read a job", "pages", "table, B a job"),
        "indexes, B a job",
    )
    holder = psycopg.connect(cluster.dsn("bench", "bench_app", "bench", pooled=False))
    holder.execute("set transaction isolation level repeatable read")
    holder.execute("select count(*) from memoriesdb.memories")
    worker = connect(cluster, "worker")
    start = superuser.execute(SIZE.format(QUEUE).encode()).fetchone()
    assert start is not None
    done, costs, touched, bytes_a_job, reads = 0, [], [], [], []
    for _ in range(10):
        before = one(superuser, READ)
        with working(cluster, 2, jobs // 10) as claims:
            pass
        time.sleep(1)  # until the workers' counts are in
        reads.append((one(superuser, READ) - before) / claims.jobs.total())
        done += claims.jobs.total()
        _, pages = claim_cost(worker, superuser)
        touched.append(pages)
        now = superuser.execute(SIZE.format(QUEUE).encode()).fetchone()
        assert now is not None
        sizes = [(b - a) / done for a, b in zip(start, now, strict=True)]  # type: ignore[operator]
        seconds = sorted(claims.seconds)
        median, p95 = statistics.median(seconds), seconds[int(len(seconds) * 0.95)]
        costs.append(median)
        bytes_a_job.append(sum(sizes))
        table.add_row(
            f"{done:,}",
            f"{median * 1000:.1f}",
            f"{p95 * 1000:.1f}",
            f"{reads[-1]:.1f}",
            f"{pages:.0f}",
            *(f"{size:.0f}" for size in sizes),
        )
        if time.monotonic() > ends_at:
            console.print("out of time: the rest is left out")
            break
    holder.rollback()
    console.print(table)
    console.print(f"a claim, the last part to the first: {costs[-1] / costs[0]:.2f}")
    console.print(f"entries read a job, the last part to the first: {reads[-1] / reads[0]:.2f}")
    console.print(f"pages, the last part to the first: {touched[-1] / touched[0]:.2f}")
    console.print(f"most bytes a job: {max(bytes_a_job):.0f}")


def seconds_of(db: Connection, query: str) -> float:
    """Time a query."""
    began = time.perf_counter()
    db.execute(query.encode()).fetchall()
    return time.perf_counter() - began


def main() -> None:
    """Measure all of it, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--held", type=int, help="jobs done beside the held transaction")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--minutes", type=float, default=20)
    given = parser.parse_args()
    ends_at = time.monotonic() + given.minutes * 60
    console = Console()
    with database() as cluster:
        superuser = psycopg.connect(
            cluster.postgres.dsn("bench"), autocommit=True, prepare_threshold=None
        )
        admin, worker = connect(cluster, "admin"), connect(cluster, "worker")
        admin.execute(
            "select memoriesdb.register_embedding_model('bench', 'ollama', 'http://127.0.0.1:9', 4)"
        )
        big = create_user(admin, "big")
        others = [create_user(admin, f"other{n}") for n in range(OTHERS)]
        newcomers = [create_user(admin, f"new{n}") for n in range(PROBES * len(given.workers))]

        lay_down(superuser, [(big, SMALL)])
        small = claim_cost(worker, superuser)
        began = time.perf_counter()
        share = (given.size // 10) // OTHERS
        lay_down(
            superuser,
            [(big, given.size * 9 // 10 - SMALL), *((user, share) for user in others)],
        )
        console.print(f"{given.size:,} jobs were laid down in {time.perf_counter() - began:.0f} s")
        large = claim_cost(worker, superuser)
        table = Table("jobs", "claim of 32, ms", "pages")
        table.add_row(f"{SMALL:,}", f"{small[0]:.1f}", f"{small[1]:.0f}")
        table.add_row(f"{given.size:,}", f"{large[0]:.1f}", f"{large[1]:.0f}")
        console.print(table)
        console.print(f"ratio: time {large[0] / small[0]:.2f}, pages {large[1] / small[1]:.2f}")

        table = Table(title="seconds for an admin")
        for name in ("queue_status", "stranded_memories"):
            seconds = seconds_of(admin, f"select * from memoriesdb.{name}")
            table.add_row(name, f"{seconds:.2f}")
        table.add_row("repair_queues()", f"{seconds_of(admin, REPAIR):.2f}")
        console.print(table)

        table = Table(
            *("workers", "batches", "median wait", "longest wait", "a worker", "share"),
            "claim, ms",
            title=f"batches from a newcomer's commit to his claim, {OTHERS + 1} owners in line",
        )
        for number, workers in enumerate(given.workers):
            part = newcomers[number * PROBES : (number + 1) * PROBES]
            table.add_row(*fairness(cluster, big, part, workers))
            if time.monotonic() > ends_at:
                break
        console.print(table)
        console.print("share: jobs of the owner with nine tenths, to the mean of the others")
        held(console, cluster, superuser, given.held or given.size // 5, ends_at)


REPAIR = "select memoriesdb.repair_queues()"

if __name__ == "__main__":
    main()
