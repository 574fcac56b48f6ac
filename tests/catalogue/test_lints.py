"""Lints over the catalogue of an installed database, and for each a mutation that it must see.

A lint is a query in lints/ that returns what is wrong, a line each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from catalogue_mutations import MUTATIONS
from psycopg import sql

from acting import Connection
from memoriesdb.cluster import Cluster

LINTS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in Path(__file__).parent.glob("lints/*.sql")
}


@pytest.fixture(scope="module")
def catalogue(cluster: Cluster) -> Iterator[Connection]:
    """A superuser's connection to a fresh installation: what a test changes is rolled back."""
    name = "lints"
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute(
            sql.SQL("create database {} template memoriesdb_template").format(sql.Identifier(name))
        )
        # What an installation does to its database is not cloned with a template.
        db.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
        try:
            with psycopg.connect(cluster.postgres.dsn(name)) as connection:
                yield connection
        finally:
            db.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _problems(db: Connection, lint: str) -> list[str]:
    return [row[0] for row in db.execute(LINTS[lint].encode())]


@pytest.fixture(autouse=True)
def _undo(catalogue: Connection) -> Iterator[None]:
    yield
    catalogue.rollback()


@pytest.mark.parametrize("lint", sorted(LINTS))
def test_the_installed_schema_passes(catalogue: Connection, lint: str) -> None:
    assert _problems(catalogue, lint) == []


@pytest.mark.parametrize(("lint", "mutation"), MUTATIONS)
def test_the_lint_sees(catalogue: Connection, lint: str, mutation: str) -> None:
    before = _problems(catalogue, lint)
    catalogue.execute("set local search_path = memoriesdb, public")
    catalogue.execute(mutation.encode())
    catalogue.execute("reset search_path")
    assert set(_problems(catalogue, lint)) - set(before)


def test_every_lint_has_a_mutation() -> None:
    assert {lint for lint, _ in MUTATIONS} == LINTS.keys()
