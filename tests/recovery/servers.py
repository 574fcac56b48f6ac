"""Servers with memories in them, and what is asked of each after it was recovered."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.cluster.postgres import Postgres
from memoriesdb.installer import diagnose, install, verify
from memoriesdb.ledger import Digest, Kept, Report, Tables, Verifier

DATABASE = "shop"
# What any server of these tests is warned of: they do without durability, workers that seal and
# index, and a digest where none is given.
ALWAYS = {
    "a crash loses, or breaks, what was committed",
    "entries of the audit wait to be sealed for longer than they may",
    "jobs wait and no worker gives a sign of life",
    "no digest was given: a ledger that was rewritten as a whole looks like any other",
}


@dataclass
class Shop:
    """A database in which alice remembers, asked as a superuser."""

    server: Postgres

    @property
    def dsn(self) -> str:
        """The superuser's DSN."""
        return self.server.dsn(DATABASE)

    def create(self) -> None:
        """Make the database, install, and make a user."""
        with psycopg.connect(self.server.dsn(), autocommit=True) as db:
            db.execute(f"create database {DATABASE}")
        install(self.dsn)
        self.rows("select memoriesdb.create_user('alice')")

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement in a transaction of its own."""
        with psycopg.connect(self.dsn, autocommit=True) as db:
            cursor = db.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def as_alice(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement as alice."""
        with psycopg.connect(self.dsn) as db:
            db.execute("select memoriesdb.set_user(memoriesdb.user_id('alice'))")
            return db.execute(statement.encode(), parameters or None).fetchall()

    def remember(self, content: str) -> None:
        """Keep a memory of alice's."""
        self.as_alice("select memoriesdb.remember(%s)", content)

    def seal(self) -> Digest:
        """Seal what waits, and return the digest that is kept outside."""
        self.rows("select memoriesdb.seal_ledger()")
        ((digest,),) = self.rows("select memoriesdb.ledger_digest()")
        return Digest.from_json(digest)

    def contents(self) -> list[str]:
        """Return what there is, in the order of arrival."""
        return [row[0] for row in self.rows("select content from memoriesdb.memories order by seq")]

    def incarnations(self) -> list[int]:
        """Return the incarnation of each block."""
        query = "select incarnation from memoriesdb.ledger_blocks order by block_no"
        return [row[0] for row in self.rows(query)]

    def verify_ledger(self, *kept: Digest) -> Report:
        """Compute the ledger anew outside of the database, and compare it with the digests."""
        with psycopg.connect(self.dsn) as db:
            return Verifier(Tables(db), kept=[Kept(digest) for digest in kept]).run()

    def findings(self) -> dict[str, str]:
        """Return what doctor warns of and calls a failure, with its detail."""
        return {
            found.what: found.detail
            for found in diagnose(self.dsn)
            if found.level in {"warning", "failure"} and found.what not in ALWAYS
        }


@contextmanager
def later_cluster(settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Start a cluster that is younger than what was made before: its age is known to the second."""
    time.sleep(1.1)
    with temporary_cluster(settings) as cluster:
        yield cluster


def run(
    server: Postgres, program: str, *arguments: str, as_server: bool = False, cwd: str = "/"
) -> subprocess.CompletedProcess[str]:
    """Run one of the server's programs; ``as_server`` as the user that the server runs as."""
    options = server.account.spawn_options() if as_server else {}
    return subprocess.run(
        [server.installation.program(program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        **options,
    )


def dump_roles(server: Postgres, file: Path) -> None:
    """Write the roles to a file, without the superuser, as the how-to says."""
    dumped = run(server, "pg_dumpall", "--roles-only", "--dbname", server.dsn()).stdout
    kept = [line for line in dumped.splitlines() if "ROLE postgres" not in line]
    file.write_text("\n".join(kept))


def restore_roles(server: Postgres, file: Path) -> None:
    """Make the roles of a file, the first step of every restore."""
    done = run(server, "psql", "--quiet", "--dbname", server.dsn(), "--file", str(file))
    assert (done.returncode, done.stderr) == (0, "")


def check_whole(shop: Shop, contents: Sequence[str], *kept: Digest) -> None:
    """Check that everything is there and well, and that life goes on."""
    assert shop.contents() == list(contents)
    assert verify(shop.dsn) == []
    report = shop.verify_ledger(*kept)
    assert (report.problems, report.digests_agreed) == ([], len(kept))
    shop.remember("Written after the recovery.")
    head = shop.seal()
    assert head.block_no == shop.verify_ledger(*kept, head).blocks
    assert shop.rows("select * from memoriesdb.verify_ledger()") == []
    assert shop.as_alice("select * from memoriesdb.verify_memories()") == []
    violin = "select content from memoriesdb.recall('violin')"
    assert shop.as_alice(violin)[0] == ("The violin is in the attic.",)
    # What waited to be indexed still waits, and is found all the same.
    assert shop.rows("select memoriesdb.index_memories()") != [(0,)]
    indexed = "select count(*) from memoriesdb.memory_documents where is_indexed"
    assert shop.rows(indexed) == [(len(contents) + 1,)]
    assert shop.as_alice(violin)[0] == ("The violin is in the attic.",)
