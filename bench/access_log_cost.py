"""What the access log costs a recall: with every answer recorded, and with none.

A user has some memories with vectors, as an agent gathers them in days, weeks and months, beside as
many of another user, of whom some are shared with him. The application's login recalls as he,
through PgBouncer, now with the setting access_log_sample at 1 and now at 0, in turn, so that what
else the machine does hits both alike. Uses of grants are recorded either way.

Each recall is a transaction of its own. Without an entry it writes nothing, so its commit waits for
nothing; with one it waits for the disk, unless synchronous_commit is off: both are measured.

    python bench/access_log_cost.py
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
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
SIZES = (100, 1_000, 10_000)
SHARED = 20
RECALLS = 200
DIMENSIONS = 384
# So many words, some of them in every other memory and most of them rare.
WORDS = 5_000
LOGINS = ("app", "admin", "worker", "auditor")
# A durable server: a commit waits for the disk with the log and without it.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@contextmanager
def database() -> Iterator[Cluster]:
    """Start a server with the schema installed, the logins made and the pooler before it."""
    with temporary_cluster(DURABLE) as cluster:
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            db.execute("create database bench")
        install(cluster.postgres.dsn("bench"))
        with psycopg.connect(cluster.postgres.dsn("bench"), autocommit=True) as db:
            for name in LOGINS:
                role = sql.Identifier(f"bench_{name}")
                db.execute(
                    sql.SQL("create role {} login password {} in role {}").format(
                        role, sql.Literal(PASSWORD), sql.Identifier(f"memoriesdb_{name}")
                    )
                )
                db.execute(sql.SQL("grant connect on database bench to {}").format(role))
            db.execute(
                sql.SQL(
                    "alter role memoriesdb_pgbouncer login password {}; "
                    "grant connect on database bench to memoriesdb_pgbouncer"
                ).format(sql.Literal(cluster.pooler.auth_password))
            )
        cluster.pooler.start()
        yield cluster


def connect(cluster: Cluster, name: str, *, pooled: bool = False) -> Connection:
    """Open a connection of one of the logins."""
    dsn = cluster.dsn("bench", f"bench_{name}", PASSWORD, pooled=pooled)
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)


def fill(app: Connection, superuser: Connection, user: UUID, size: int) -> None:
    """Let the user have so many memories of some forty words, and their vectors."""
    with app.transaction():
        app.execute("select memoriesdb.set_user(%s)", (user,))
        app.execute(
            "insert into memoriesdb.memories (content) "
            "select (select string_agg('word' || floor(%s * random() ^ 4), ' ') "
            "from generate_series(1, 40) where i > 0) from generate_series(1, %s) as i",
            (WORDS, size),
        )
    # As its embedder would have: the only way to write a vector without one.
    superuser.execute(
        "insert into memoriesdb.memory_embeddings "
        "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
        "select m.owner_id, m.id, e.id, m.seq, (select array_agg(random() - 0.5) "
        "from generate_series(1, e.dimensions) where m.seq > 0)::real[]::vector::halfvec, "
        "m.embedding_text_hash from memoriesdb.memories as m, memoriesdb.embedding_models as e "
        "where m.owner_id = %s",
        (user,),
    )


def share(app: Connection, owner: UUID, grantee: UUID) -> None:
    """Share some of the owner's memories."""
    with app.transaction():
        app.execute("select memoriesdb.set_user(%s)", (owner,))
        app.execute(
            "select memoriesdb.share(id, %s) from "
            "(select id from memoriesdb.memories order by seq limit %s) as m",
            (grantee, SHARED),
        )


def recall_seconds(app: Connection, user: UUID, commit: str, chance: random.Random) -> float:
    """Time one recall, from BEGIN to COMMIT."""
    query = " ".join(f"word{int(WORDS * chance.random() ** 4)}" for _ in range(5))
    vector = str([chance.random() - 0.5 for _ in range(DIMENSIONS)])
    began = time.perf_counter()
    with app.transaction():
        app.execute(f"set local synchronous_commit = {commit}")
        app.execute("select memoriesdb.set_user(%s)", (user,))
        app.execute(
            "select * from memoriesdb.recall(%s, 10, query_embedding => %s)", (query, vector)
        ).fetchall()
    return time.perf_counter() - began


def measure(
    app: Connection, admin: Connection, user: UUID, commit: str, chance: random.Random
) -> list[float]:
    """Return the medians with nothing recorded and with everything, in milliseconds."""
    seconds: dict[str, list[float]] = {"0": [], "1": []}
    for turn in range(RECALLS // 10):
        for sample in sorted(seconds, reverse=bool(turn % 2)):
            admin.execute("select memoriesdb.set_setting('access_log_sample', %s)", (sample,))
            recall_seconds(app, user, commit, chance)  # the plan is made anew after the change
            seconds[sample] += [recall_seconds(app, user, commit, chance) for _ in range(10)]
    return [statistics.median(seconds[sample]) * 1000 for sample in ("0", "1")]


def create_user(admin: Connection, name: str) -> UUID:
    """Make a user."""
    row = admin.execute("select memoriesdb.create_user(%s)", (name,)).fetchone()
    assert row is not None
    assert isinstance(row[0], UUID)
    return row[0]


def main() -> None:
    """Fill a database of its own, measure, and print ratios."""
    chance = random.Random(7)
    table = Table("memories", "shared with him", "commit", "not recorded", "recorded", "ratio")
    with database() as cluster:
        superuser: Connection = psycopg.connect(cluster.postgres.dsn("bench"), autocommit=True)
        admin, app = connect(cluster, "admin"), connect(cluster, "app", pooled=True)
        admin.execute(
            "select memoriesdb.register_embedding_model('bench', 'ollama', 'http://h', %s)",
            (DIMENSIONS,),
        )
        users = []
        for size in track(SIZES, "writing memories", transient=True):
            mine, other = (create_user(admin, f"{name}-{size}") for name in ("own", "other"))
            for user in (mine, other):
                fill(app, superuser, user, size)
            users.append((mine, other, size))
        superuser.execute("vacuum analyze")
        for mine, other, size in track(users, "recalling", transient=True):
            for shared, commit in ((0, "on"), (0, "off"), (SHARED, "off")):
                if shared:
                    share(app, other, mine)
                without, recorded = measure(app, admin, mine, commit, chance)
                waits = "waits for the disk" if commit == "on" else "does not wait"
                times = (f"{without:.2f} ms", f"{recorded:.2f} ms", f"{recorded / without:.3f}")
                table.add_row(f"{size:,}", str(shared), waits, *times)
    Console().print(table)


if __name__ == "__main__":
    main()
