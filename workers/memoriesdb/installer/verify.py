"""Is what is installed what is shipped?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from memoriesdb.installer import database, steps
from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.migrate import head
from memoriesdb.installer.sources import (
    LOADER,
    Target,
    python_modules,
    replaceable,
    shipped_body,
)
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query


@dataclass(frozen=True)
class Difference:
    """One object that is not as shipped: missing, changed or unknown."""

    what: str
    kind: str
    name: str


@dataclass(frozen=True)
class Body:
    """A function of the database and its text."""

    name: str
    body: str


function_bodies: Query[Body] = load("installer/function_bodies", Body)

# Made by the hour as the audit grows, and not by an install.
_PARTITION = re.compile(r"\baudit_(log|payloads)_\d{6}")


def verify(dsn: str) -> list[Difference]:
    """Compare a database with this release; an empty list says that they agree.

    Three comparisons: files that were applied with files that are shipped; the catalogue with what
    it said at the end of the install; and each function's body with its file, which trusts no
    record. Raises InstallError where MemoriesDB is not installed.
    """
    with database.transaction(dsn) as (_, db):
        db.execute(steps.PROLOGUE.encode())
        found = database.ask_facts(db)
        if not found.is_installed:
            raise InstallError(
                "MemoriesDB is not installed in this database", "run `memoriesdb install DSN`."
            )
        objects = {row.path: row.sha256 for row in database.rows(db, steps.installed_objects)}
        target = database.target_of(db, found, plpython=LOADER in objects)
        return sorted(
            set(_differences(db, target, objects)), key=lambda d: (d.kind, d.name, d.what)
        )


def _differences(
    db: Connection[Any], target: Target, objects: Mapping[str, bytes]
) -> Iterator[Difference]:
    installed = database.one(db, steps.revision)
    if installed != head():
        yield Difference("changed", "migration", f"{installed}, shipped is {head()}")
    yield from _compare(
        "file",
        {file.name: file.sha256(target) for file in replaceable(target)},
        objects,
    )
    yield from _compare(
        "python module",
        {name: sha256 for name, _, sha256 in python_modules()},
        {row.path: row.sha256 for row in database.rows(db, steps.installed_modules)},
    )
    recorded = {
        (d.kind, d.identity): d.sha256 for d in database.rows(db, steps.recorded_definitions)
    }
    present = {(d.kind, d.identity): d.sha256 for d in database.rows(db, steps.definitions)}
    for kind in {kind for kind, _ in recorded | present}:
        yield from _compare(
            kind,
            {name: sha256 for (k, name), sha256 in recorded.items() if k == kind},
            {name: sha256 for (k, name), sha256 in present.items() if k == kind},
        )
    yield from _compare("function body", _shipped_bodies(target), _installed_bodies(db))


def _shipped_bodies(target: Target) -> dict[str, bytes]:
    found = (shipped_body(file.rendered(target)) for file in replaceable(target))
    return {name: body.encode() for name, body in filter(None, found)}


def _installed_bodies(db: Connection[Any]) -> dict[str, bytes]:
    return {row.name: row.body.encode() for row in database.rows(db, function_bodies)}


def _compare(
    kind: str, expected: Mapping[str, bytes], present: Mapping[str, bytes]
) -> Iterator[Difference]:
    for name in expected.keys() - present.keys():
        yield Difference("missing", kind, name)
    for name in present.keys() - expected.keys():
        if not _PARTITION.search(name):
            yield Difference("unknown", kind, name)
    for name in expected.keys() & present.keys():
        if expected[name] != present[name]:
            yield Difference("changed", kind, name)
