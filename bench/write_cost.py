"""What each part of a write costs, next to bare tables with the same search structures.

On a server of its own that waits for the disk, as an application's login through PgBouncer. First
the same texts are written, in turn and round after round, into a heap with a primary key, into one
with postings and vectors (see bench/write_tables.py), and into memories: in batches, and one
memory a transaction by 1 and 8 clients (pgbench). Then parts of the write to memories are switched
off one after the other (bench/write_parts.py), and what is saved is what the part costs. Last, the
functions of a batch are timed by the server itself. Writes docs/explanation/write-path.md.

    python -m bench.write_cost
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import psycopg
from rich.console import Console
from rich.progress import track

from bench.access_log_cost import PASSWORD, Connection, connect, create_user, database
from bench.recall.vocabulary import Vocabulary
from bench.write_page import Found, page
from bench.write_parts import Part, parts, without
from bench.write_tables import DIMENSIONS, ITEMS, OURS, SYSTEMS, TABLES, TEXTS, System
from memoriesdb.cluster import Cluster

CLIENTS = (1, 8)
# Microseconds that each flush of the log takes longer, as on many a disk that survives a power cut.
DISKS = {"": 0, ", 1 ms more a flush": 1000}
ROUNDS = 5
PART_ROUNDS = 5
SECONDS = 2.0
SINGLES = 200
# A checkpoint in the midst of one system's turn would be charged to it.
QUIET = (
    "alter system set max_wal_size = '8GB'",
    "alter system set checkpoint_timeout = '1h'",
    "alter system set commit_siblings = 0",
    "select pg_reload_conf()",
)


class Load(NamedTuple):
    """A way to write many rows in one transaction, so many times in a row."""

    name: str
    source: str
    rows: int
    turns: int


LOADS = (
    Load("remember_many of 100", "json", 100, 10),
    Load("remember_many of 1,000", "json", 1_000, 2),
    Load("INSERT … SELECT of 1,000", "table", 1_000, 2),
    Load("executemany of 500", "values", 500, 1),
)


class World(NamedTuple):
    """The server, its users, and the texts that are written."""

    cluster: Cluster
    superuser: Connection
    app: Connection
    worker: Connection
    users: list[UUID]
    items: list[dict[str, Any]]


def texts() -> list[dict[str, Any]]:
    """Return texts of 8 to 40 words as people use them, in streams of twenty, with a speaker."""
    random = np.random.default_rng(7)
    vocabulary = Vocabulary([])
    return [
        {
            "content": " ".join(
                vocabulary.words[vocabulary.draw(random, int(random.integers(8, 41)))]
            ),
            "stream": f"session {number // 20}",
            "metadata": {"n": number, "speaker": ("Ada", "Grace")[number % 2]},
        }
        for number in range(TEXTS)
    ]


@contextmanager
def world() -> Iterator[World]:
    """Start the server and make the bare tables, the users, the texts and a model."""
    with database() as cluster:
        superuser: Connection = psycopg.connect(cluster.postgres.dsn("bench"), autocommit=True)
        for statement in QUIET:
            superuser.execute(statement)
        superuser.execute(TABLES)
        items = texts()
        superuser.cursor().executemany(
            "insert into bench.texts values (%s, %s, %s, %s, (select array_agg(random() - 0.5) "
            "from generate_series(1, %s))::real[]::vector::halfvec)",
            [
                (n, i["content"], i["stream"], json.dumps(i["metadata"]), DIMENSIONS)
                for n, i in enumerate(items, 1)
            ],
        )
        superuser.execute("vacuum analyze bench.texts")
        admin = connect(cluster, "admin")
        admin.execute(
            "select memoriesdb.register_embedding_model('bench', 'ollama', 'http://h', %s)",
            (DIMENSIONS,),
        )
        users = [create_user(admin, f"writer-{n}") for n in range(max(CLIENTS))]
        app, worker = connect(cluster, "app", pooled=True), connect(cluster, "worker")
        yield World(cluster, superuser, app, worker, users, items)


def write_batch(world: World, system: System, load: Load, db: Connection | None = None) -> None:
    """Write one transaction of a load."""
    db = db or world.app
    owner = world.users[0]
    with db.transaction():
        if system.has_users:
            db.execute("select memoriesdb.set_user(%s)", (owner,))
        if system is OURS and load.source == "json":
            db.execute(
                "select count(*) from memoriesdb.remember_many(%s)",
                (json.dumps(world.items[: load.rows]),),
            )
            return
        query = system.sql(load.source).encode()
        if load.source == "values":
            rows = [
                {**i, "metadata": json.dumps(i["metadata"]), "owner": owner}
                for i in world.items[: load.rows]
            ]
            db.cursor().executemany(query, rows)
            return
        items = json.dumps(world.items[: load.rows])
        db.execute(query, {"items": items, "count": load.rows, "owner": owner})


def batch_rate(world: World, system: System, load: Load) -> float:
    """Return the rows a second of one round of a load."""
    began = time.perf_counter()
    for _ in range(load.turns):
        write_batch(world, system, load)
    return load.rows * load.turns / (time.perf_counter() - began)


def script(world: World, system: System, directory: Path) -> Path:
    """Write the script of one memory a transaction; each client is a user of its own."""
    ids = "{" + ",".join(map(str, world.users)) + "}"
    owner = f"('{ids}'::uuid[])[:client_id + 1]"
    lines = [rf"\set n random(1, {TEXTS})", "begin;"]
    if system is OURS:
        lines += [
            f"select memoriesdb.set_user({owner});",
            "select memoriesdb.remember(t.content, stream => t.stream, metadata => t.metadata) "
            "from bench.texts as t where t.n = :n;",
        ]
    else:
        statement = system.statement.format(
            owner=owner,
            items=ITEMS["pgbench"],
        )
        lines.append(" ".join(statement.replace("%%", "%").split()) + ";")
    file = directory / f"{system.name.replace(' ', '-')}.sql"
    file.write_text("\n".join([*lines, "commit;", ""]))
    return file


def single_rate(world: World, file: Path, clients: int, seconds: float = SECONDS) -> float:
    """Return the transactions a second of one memory each."""
    program = world.cluster.postgres.installation.program("pgbench")
    done = subprocess.run(
        [
            *(program, "--no-vacuum", "--protocol=simple", "--jobs=2", f"--client={clients}"),
            *(f"--time={max(1, round(seconds))}", f"--file={file}"),
            world.cluster.dsn("bench", "bench_app", PASSWORD, pooled=True),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    return float(found[1])


def single_of(
    world: World, files: dict[str, Path], clients: int, delay: int, system: System
) -> float:
    """Return the transactions a second of one system, on a disk that takes so much longer."""
    world.superuser.execute(f"alter system set commit_delay = {delay}".encode())
    world.superuser.execute("select pg_reload_conf()")
    rate = single_rate(world, files[system.name], clients)
    world.superuser.execute("alter system reset commit_delay")
    world.superuser.execute("select pg_reload_conf()")
    return rate


def index_words(world: World) -> tuple[int, float]:
    """Let the worker index what waits; return the memories and the seconds."""
    began, count = time.perf_counter(), 0
    while row := world.worker.execute("select memoriesdb.index_memories(5000)").fetchone():
        assert isinstance(row[0], int)
        if row[0] == 0:
            break
        count += row[0]
    return count, time.perf_counter() - began


def compare(world: World, directory: Path, rounds: int) -> Found:
    """Measure all systems in turn, another one first in each round."""
    rates: dict[tuple[str, str], list[float]] = {}
    indexing: list[float] = []
    ways: list[tuple[str, Callable[[System], float]]] = [
        *((load.name, partial(batch_rate, world, load=load)) for load in LOADS),
    ]
    files = {system.name: script(world, system, directory) for system in SYSTEMS}
    for (disk, delay), clients in product(DISKS.items(), CLIENTS):
        name = f"one a transaction, {clients} client" + "s" * (clients > 1) + disk
        ways.append((name, partial(single_of, world, files, clients, delay)))
    for system in SYSTEMS:
        for load in LOADS:
            write_batch(world, system, load)
        single_rate(world, files[system.name], max(CLIENTS), 1)
    index_words(world)
    for turn in track(range(rounds), "writing by turns", transient=True):
        for name, measure in ways:
            first = turn % len(SYSTEMS)
            for system in SYSTEMS[first:] + SYSTEMS[:first]:
                rates.setdefault((name, system.name), []).append(measure(system))
            count, seconds = index_words(world)
            indexing.append(seconds / count)
    return Found(
        ways=[name for name, _ in ways],
        batches=[load.name for load in LOADS],
        rates=rates,
        index_seconds=statistics.median(indexing),
    )


def processor_time(db: Connection) -> float:
    """Return the microseconds that a connection's server process has run, not those it waited."""
    fields = Path(f"/proc/{db.info.backend_pid}/schedstat").read_text().split()
    return int(fields[0]) / 1000


