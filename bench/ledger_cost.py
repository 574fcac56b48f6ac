"""What the audit and the ledger cost a write, and how fast the ledger is sealed and verified.

First, transactions per second. An application's login writes memories, one a transaction, by
pgbench with 1, 8 and 32 clients, on a server that waits for the disk: as it is, and as if each
flush took a millisecond more, as on many a disk that survives a power cut (commit_delay). In turn,
so that what else the machine does hits all alike, the same text goes

- into a bare table of the same columns, without index, trigger or row-level security;
- into memories with the triggers of the audit off, and nothing else;
- into memories as they are;
- into memories as they are, while `memoriesdb worker sealing` runs beside.

Then entries are written by the hundred thousand, sealed by one call, and verified: in a process of
its own by the auditor's login and by one that may read the payloads, too, with the memory that the
process has taken; and by verify_ledger(). All at two sizes.

    python -m bench.ledger_cost
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.access_log_cost import PASSWORD, Connection, connect, create_user, database
from memoriesdb.cluster import Cluster
from memoriesdb.ledger import Tables, Verifier

CLIENTS = (1, 8, 32)
ROUNDS = 3
SECONDS = 2
# Microseconds that each flush of the log takes longer.
DISKS = {"this disk": 0, "1 ms more a flush": 1000}
SIZES = (100_000, 500_000)
TEXT = (
    "The user asked about the train to Basel on Friday and prefers a seat by the window, in the "
    "quiet car if there is one; his card has expired, and he will send the new number tomorrow."
)


class Way(NamedTuple):
    """One way to write a memory."""

    name: str
    script: Path
    is_audited: bool
    is_sealed: bool


def value(db: Connection, query: str, *parameters: object) -> object:
    """Return the one value of a query's one row."""
    row = db.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


def ways(superuser: Connection, user: UUID, directory: Path) -> list[Way]:
    """Make the bare table and the scripts; a memory written once tells the bare row's values."""
    begin = sql.SQL("begin;\nselect memoriesdb.set_user({});\n").format(sql.Literal(str(user)))
    insert = sql.SQL("insert into memoriesdb.memories (content) values ({});\n").format(
        sql.Literal(TEXT)
    )
    with superuser.transaction():
        superuser.execute(begin.as_string().encode() + insert.as_string().encode())
    cursor = superuser.execute("select * from memoriesdb.memories limit 0")
    columns = [column.name for column in cursor.description or () if column.name != "id"]
    row = superuser.execute(
        sql.SQL("select {} from memoriesdb.memories").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns)
        )
    ).fetchone()
    assert row is not None
    superuser.execute(
        "create schema bench; create table bench.bare (like memoriesdb.memories); "
        "grant usage on schema bench to bench_app; grant insert on bench.bare to bench_app"
    )
    bare = sql.SQL("begin;\ninsert into bench.bare (id, {}) values (gen_random_uuid(), {});\n")
    texts = {
        "bare": bare.format(
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(map(sql.Literal, row)),
        ),
        "memory": begin + insert,
    }
    scripts = {name: directory / f"{name}.sql" for name in texts}
    for name, text in texts.items():
        scripts[name].write_text(text.as_string(superuser) + "commit;\n")
    return [
        Way("bare table", scripts["bare"], is_audited=False, is_sealed=False),
        Way("without audit", scripts["memory"], is_audited=False, is_sealed=False),
        Way("audit", scripts["memory"], is_audited=True, is_sealed=False),
        Way("audit and sealing", scripts["memory"], is_audited=True, is_sealed=True),
    ]


