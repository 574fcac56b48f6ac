"""Load a named ``.sql`` file of this package, once, together with the type of its rows."""

from dataclasses import dataclass, is_dataclass
from functools import cache
from importlib import resources
from typing import Any, Generic, TypeVar, cast

from psycopg import Cursor
from psycopg.rows import RowFactory, class_row, scalar_row

Row = TypeVar("Row")


@dataclass(frozen=True)
class Query(Generic[Row]):
    """One statement: its name, what its file says about it, its text and its rows' type.

    ``row`` is a dataclass whose fields are the statement's columns, or the type of the one
    column of a statement that gives a single value.
    """

    name: str
    doc: str
    sql: bytes
    row: type[Row]

    @property
    def row_factory(self) -> RowFactory[Row]:
        """psycopg's row factory: the dataclass by column names, or the only column."""
        if is_dataclass(self.row):
            return cast(RowFactory[Row], class_row(self.row))
        return self._scalar

    def _scalar(self, cursor: Cursor[Any]) -> Any:
        return scalar_row(cursor)


def load(name: str, row: type[Row]) -> Query[Row]:
    """Return the query in ``<name>.sql`` of this directory, giving rows of this type."""
    doc, sql = _read(name)
    return Query(name, doc, sql, row)


@cache
def _read(name: str) -> tuple[str, bytes]:
    """Split a file into the comment it begins with and the statement."""
    text = resources.files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    lines = text.strip().splitlines()
    comment = 0
    while comment < len(lines) and lines[comment].startswith("--"):
        comment += 1
    doc = " ".join(line.removeprefix("--").strip() for line in lines[:comment])
    statement = "\n".join(lines[comment:]).strip().removesuffix(";")
    if not doc or not statement:
        raise ValueError(f"{name}.sql needs a comment that says what it does, and a statement")
    return doc, statement.encode()