def part_costs(world: World, rounds: int) -> list[tuple[str, float, float]]:
    """Return what each part takes of a row in a batch and of a transaction, in microseconds."""
    load = LOADS[1]
    every = parts(world.superuser)
    turns: list[tuple[str, list[Part]]] = [
        ("as it is", []),
        *((part.name, [part]) for part in every),
        ("all of these", every),
    ]
    taken: dict[str, list[tuple[float, float]]] = {}
    with connect(world.cluster, "app") as db:
        for turn in track(range(rounds), "switching parts off", transient=True):
            first = turn * 3 % len(turns)
            for name, switched in turns[first:] + turns[:first]:
                with without(world.superuser, switched):
                    write_batch(world, OURS, load, db)
                    write_singles(world, db, 20)
                    times = [processor_time(db)]
                    for _ in range(load.turns):
                        write_batch(world, OURS, load, db)
                    times.append(processor_time(db))
                    write_singles(world, db, SINGLES)
                    times.append(processor_time(db))
                batch, single = np.diff(times) / (load.rows * load.turns, SINGLES)
                taken.setdefault(name, []).append((float(batch), float(single)))
                index_words(world)
    return [
        (name, statistics.median(b for b, _ in found), statistics.median(s for _, s in found))
        for name, found in taken.items()
    ]


