"""How often recall() finds the evidence: recall@5, @10 and @20 on real conversations.

Every dialogue turn is a memory of one user; every question of categories 1 to 4 is asked with
recall() by the application's login through PgBouncer; its evidence are turns. Variants run beside
each other on the same database: all arms, without neighbours' smoothing, and words alone.

    python bench/recall_quality.py ../shared/data/locomo-dev/locomo_dev5.json

The data set is LoCoMo (snap-research/locomo, CC BY-NC 4.0): evaluate with it, never ship it.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import track
from rich.table import Table

from memoriesdb import embedder
from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.config import WorkerSettings
from memoriesdb.embedder.server import Server
from memoriesdb.installer import install
from memoriesdb.workers.embedding import Embedding
from memoriesdb.workers.process import run

Connection = psycopg.Connection[tuple[Any, ...]]
CUTS = (5, 10, 20)
PASSWORD = "bench"
LOGINS = ("app", "admin", "worker")


@dataclass(frozen=True)
class Question:
    """A question of one conversation and the turns that answer it."""

    user: str
    text: str
    evidence: frozenset[str]


def turns(conversation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the turns of a conversation as items of remember_many()."""
    number = 1
    while f"session_{number}" in conversation:
        when = datetime.strptime(
            conversation[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y"
        ).replace(tzinfo=UTC)
        for turn in conversation[f"session_{number}"]:
            yield {
                "content": turn["text"],
                "metadata": {"speaker": turn["speaker"], "turn": turn["dia_id"]},
                "stream": f"session {number}",
                "occurred_at": when.isoformat(),
            }
        number += 1


def questions(user: str, sample: dict[str, Any]) -> Iterator[Question]:
    """Yield the questions of categories 1 to 4 whose evidence is well-formed."""
    known = {item["metadata"]["turn"] for item in turns(sample["conversation"])}
    for qa in sample["qa"]:
        evidence = frozenset(qa.get("evidence", ())) & known
        if qa["category"] != 5 and evidence:
            yield Question(user, qa["question"], evidence)


@contextmanager
def database() -> Iterator[Cluster]:
    """A temporary cluster with the schema, logins and PgBouncer."""
    with temporary_cluster() as cluster:
        install(cluster.superuser_dsn)
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            for role in LOGINS:
                db.execute(
                    sql.SQL("create role {} login password {} in role {}").format(
                        sql.Identifier(role),
                        sql.Literal(PASSWORD),
                        sql.Identifier(f"memoriesdb_{role}"),
                    )
                )
                db.execute(
                    sql.SQL("grant connect on database postgres to {}").format(sql.Identifier(role))
                )
            db.execute(
                sql.SQL(
                    "alter role memoriesdb_pgbouncer login password {};"
                    "grant connect on database postgres to memoriesdb_pgbouncer"
                ).format(sql.Literal(cluster.pooler.auth_password))
            )
        cluster.pooler.start()
        yield cluster


def dsn(cluster: Cluster, role: str) -> str:
    """Return the DSN of a login through PgBouncer."""
    return cluster.dsn("postgres", role, PASSWORD, pooled=True)


def ingest(cluster: Cluster, samples: list[dict[str, Any]], endpoint: str) -> None:
    """Remember every conversation as a user of its own, and embed all with the real worker."""
    with psycopg.connect(dsn(cluster, "admin"), prepare_threshold=None) as db:
        for sample in samples:
            db.execute("select memoriesdb.create_user(%s)", (sample["sample_id"],))
        db.execute(
            "select memoriesdb.register_embedding_model('all-minilm', 'ollama', %s, 384)",
            (endpoint,),
        )
    for sample in track(samples, "remember"):
        with psycopg.connect(dsn(cluster, "app"), prepare_threshold=None) as db:
            act_as(db, sample["sample_id"])
            db.execute(
                "select memoriesdb.remember_many(%s)",
                (json.dumps(list(turns(sample["conversation"]))),),
            )
    settings = WorkerSettings.load("embedding", dsn=dsn(cluster, "worker"), batch=128)
    if run(Embedding, settings, once=True) != 0:
        raise SystemExit("the embedding worker failed: see its log above")


def act_as(db: Connection, user: str) -> None:
    """Set the user of this transaction."""
    db.execute("select memoriesdb.set_user(memoriesdb.user_id(%s))", (user,))


def measure(cluster: Cluster, asked: list[Question], name: str) -> dict[int, float]:
    """Ask every question; return recall at each cut, in percent."""
    found = dict.fromkeys(CUTS, 0.0)
    with psycopg.connect(dsn(cluster, "app"), prepare_threshold=None) as db:
        for question in track(asked, name):
            with db.transaction():
                act_as(db, question.user)
                ranked = [
                    row[0]
                    for row in db.execute(
                        "select metadata ->> 'turn' from memoriesdb.recall(%s, k => 20)",
                        (question.text,),
                    )
                ]
            for cut in CUTS:
                hits = question.evidence.intersection(ranked[:cut])
                found[cut] += len(hits) / len(question.evidence)
    return {cut: 100 * value / len(asked) for cut, value in found.items()}


def main() -> None:
    """Measure and print a table."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    samples = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asked = [q for sample in samples for q in questions(sample["sample_id"], sample)]
    server = Server("127.0.0.1", 0, embedder.load())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    table = Table("variant", *(f"recall@{cut}" for cut in CUTS), box=None)
    with database() as cluster:
        ingest(cluster, samples, server.url)
        variants = {
            "all arms": [],
            "without smoothing": ["select memoriesdb.set_setting('recall_smoothing', '0')"],
            "words alone": [
                "select memoriesdb.set_setting('recall_smoothing', '0.5')",
                "update memoriesdb.embedding_models set is_active = false",
            ],
        }
        for name, statements in variants.items():
            with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
                for statement in statements:
                    db.execute(statement.encode())
            result = measure(cluster, asked, name)
            table.add_row(name, *(f"{result[cut]:.1f}" for cut in CUTS))
    server.shutdown()
    Console().print(f"{len(samples)} conversations, {len(asked)} questions", table)


if __name__ == "__main__":
    main()
