"""Install and upgrade: one transaction, under a lock, and only what has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import Connection

from memoriesdb.installer import database, steps
from memoriesdb.installer.drift import Drift, definitions, find_drift, installed_bodies
from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.migrate import head, is_shipped, migrate
from memoriesdb.installer.sources import Target, left_out, replaceable, shipped_body

Report = Callable[[str], None]


@dataclass
class InstallReport:
    """What an install did: the migration it came to, and the files that it applied.

    ``repaired`` and ``different`` name what somebody had changed since the last install: objects
    that are as shipped again, and such as no file makes anew, which `verify` goes on to name.
    ``left_out`` names the files of what only a superuser can make, where the login was none.
    """

    revision: str
    applied: list[str] = field(default_factory=list)
    is_first: bool = False
    repaired: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """False where everything was there already."""
        return bool(self.applied)


def install(dsn: str, *, plpython: bool = True, report: Report | None = None) -> InstallReport:
    """Install into an existing database, or bring it to this release.

    ``dsn`` is a superuser's, or without PL/Python that of a login with CREATEROLE that owns the
    database. Without PL/Python recall works with words and given vectors. Raises InstallError
    where the server is not fit for it; then nothing was changed.
    """
    with database.transaction(dsn) as (connection, db):
        found = _begin(db)
        if plpython and not found.is_superuser:
            raise InstallError(
                "PL/Python needs a superuser, which this login is not",
                "give --without-plpython: recall then goes by words and given vectors.",
            )
        if plpython and not found.has_plpython:
            raise InstallError(
                "the server has no extension plpython3u",
                "install postgresql-plpython3-NN on the server's machine, or give "
                "--without-plpython.",
            )
        target = replace(Target(), plpython=plpython, superuser=found.is_superuser)
        _execute(db, steps.bootstrap(target), None)
        target = database.target_of(db, found, plpython=plpython)
        done = InstallReport(revision=head(), is_first=not found.is_installed)
        done.left_out = left_out(target)
        drift = find_drift(db)
        for step in steps.lend(target):
            _execute(db, step, None)
        if not found.is_installed or _revision(db) != done.revision:
            migrate(connection, target)
            done.applied.append(f"migrations to {done.revision}")
        present = {row.path: row.sha256 for row in database.rows(db, steps.installed_modules)}
        for step in steps.modules(present):
            _execute(db, step, report)
            done.applied.append(step.name)
        present = {row.path: row.sha256 for row in database.rows(db, steps.installed_objects)}
        as_recorded = not drift.identities and _bodies_are_shipped(db, target, present)
        if not done.is_first and not as_recorded:
            # Somebody changed something: whatever a file can make anew is made anew.
            present = dict.fromkeys(present, b"")
        for step in steps.objects(target, present):
            _execute(db, step, report)
            done.applied.append(step.name)
        for step in steps.finish(target):
            _execute(db, step, None)
        if not done.is_first:
            _settle(db, drift, done)
    return done


def _bodies_are_shipped(db: Connection[Any], target: Target, present: Mapping[str, bytes]) -> bool:
    """Whether each function whose file is not to be applied anyway has the body of its file."""
    applied = [f for f in replaceable(target) if present.get(f.name) == f.sha256(target)]
    bodies = installed_bodies(db)
    shipped = filter(None, (shipped_body(file.rendered(target)) for file in applied))
    return all(bodies.get(name) == body.encode() for name, body in shipped)


def _settle(db: Connection[Any], drift: Drift, done: InstallReport) -> None:
    """Report what had been changed, and keep the record of what is so still."""
    for (kind, identity), recorded in drift.untouched(definitions(db)):
        step = steps.still_different(kind, identity, recorded)
        _execute(db, step, None)
        done.different.append(step.name)
    names = [f"{kind} {identity}" for kind, identity in drift.identities]
    done.repaired = [name for name in names if name not in done.different]


def upgrade(dsn: str, *, report: Report | None = None) -> InstallReport:
    """Bring an installed database to this release, with PL/Python where the extension is there."""
    with database.transaction(dsn) as (_, db):
        found = _begin(db)
        if not found.is_installed:
            raise InstallError(
                "MemoriesDB is not installed in this database", "run `memoriesdb install DSN`."
            )
        there = any(row.name == "plpython3u" for row in database.rows(db, database.extensions))
        plpython = there and found.is_superuser
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
