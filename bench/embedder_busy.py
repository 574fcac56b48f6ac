"""How busy an embedding worker keeps its embedder while it drains a full queue.

A stand-in for an embedder answers each request after a time that is set, with vectors of 384
dimensions. One worker process drains thousands of jobs through PgBouncer, in batches of 32 as
shipped. Measured is the part of the time, from the first request to the last answer, in which a
request was in the embedder's hands; the rest is what the worker needs besides: claiming, storing,
reading and writing JSON. The server waits for its disk at each commit.

Goal: at least 95 per cent, with an embedder that takes 100 ms for a batch or longer. Ends with 1
where that does not hold. To be run on a quiet machine: whoever else has the processors makes the
worker wait, and not the embedder.

    python -m bench.embedder_busy
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import psycopg
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.access_log_cost import PASSWORD, Connection, connect, create_user, database
from memoriesdb.cluster import Cluster

DIMENSIONS = 384
BATCH = 32
OWNERS = 8
# Seconds for a batch: a model on a good card; the same over a network; small ones on a processor.
TAKES = (0.05, 0.1, 0.25, 0.5)
DRAIN_SECONDS = 8.0
PROSE = """
    the a we she he they it was is will on at in for with about because when after before next
    meeting project team report budget plan idea city river garden family friend school doctor
    music paper answer question monday friday morning evening spring summer likes wrote moved
    called found asked said thinks wants green small early late again never often
"""
GOAL, GOAL_FROM = 0.95, 0.1


class Embedder:
    """Speaks Ollama's protocol, takes its time, and notes when it had something to do."""

    def __init__(self) -> None:
        chance = random.Random(7)
        numbers = ",".join(f"{chance.uniform(-1, 1):.8f}" for _ in range(DIMENSIONS))
        self.vector = f"[{numbers}]"
        self.takes = 0.0
        self.texts = 0
        self._lock = threading.Lock()
        self._in_hand = 0
        self._busy = self._since = self._first = self._last = 0.0
        embedder = self

        class Handler(_Handler):
            owner = embedder

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def reset(self, takes: float) -> None:
        """Begin to measure anew."""
        self.takes, self.texts = takes, 0
        self._busy = self._first = self._last = 0.0

    def begin(self) -> None:
        """Note that a request has come."""
        with self._lock:
            self._since = time.perf_counter() if self._in_hand == 0 else self._since
            self._first = self._first or self._since
            self._in_hand += 1

    def end(self, texts: int) -> None:
        """Note that it is answered."""
        with self._lock:
            self._in_hand -= 1
            self.texts += texts
            if self._in_hand == 0:
                self._last = time.perf_counter()
                self._busy += self._last - self._since

    @property
    def share(self) -> float:
        """The part of the time in which there was something to do."""
        return self._busy / (self._last - self._first)

    @property
    def rate(self) -> float:
        """Texts a second."""
        return self.texts / (self._last - self._first)

    def close(self) -> None:
        """Answer no more."""
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: Embedder
    protocol_version = "HTTP/1.1"
    # Headers and vectors leave together, or the second would wait for the first one's receipt.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        owner = self.owner
        owner.begin()
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        time.sleep(owner.takes)
        body = f'{{"embeddings":[{",".join([owner.vector] * len(texts))}]}}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        owner.end(len(texts))

    def log_message(self, *args: object) -> None: ...


@contextmanager
def embedder() -> Iterator[Embedder]:
    """A stand-in that is closed at the end."""
    opened = Embedder()
    try:
        yield opened
    finally:
        opened.close()


def fill(app: Connection, users: list[UUID], jobs: int) -> None:
    """Let each user write memories of some thirty words, which queues them."""
    words = PROSE.split()
    for user in users:
        with app.transaction():
            app.execute("select memoriesdb.set_user(%s)", (user,))
            app.execute(
                "insert into memoriesdb.memories (content) "
                "select i || ' ' || (select "
                "string_agg((%s::text[])[1 + floor(random() * %s)], ' ') "
                "from generate_series(1, 30) where i > 0) from generate_series(1, %s) as i",
                (words, len(words), jobs // len(users)),
            )


def drain(cluster: Cluster) -> None:
    """Run one worker process until the queue is empty."""
    dsn = cluster.dsn("bench", "bench_worker", PASSWORD, pooled=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MEMORIESDB_")}
    done = subprocess.run(
        [sys.executable, "-m", "memoriesdb", "worker", "embedding", "--once"],
        env={**kept, "MEMORIESDB_DSN": dsn, "MEMORIESDB_BATCH": str(BATCH)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"the worker ended with {done.returncode}:\n{done.stderr[-2000:]}")


def main() -> None:
    """Fill and drain a queue for each embedder, and print how busy it was."""
    table = Table("embedder takes for a batch", "texts", "texts a second", "busy", "goal")
    holds = True
    with database() as cluster, embedder() as stand_in:
        admin, app = connect(cluster, "admin"), connect(cluster, "app", pooled=True)
        admin.execute(
            "select memoriesdb.register_embedding_model('bench', 'ollama', %s, %s)",
            (stand_in.url, DIMENSIONS),
        )
        users = [create_user(admin, f"owner {number}") for number in range(OWNERS)]
        for takes in track(TAKES, "draining", transient=True):
            jobs = int(DRAIN_SECONDS / takes) * BATCH
            fill(app, users, jobs)
            stand_in.reset(takes)
            drain(cluster)
            if stand_in.texts < jobs // OWNERS * OWNERS:
                raise SystemExit(f"{stand_in.texts} of {jobs} texts were embedded")
            is_goal = takes >= GOAL_FROM
            holds = holds and (not is_goal or stand_in.share >= GOAL)
            said = f"at least {GOAL:.0%}" if is_goal else ""
            row = (f"{stand_in.texts:,}", f"{stand_in.rate:,.0f}", f"{stand_in.share:.1%}", said)
            table.add_row(f"{takes * 1000:.0f} ms", *row)
        with psycopg.connect(cluster.postgres.dsn("bench")) as db:
            left = db.execute("select count(*) from memoriesdb.embedding_schedule").fetchone()
        if left != (0,):
            raise SystemExit(f"{left} jobs are left")
    Console().print(table)
    if not holds:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
