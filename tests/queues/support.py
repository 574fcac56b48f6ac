"""Worker processes over a test's database, and what must hold when the queues are empty."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from acting import Connection, Database
from queues.endpoint import DIMENSIONS, vector_of

QUICK = {
    "MEMORIESDB_POLL_MIN_SECONDS": "0.02",
    "MEMORIESDB_POLL_MAX_SECONDS": "0.1",
    "MEMORIESDB_PAUSE_MAX_SECONDS": "1",
    "MEMORIESDB_PROBE_TIMEOUT_SECONDS": "1",
    "MEMORIESDB_LOG_LEVEL": "debug",
}

Worker = subprocess.Popen[str]
Start = Callable[..., Worker]


def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until the condition holds; fail if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextlib.contextmanager
def worker_processes(database: Database) -> Iterator[Start]:
    """Start real worker processes through PgBouncer; each is killed when the test ends."""
    with contextlib.ExitStack() as stack:

        def start(duty: str, *options: str, dsn: str | None = None, **settings: Any) -> Worker:
            kept = {k: v for k, v in os.environ.items() if not k.startswith("MEMORIESDB_")}
            given = {f"MEMORIESDB_{k.upper()}": str(v) for k, v in settings.items()}
            process = subprocess.Popen(
                [sys.executable, "-m", "memoriesdb", "worker", duty, *options],
                env={**kept, **QUICK, "MEMORIESDB_DSN": dsn or database.dsn("worker"), **given},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.callback(_end, process)
            return process

        yield start


def _end(process: Worker) -> None:
    process.kill()
    process.communicate(timeout=10)


def run_once(start: Start, duty: str, **settings: Any) -> tuple[int, str]:
    """Run a worker until nothing is due; give its exit code and its log."""
    process = start(duty, "--once", **settings)
    _, log = process.communicate(timeout=120)
    return process.returncode, log


def register(
    database: Database, url: str, name: str = "tests", dimensions: int = DIMENSIONS, **more: Any
) -> UUID:
    """Register an embedding model as an admin."""
    names = "".join(f", {key} => %({key})s" for key in more)
    with database.connect("admin", pooled=False) as db:
        row = db.execute(
            "select memoriesdb.register_embedding_model("
            f"%(name)s, 'ollama', %(url)s, %(dimensions)s{names})",
            {"name": name, "url": url, "dimensions": dimensions, **more},
        ).fetchone()
    assert row is not None
    model_id: UUID = row[0]
    return model_id


def set_setting(database: Database, key: str, value: str) -> None:
    """Change a setting as an admin; the value is JSON."""
    with database.connect("admin", pooled=False) as db:
        db.execute("select memoriesdb.set_setting(%s, %s)", (key, value))


def value(db: Connection, statement: str, *parameters: Any) -> Any:
    """The one value of a statement."""
    row = db.execute(statement, parameters).fetchone()
    assert row is not None
    return row[0]


def jobs_left(database: Database) -> int:
    """How many jobs the embedding queue holds, dead letters included."""
    with database.connect("superuser", autocommit=True) as db:
        count: int = value(db, "select count(*) from memoriesdb.embedding_schedule")
    return count


def check_embedded(database: Database, *, dead: int = 0) -> None:
    """Every memory has one embedding of its last text for each enabled model, and no job left.

    ``dead`` memories are excused: those with a dead letter. Vectors are compared with what the
    endpoint gives for the text.
    """
    with database.connect("superuser", autocommit=True) as db:
        left = db.execute(
            "select memory_id, last_error from memoriesdb.embedding_schedule where dead_at is null"
        ).fetchall()
        assert left == []
        stranded = db.execute("select * from memoriesdb.stranded_memories").fetchall()
        assert stranded == []
        rows = db.execute(
            """
            select m.id, memoriesdb._embedding_text(m.content, m.metadata, m.occurred_at),
              m.embedding_text_hash = e.text_hash, e.embedding::public.vector::real[], j.dead_at
            from memoriesdb.memories as m
            cross join memoriesdb.embedding_models as o
            left join memoriesdb.memory_embeddings as e
              on e.owner_id = m.owner_id and e.memory_id = m.id and e.model_id = o.id
            left join memoriesdb.embedding_schedule as j
              on j.owner_id = m.owner_id and j.memory_id = m.id and j.model_id = o.id
            where o.is_enabled
            """
        ).fetchall()
        embedded = value(db, "select count(*) from memoriesdb.memory_embeddings")
    given_up = [row for row in rows if row[4] is not None]
    good = [row for row in rows if row[4] is None]
    assert len(given_up) == dead
    assert embedded == len(good) + sum(row[2] is not None for row in given_up)
    for memory_id, text, is_current, vector, _ in good:
        assert is_current, f"memory {memory_id} has no embedding of its last text"
        assert vector == vector_of(text), f"{text}: {vector} and not {vector_of(text)}"


def writes(database: Database, memory_id: UUID) -> list[str]:
    """What was done to the embeddings of a memory, as the audit has it."""
    with database.connect("superuser", autocommit=True) as db:
        rows = db.execute(
            "select operation from memoriesdb.audit_log "
            "where table_name = 'memory_embeddings' and row_id = %s order by audit_id",
            (memory_id,),
        ).fetchall()
    return [row[0] for row in rows]
