"""Is this login as weak as it must be, and is this database healthy?

Two uses. With an application's DSN it looks at that login, at its way to the server, and at what of
the database the login can see; with a superuser's DSN, or that of the login that installed, at the
whole database.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from memoriesdb.installer import database
from memoriesdb.installer.ask import Login, groups_of_login, run
from memoriesdb.installer.checks import ADMIN, DATABASE
from memoriesdb.installer.endpoint import ActiveModel, ask_endpoint
from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.findings import LEVELS, Detail, Finding, judge
from memoriesdb.installer.kept_digest import about_digest, no_digest
from memoriesdb.installer.login import about_login
from memoriesdb.installer.pooler_console import about_console, ask_console
from memoriesdb.installer.pooling import about_pool, connect, statement_pooling
from memoriesdb.installer.verify import verify
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

APP = "memoriesdb_app"

_prologue: Query[str] = load("installer/doctor/prologue", str)
_login: Query[Login] = load("installer/doctor/login", Login)
_leftovers: Query[Detail] = load("installer/doctor/leftovers", Detail)
_is_mapped: Query[bool] = load("installer/doctor/is_mapped", bool)
_active_model: Query[ActiveModel] = load("installer/doctor/active_model", ActiveModel)


def diagnose(
    dsn: str,
    *,
    application: bool | None = None,
    console: str | None = None,
    digest: Path | None = None,
) -> list[Finding]:
    """Return what was found, the worst first; ok findings say what was looked at.

    ``application`` says whether the DSN is an application's, so that a superuser in it is a
    failure; by default every login is taken for one but a superuser and who installed. ``console``
    is the DSN of a login that may ask PgBouncer for its configuration; by default the login itself
    tries. ``digest`` is a file of digests that was kept outside. Nothing in the database is
    changed, and what the login cannot see is skipped and said.
    """
    models: list[ActiveModel] | None = None
    with connect(dsn) as db:
        try:
            db.execute(_prologue.sql)
        except psycopg.errors.ProtocolViolation as error:
            return [statement_pooling(error)]
        left = database.rows(db, _leftovers)
        me = database.one(db, _login)
        pooled = db.info.backend_pid != me.backend_pid
        is_app = APP in groups_of_login(db)
        is_mapped = me.is_installed and is_app and _is_somebody(db)
        if application is None:
            application = not me.administers
        found = [*about_login(db, me, left)] if application else [_administrator(me)]
        if me.is_installed:
            # A superuser reads nothing that another login could have replaced; verify says so.
            if not (me.is_superuser and me.weak_installer):
                found += _about_database(db, me)
                models = _models(db, me)
        else:
            found.append(
                Finding(
                    "failure",
                    "MemoriesDB is not installed in this database",
                    me.database,
                    "run `memoriesdb install DSN` as a superuser, or name another database.",
                )
            )
    if me.administers and me.is_installed:
        found.append(_verified(dsn))
    if digest is not None:
        found.append(about_digest(dsn, digest))
    elif me.administers and me.is_installed:
        found.append(no_digest())
    # After the transaction, which is not to be held open by what answers slowly.
    if models is not None:
        found.append(_endpoint(models))
    found.append(
        Finding("ok", "connected through a pool" if pooled else "connected to the server itself")
    )
    if pooled:
        found += about_pool(dsn, is_app=is_app, is_mapped=is_mapped)
    if pooled or console is not None:
        found += _about_console(console or dsn, me.database, asked=console is not None)
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def _is_somebody(db: Connection[Any]) -> bool:
    """Whether the login is a user without naming one; where that cannot be told, it may be."""
    try:
        with db.transaction():
            return database.one(db, _is_mapped)
    except psycopg.DatabaseError:
        return True


def _administrator(me: Login) -> Finding:
    who = "is a superuser" if me.is_superuser else "installed and is no superuser"
    return Finding(
        "ok",
        f"{me.login} {who}: the database is looked at",
        ""
        if me.is_superuser
        else "PL/Python and PgBouncer's look-up, which need one, are left out",
        hint="no application may connect like this: give its own DSN to `memoriesdb doctor`.",
    )


def _about_database(db: Connection[Any], me: Login) -> Iterator[Finding]:
    groups = {*groups_of_login(db)}
    skipped = [] if me.administers else ["comparison with the release (verify)"]
    for check in DATABASE:
        if check.visible_to(groups, is_superuser=me.is_superuser):
            try:
                with db.transaction():
                    found = run(db, check)
                yield found
                continue
            except psycopg.errors.InsufficientPrivilege:
                pass
            except psycopg.DatabaseError as error:
                yield _unseen(check.good, error)
                continue
        skipped.append(check.good)
    if skipped:
        yield Finding(
            "skipped",
            f"not looked at, since {me.login} cannot see it",
            "; ".join(skipped),
            "give a superuser's DSN for all checks; where there is none, an admin's for most.",
        )


def _about_console(dsn: str, name: str, *, asked: bool) -> list[Finding]:
    console = ask_console(dsn)
    if console is not None:
        return [*about_console(console, name=name)]
    return [
        Finding(
            "failure" if asked else "skipped",
            "PgBouncer's configuration was not looked at: this login may not ask its console",
            hint="give `--console` the DSN of a login in its stats_users.",
        )
    ]


def _models(db: Connection[Any], me: Login) -> list[ActiveModel] | None:
    """Return the active model, if there is one; None where the login may not see its address."""
    if not (me.is_superuser or ADMIN in groups_of_login(db)):
        return None
    try:
        with db.transaction():
            return database.rows(db, _active_model)
    except psycopg.DatabaseError:
        return None  # what is broken there is named by the other checks


def _endpoint(models: list[ActiveModel]) -> Finding:
    if not models:
        return Finding("ok", "no embedding model is active: recall goes by words")
    error = ask_endpoint(models[0])
    if error is None:
        return Finding("ok", "the embedding endpoint answers from here")
    return Finding(
        "warning",
        "the embedding endpoint does not answer from here as it must",
        f"{models[0].name} at {models[0].endpoint}: {error}",
        "start it, or register its new address with register_embedding_model(); where it wants a "
        "key, or only the server and the workers reach it, ask from there.",
    )


def _verified(dsn: str) -> Finding:
    what = "what is installed cannot be compared with this release"
    try:
        differences = [Detail(f"{d.what} {d.kind} {d.name}") for d in verify(dsn)]
    except InstallError as error:
        return Finding("failure", what, error.message, error.hint)
    except psycopg.DatabaseError as error:
        return _unseen(what, error)
    return judge(
        "failure",
        "what is installed is not what this release ships",
        "what is installed is what this release ships",
        differences,
        "`memoriesdb verify DSN` lists all; `memoriesdb upgrade DSN` applies this release. What is "
        "still there after it, somebody has changed.",
    )


def _unseen(what: str, error: psycopg.DatabaseError) -> Finding:
    return Finding(
        "failure",
        f"could not be looked at: {what}",
        error.diag.message_primary or str(error),
        "repair what the other findings name, then ask again.",
    )
