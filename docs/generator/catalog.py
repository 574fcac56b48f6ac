"""What the database says of itself: the rows that the pages of the reference are made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

QUERIES = Path(__file__).with_name("queries")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Relation:
    """A table or view."""

    schema: str
    name: str
    kind: str
    comment: str | None
    is_forced: bool
    is_partitioned: bool
    is_unlogged: bool


@dataclass(frozen=True)
class Column:
    """A column of a table or view."""

    relation: str
    name: str
    type: str
    is_not_null: bool
    default_value: str | None
    comment: str | None


@dataclass(frozen=True)
class Part:
    """A constraint, index, trigger or policy of a table."""

    relation: str
    kind: str
    name: str
    definition: str
    comment: str | None


@dataclass(frozen=True)
class Function:
    """A function and who may call it."""

    schema: str
    name: str
    identity_arguments: str
    arguments: str
    result: str
    is_trigger: bool
    is_definer: bool
    language: str
    owner: str
    comment: str | None
    callers: list[str]

    @property
    def is_internal(self) -> bool:
        """Whether it is meant for the database's own functions."""
        return self.name.startswith("_") or self.schema != "memoriesdb"


@dataclass(frozen=True)
class Privilege:
    """What a role may do with a table: with all of it, or with some columns."""

    role: str
    relation: str
    privilege: str
    columns: str | None


@dataclass(frozen=True)
class Setting:
    """A setting of the database."""

    key: str
    default_value: str
    minimum: str | None
    maximum: str | None
    description: str


@dataclass(frozen=True)
class Catalog:
    """All of it."""

    relations: list[Relation]
    columns: list[Column]
    parts: list[Part]
    functions: list[Function]
    privileges: list[Privilege]
    settings: list[Setting]


def read(dsn: str) -> Catalog:
    """Ask a database in which this release is installed, as its superuser."""
    with psycopg.connect(dsn) as db:
        # Names are then written with their schema, the same wherever the session started.
        db.execute("set local search_path = pg_catalog")
        return Catalog(
            _rows(db, "relations", Relation),
            _rows(db, "columns", Column),
            _rows(db, "parts", Part),
            _rows(db, "functions", Function),
            _rows(db, "privileges", Privilege),
            _rows(db, "settings", Setting),
        )


def uncommented(dsn: str) -> list[str]:
    """Return what has no comment."""
    with psycopg.connect(dsn) as db:
        return [str(row[0]) for row in db.execute((QUERIES / "uncommented.sql").read_bytes())]


def _rows(db: psycopg.Connection[Any], name: str, row: type[Row]) -> list[Row]:
    with db.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute((QUERIES / f"{name}.sql").read_bytes()).fetchall()
