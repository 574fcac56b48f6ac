"""What row-level security costs by the way in which a session says who it is.

One user has 10,000 memories beside as many of others. The same queries run as a role that bypasses
row-level security and filters by owner_id itself, as the login that is mapped to the user, as an
application that names the user, and as a client with a token (a signed session); in turn, so that
what else the machine does hits all alike. Printed are medians, and ratios to the first.

    python bench/identity_cost.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import track
from rich.table import Table

from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import install

Connection = psycopg.Connection[tuple[object, ...]]
PASSWORD = "bench"
ROWS = 10_000
LOGINS = {
    "bypass": "bypassrls",
    "mapped": "in role memoriesdb_client",
    "application": "in role memoriesdb_app",
    "token": "in role memoriesdb_client",
    "admin": "in role memoriesdb_admin",
}
QUERIES = {
    "all rows": ("select sum(length(content)) from memoriesdb.memories where {filter}", 40),
    "one row": ("select content from memoriesdb.memories where {filter} and id = %(id)s", 400),
    "insert 1,000": (
        "insert into memoriesdb.memories (owner_id, content) "
        "select %(user)s, 'a memory of some words' from generate_series(1, 1000)",
        5,
    ),
}


@contextmanager
def database() -> Iterator[Cluster]:
    """Start a server with the schema installed and the logins made."""
    with temporary_cluster() as cluster:
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            db.execute("create database bench")
        install(cluster.postgres.dsn("bench"))
        with psycopg.connect(cluster.postgres.dsn("bench"), autocommit=True) as db:
            for name, attributes in LOGINS.items():
                db.execute(
                    sql.SQL("create role {} login password {} " + attributes).format(
                        sql.Identifier(f"bench_{name}"), sql.Literal(PASSWORD)
                    )
                )
                db.execute(
                    sql.SQL("grant connect on database bench to {}").format(
                        sql.Identifier(f"bench_{name}")
                    )
                )
            db.execute(
                "grant usage on schema memoriesdb to bench_bypass; "
                "grant select on memoriesdb.memories to bench_bypass"
            )
        yield cluster


def connect(cluster: Cluster, name: str) -> Connection:
    """Connect as one of the logins, without a pooler, whose share is the same for all."""
    return psycopg.connect(cluster.dsn("bench", f"bench_{name}", PASSWORD))


def fill(cluster: Cluster) -> tuple[UUID, str, UUID]:
    """Make the users and their memories; return the user, a token, and an id to look up."""
    with connect(cluster, "admin") as db:
        users = [
            db.execute("select memoriesdb.create_user(%s)", (f"user {n}",)).fetchone()
            for n in range(2)
        ]
        ids = [row[0] for row in users if row is not None]
        db.execute("select memoriesdb.map_db_role(%s, 'bench_mapped')", (ids[0],))
        token = db.execute("select memoriesdb.issue_token(%s)", (ids[0],)).fetchone()
    for user in ids:
        with connect(cluster, "application") as db:
            db.execute("select memoriesdb.set_user(%s)", (user,))
            db.execute(
                "insert into memoriesdb.memories (content) "
                "select 'memory number ' || n || ' of some words' from generate_series(1, %s) as n",
                (ROWS,),
            )
            row = db.execute("select id from memoriesdb.memories limit 1").fetchone()
    with psycopg.connect(cluster.postgres.dsn("bench"), autocommit=True) as db:
        db.execute("vacuum (analyze) memoriesdb.memories")
    with connect(cluster, "bypass") as db:
        row = db.execute(
            "select id from memoriesdb.memories where owner_id = %s limit 1", (ids[0],)
        ).fetchone()
    assert isinstance(ids[0], UUID)
    assert token is not None
    assert row is not None
    assert isinstance(row[0], UUID)
    return ids[0], str(token[0]), row[0]


def measure(cluster: Cluster) -> dict[str, dict[str, float]]:
    """Return the median seconds of each query by each way to be the user."""
    user, token, memory_id = fill(cluster)
    begin: dict[str, Callable[[Connection], object]] = {
        "bypass": lambda db: db.execute("select 1"),
        "mapped": lambda db: db.execute("select 1"),
        "application": lambda db: db.execute("select memoriesdb.set_user(%s)", (user,)),
        "token": lambda db: db.execute("select memoriesdb.login(%s)", (token,)),
    }
    connections = {name: connect(cluster, name) for name in begin}
    found: dict[str, dict[str, float]] = {}
    for label, (text, rounds) in QUERIES.items():
        times: dict[str, list[float]] = {name: [] for name in begin}
        for _ in track(range(rounds), label, transient=True):
            for name, db in connections.items():
                if label.startswith("insert") and name == "bypass":
                    continue
                begin[name](db)
                own = "owner_id = %(user)s" if name == "bypass" else "true"
                started = time.perf_counter()
                cursor = db.execute(
                    text.format(filter=own).encode(), {"user": user, "id": memory_id}
                )
                if cursor.description:
                    cursor.fetchall()
                times[name].append(time.perf_counter() - started)
                db.rollback()
        found[label] = {name: statistics.median(each) for name, each in times.items() if each}
    opening: dict[str, list[float]] = {name: [] for name in begin}
    for _ in range(300):
        for name, db in connections.items():
            started = time.perf_counter()
            begin[name](db)
            opening[name].append(time.perf_counter() - started)
            db.rollback()
    found["begin as the user"] = {name: statistics.median(each) for name, each in opening.items()}
    for db in connections.values():
        db.close()
    return found


def main() -> None:
    """Measure and print."""
    with database() as cluster:
        found = measure(cluster)
    table = Table("", *(name for name in LOGINS if name != "admin"), title="milliseconds (ratio)")
    for label, times in found.items():
        first = times.get("bypass", times["mapped"])
        table.add_row(
            label,
            *(
                f"{times[name] * 1000:.3f} ({times[name] / first:.2f})" if name in times else "-"
                for name in LOGINS
                if name != "admin"
            ),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