@contextlib.contextmanager
def sealing(cluster: Cluster, superuser: Connection) -> Iterator[None]:
    """Run the worker; it begins with nothing left to seal, and afterwards must catch up."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "memoriesdb", "worker", "sealing", "--log-level", "warning"],
        env={**os.environ, "MEMORIESDB_DSN": cluster.dsn("bench", "bench_worker", PASSWORD)},
    )
    try:
        wait_until_sealed(superuser, worker)
        yield
        wait_until_sealed(superuser, worker)
    finally:
        worker.terminate()
        worker.wait(timeout=30)


def wait_until_sealed(superuser: Connection, worker: subprocess.Popen[bytes]) -> None:
    """Wait for the worker."""
    end = time.monotonic() + 60
    while value(superuser, "select unsealed_entries from memoriesdb.ledger_status") != 0:
        assert worker.poll() is None, "the worker has ended"
        assert time.monotonic() < end, "the worker does not keep up"
        time.sleep(0.1)


def transactions(cluster: Cluster, superuser: Connection, way: Way, clients: int) -> float:
    """Return the transactions of one run in a second."""
    state = "enable always" if way.is_audited else "disable"
    superuser.execute(f"alter table memoriesdb.memories {state} trigger _900_audit_insert".encode())
    with sealing(cluster, superuser) if way.is_sealed else contextlib.nullcontext():
        done = subprocess.run(
            [
                cluster.postgres.installation.program("pgbench"),
                *("--no-vacuum", "--protocol=prepared", "--jobs=2", f"--client={clients}"),
                *(f"--time={SECONDS}", f"--file={way.script}"),
                cluster.dsn("bench", "bench_app", PASSWORD),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    return float(found[1])


def throughput(cluster: Cluster, superuser: Connection, user: UUID) -> list[Table]:
    """Measure the ways in turn, forth and back."""
    runs: dict[tuple[str, int, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as directory:
        all_ways = ways(superuser, user, Path(directory))
        turns = [
            (disk, clients, way)
            for turn in range(ROUNDS)
            for disk in DISKS
            for clients in CLIENTS
            for way in (all_ways if turn % 2 else all_ways[::-1])
        ]
        for disk, clients, way in track(turns, "writing memories"):
            superuser.execute(f"alter database bench set commit_delay = {DISKS[disk]}".encode())
            tps = transactions(cluster, superuser, way, clients)
            runs.setdefault((disk, clients, way.name), []).append(tps)
    return [table_of(disk, runs, [way.name for way in all_ways]) for disk in DISKS]


def table_of(disk: str, runs: dict[tuple[str, int, str], list[float]], names: list[str]) -> Table:
    """Show the medians of the runs, and of their ratios round by round."""
    table = Table("clients", "", "transactions/s", "of bare", "of no audit", title=disk)
    for clients in CLIENTS:
        for name in names:
            tps_of = runs[disk, clients, name]
            row = [str(clients), name, f"{statistics.median(tps_of):,.0f}"]
            for base in names[:2]:
                pairs = zip(tps_of, runs[disk, clients, base], strict=True)
                row.append(f"{statistics.median(tps / other for tps, other in pairs):.2f}")
            table.add_row(*row)
        table.add_section()
    return table


def write_entries(superuser: Connection, count: int) -> None:
    """Write so many entries with payloads, a thousand a transaction."""
    for number in track(range(count // 1000), f"writing {count:,} entries", transient=True):
        superuser.execute(
            "select memoriesdb._write_audit('memories', 'INSERT', array(select row("
            "null, gen_random_uuid(), jsonb_build_object('id', %s * 1000 + i), null, "
            "jsonb_build_object('content', %s::text))::memoriesdb._audit_entry "
            "from generate_series(1, 1000) as i))",
            (number, TEXT),
        )
    superuser.execute("vacuum analyze memoriesdb.audit_log, memoriesdb.audit_payloads")


def seal(superuser: Connection) -> float:
    """Seal all that is there, and return the entries a second."""
    began = time.perf_counter()
    sealed = value(superuser, "select memoriesdb.seal_ledger(100000000)")
    seconds = time.perf_counter() - began
    assert isinstance(sealed, int)
    assert sealed > 0
    return sealed / seconds


def verify(dsn: str) -> tuple[int, float, float]:
    """Verify in this process; return the entries, the seconds and the most memory in MB."""
    with psycopg.connect(dsn, autocommit=True) as db:
        began = time.perf_counter()
        report = Verifier(Tables(db)).run()
        seconds = time.perf_counter() - began
    assert report.problems == []
    return report.entries, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rates(cluster: Cluster, superuser: Connection) -> Table:
    """Measure sealing and verification at both sizes."""
    table = Table("entries", "", "entries/s", "memory of the verifier")
    spawn = multiprocessing.get_context("spawn")
    written = 0
    for size in SIZES:
        write_entries(superuser, size - written)
        written = size
        rate = seal(superuser)
        entries = value(superuser, "select sum(entry_count)::bigint from memoriesdb.ledger_blocks")
        assert isinstance(entries, int)
        table.add_row(f"{entries:,}", "sealing", f"{rate:,.0f}", "")
        for name, dsn in (
            ("verification", cluster.dsn("bench", "bench_auditor", PASSWORD)),
            ("verification with payloads", cluster.postgres.dsn("bench")),
        ):
            with ProcessPoolExecutor(1, mp_context=spawn) as process:
                found, seconds, megabytes = process.submit(verify, dsn).result()
            assert found == entries
            table.add_row("", name, f"{entries / seconds:,.0f}", f"{megabytes:.0f} MB")
        began = time.perf_counter()
        assert superuser.execute("select * from memoriesdb.verify_ledger()").fetchall() == []
        table.add_row("", "verify_ledger()", f"{entries / (time.perf_counter() - began):,.0f}", "")
        table.add_section()
    return table


def main() -> None:
    """Measure on a server of its own, and print ratios and rates."""
    with database() as cluster:
        superuser: Connection = psycopg.connect(cluster.postgres.dsn("bench"), autocommit=True)
        superuser.execute("alter database bench set commit_siblings = 0")
        user = create_user(connect(cluster, "admin"), "writer")
        Console().print(*throughput(cluster, superuser, user))
        Console().print(rates(cluster, superuser))


if __name__ == "__main__":
    main()
