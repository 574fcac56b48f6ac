"""Install and upgrade: one transaction, under a lock, and only what has changed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import Connection

from memoriesdb.installer import database, steps
from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.migrate import head, is_shipped, migrate
from memoriesdb.installer.sources import Target

Report = Callable[[str], None]


@dataclass
class InstallReport:
    """What an install did: the migration it came to, and the files that it applied."""

    revision: str
    applied: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """False where everything was there already."""
        return bool(self.applied)


def install(dsn: str, *, plpython: bool = True, report: Report | None = None) -> InstallReport:
    """Install into an existing database, or bring it to this release.

    ``dsn`` is a superuser's. Without PL/Python recall works with words and given vectors. Raises
    InstallError where the server is not fit for it; then nothing was changed.
    """
    with database.transaction(dsn) as (connection, db):
        found = _begin(db)
        if plpython and not found.has_plpython:
            raise InstallError(
                "the server has no extension plpython3u",
                "install postgresql-plpython3-NN on the server's machine, or give "
                "--without-plpython.",
            )
        _execute(db, steps.bootstrap(replace(Target(), plpython=plpython)), None)
        target = database.target_of(db, found, plpython=plpython)
        done = InstallReport(revision=head())
        if not found.is_installed or _revision(db) != done.revision:
            migrate(connection, target)
            done.applied.append(f"migrations to {done.revision}")
        present = {row.path: row.sha256 for row in database.rows(db, steps.installed_modules)}
        for step in steps.modules(present):
            _execute(db, step, report)
            done.applied.append(step.name)
        present = {row.path: row.sha256 for row in database.rows(db, steps.installed_objects)}
        for step in steps.objects(target, present):
            _execute(db, step, report)
            done.applied.append(step.name)
        for step in steps.finish(target):
            _execute(db, step, None)
    return done


def upgrade(dsn: str, *, report: Report | None = None) -> InstallReport:
    """Bring an installed database to this release, with PL/Python where the extension is there."""
    with database.transaction(dsn) as (_, db):
        found = _begin(db)
        if not found.is_installed:
            raise InstallError(
                "MemoriesDB is not installed in this database", "run `memoriesdb install DSN`."
            )
        plpython = any(row.name == "plpython3u" for row in database.rows(db, database.extensions))
    return install(dsn, plpython=plpython, report=report)


def _begin(db: Connection[Any]) -> database.Facts:
    db.execute(steps.PROLOGUE.encode())
    database.one(db, steps.lock)
    return database.ask_facts(db)


def _revision(db: Connection[Any]) -> str:
    found = database.one(db, steps.revision)
    if not is_shipped(found):
        raise InstallError(
            f"the database is at revision {found}, which this package does not know",
            "install the package's version that the database was upgraded with, or a newer one.",
        )
    return found


def _execute(db: Connection[Any], step: steps.Step, report: Report | None) -> None:
    if report is not None:
        report(step.name)
    try:
        db.execute(step.sql.encode())
    except Exception as error:
        error.add_note(f"while applying {step.name}")
        raise
