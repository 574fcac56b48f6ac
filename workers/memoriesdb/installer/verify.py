"""Is what is installed what is shipped?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from memoriesdb.installer import database, steps
from memoriesdb.installer.drift import find_drift, installed_bodies, shipped_bodies
from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.migrate import head
from memoriesdb.installer.sources import (
    LOADER,
    Target,
    python_modules,
    replaceable,
)


@dataclass(frozen=True)
class Difference:
    """One object that is not as shipped: missing, changed or unknown."""

    what: str
    kind: str
    name: str


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
    installed = database.rows(db, steps.revision)
    if installed != [head()]:
        # A copy that was broken off has none.
        names = ", ".join(installed) or "none"
        yield Difference("changed", "migration", f"{names}, shipped is {head()}")
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
    drift = find_drift(db)
    for kind, name in drift.identities:
        if (kind, name) not in drift.found:
            yield Difference("missing", kind, name)
        else:
            known = (kind, name) in drift.recorded
            yield Difference("changed" if known else "unknown", kind, name)
    yield from _compare("function body", shipped_bodies(target), installed_bodies(db))


def _compare(
    kind: str, expected: Mapping[str, bytes], present: Mapping[str, bytes]
) -> Iterator[Difference]:
    for name in expected.keys() - present.keys():
        yield Difference("missing", kind, name)
    for name in present.keys() - expected.keys():
        yield Difference("unknown", kind, name)
    for name in expected.keys() & present.keys():
        if expected[name] != present[name]:
            yield Difference("changed", kind, name)