def write_singles(world: World, db: Connection, count: int) -> None:
    """Write so many memories, one a transaction."""
    for item in world.items[:count]:
        with db.transaction():
            db.execute("select memoriesdb.set_user(%s)", (world.users[0],))
            db.execute(
                "select memoriesdb.remember(%s, stream => %s, metadata => %s)",
                (item["content"], item["stream"], json.dumps(item["metadata"])),
            )


def function_times(world: World) -> list[tuple[str, float, float, float]]:
    """Return calls a row, and microseconds a row with and without what is called, by function."""
    world.superuser.execute("alter role bench_app set track_functions = 'all'")
    # By nobody's pool, so that the setting counts.
    with connect(world.cluster, "app") as db:
        load = LOADS[1]
        write_batch(world, OURS, load, db)
        db.execute("select pg_stat_force_next_flush()")
        world.superuser.execute("select pg_stat_reset()")
        for _ in range(5):
            write_batch(world, OURS, load, db)
        db.execute("select pg_stat_force_next_flush()")
    world.superuser.execute("alter role bench_app reset track_functions")
    time.sleep(0.5)
    rows = world.superuser.execute(
        "select funcname::text, calls / %(rows)s::float8, total_time * 1000 / %(rows)s, "
        "self_time * 1000 / %(rows)s from pg_stat_user_functions "
        "where schemaname = 'memoriesdb' order by self_time desc limit 14",
        {"rows": 5 * load.rows},
    ).fetchall()
    return [
        (str(name), float(str(calls)), float(str(total)), float(str(own)))
        for name, calls, total, own in rows
    ]


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the comparison")
    parser.add_argument("--part-rounds", type=int, default=PART_ROUNDS, help="with parts off")
    parser.add_argument("--output", type=Path, help="where to write the page instead")
    given = parser.parse_args()
    with world() as ready, tempfile.TemporaryDirectory() as directory:
        found = compare(ready, Path(directory), given.rounds)
        found = found._replace(
            parts=part_costs(ready, given.part_rounds),
            functions=function_times(ready),
        )
        text = page(found, ready.cluster, ready.superuser)
    output = given.output or Path(__file__).parents[1] / "docs/explanation/write-path.md"
    output.write_text(text, encoding="utf-8")
    Console().print(text, markup=False, highlight=False)


if __name__ == "__main__":
    main()
