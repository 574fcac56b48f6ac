"""Declared tables are migrated tables, and what they are can be read in one file."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from acting import Database
from golden import Golden
from memoriesdb.cluster import Cluster
from memoriesdb.installer import database, migrate, steps
from memoriesdb.installer.sources import MIGRATIONS, Target, tables

from .conftest import Connect, dump

TABLES = ("--no-owner", "--schema=memoriesdb")
RELATIONS = ("--table=memoriesdb.*", "--table=memoriesdb_system.*", "--no-comments")


def test_declared_tables_are_migrated_tables(
    create_database: Callable[..., str], cluster: Cluster, connect: Connect
) -> None:
    declared, migrated = create_database(), create_database()
    for dsn in (declared, migrated):
        connect(dsn).execute(steps.bootstrap(Target()).sql.encode())
    db = connect(declared)
    db.execute("set role memoriesdb_owner")
    for file in tables():
        db.execute(file.rendered(Target()).encode())
    with database.transaction(migrated) as (connection, _):
        migrate.migrate(connection, Target())
    found = dump(cluster, declared, *TABLES)
    assert found == dump(cluster, migrated, *TABLES)
    made = re.findall(r"^CREATE (?:UNLOGGED )?TABLE", found, re.M)
    assert len(made) == len(tables()) + 2, "and the default partitions"


def test_a_table_that_was_declared_and_not_migrated_is_found(
    create_database: Callable[..., str], cluster: Cluster, connect: Connect
) -> None:
    """The comparison can fail: a constraint more, and the dumps differ."""
    dsn = create_database()
    db = connect(dsn)
    db.execute(steps.bootstrap(Target()).sql.encode())
    with database.transaction(dsn) as (connection, _):
        migrate.migrate(connection, Target())
    before = dump(cluster, dsn, *TABLES)
    db.execute("alter table memoriesdb.users add constraint users_x check (username <> 'x')")
    assert dump(cluster, dsn, *TABLES) != before


def test_the_schema_is_the_one_on_file(
    database: Database, cluster: Cluster, golden: Golden
) -> None:
    """Tables, views, policies, triggers and rights; functions are read in sql/."""
    if cluster.postgres.installation.version != 15:
        pytest.skip("the file was written by pg_dump 15; another one words the same otherwise")
    golden.check("schema.sql", _readable(dump(cluster, database.dsn("superuser"), *RELATIONS)))


def _readable(text: str) -> str:
    """A blank line between statements, and one slice of memory_graph instead of sixteen."""
    statements = re.split(r"(?<=;)\n(?=[A-Z])", text)
    slices = re.compile(r"_memory_graph_(?!00)\d\d")
    kept = (s.strip() for s in statements if s.startswith("CREATE VIEW") or not slices.search(s))
    return "\n\n".join(kept) + "\n"


def test_a_released_migration_never_changes() -> None:
    """What the last tag shipped is there as it was, byte by byte."""
    root = MIGRATIONS.parent
    if not (root / ".git").exists():
        pytest.skip("an exported tree has no tags to compare with")
    tag = _git(root, "describe", "--tags", "--abbrev=0", "--match", "v*")
    if tag is None:
        if _git(root, "rev-parse", "--is-shallow-repository") != "false":
            pytest.skip("a shallow clone does not know the last tag")
        return  # nothing is released yet
    listed = _git(root, "ls-tree", "-r", "--name-only", tag, "migrations/versions") or ""
    changed = [
        name
        for name in listed.splitlines()
        if not (root / name).exists()
        or _git(root, "rev-parse", f"{tag}:{name}") != _git(root, "hash-object", name)
    ]
    assert changed == [], f"released in {tag}: write a new migration instead"


def _git(root: Path, *arguments: str) -> str | None:
    done = subprocess.run(
        ["git", "-c", f"safe.directory={root}", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=root,
    )
    return done.stdout.strip() if done.returncode == 0 else None
