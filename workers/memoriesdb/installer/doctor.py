"""Is this login as weak as it must be, and is this database healthy?

Two uses. With an application's DSN it looks at that login, and at what of the database the login
can see; with a superuser's DSN, or that of the login that installed, at the whole database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg import Connection

from memoriesdb.installer import database
from memoriesdb.installer.checks import ADMIN, DATABASE, LOGIN, Check, Detail
from memoriesdb.installer.endpoint import ActiveModel, ask_endpoint
from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.verify import verify
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

Level = Literal["ok", "skipped", "warning", "failure"]
SHOWN = 10


@dataclass(frozen=True)
class Finding:
    """What one check found: how bad it is, what, where exactly, and what to do next.

    ``skipped`` stands for what this login cannot look at, which may be well or not.
    """

    level: Level
    what: str
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Login:
    """Who the connection is, as the server sees it."""

    login: str
    is_superuser: bool
    bypasses_rls: bool
    creates_roles: bool
    replicates: bool
    backend_pid: int
    is_installed: bool
    is_installer: bool
    weak_installer: str | None
    database: str

    @property
    def administers(self) -> bool:
        """Whether no application logs in like this: a superuser, or who installed."""
        return self.is_superuser or self.is_installer


_prologue: Query[str] = load("installer/doctor/prologue", str)
_login: Query[Login] = load("installer/doctor/login", Login)
_leftovers: Query[Detail] = load("installer/doctor/leftovers", Detail)
_groups: Query[Detail] = load("installer/doctor/groups", Detail)
_active_model: Query[ActiveModel] = load("installer/doctor/active_model", ActiveModel)


def diagnose(dsn: str, *, application: bool | None = None) -> list[Finding]:
    """Return what was found, the worst first; ok findings say what was looked at.

    ``application`` says whether the DSN is an application's, so that a superuser in it is a
    failure; by default every login is taken for one but a superuser and who installed. Nothing is
    changed, and what the login cannot see is skipped and said.
    """
    models: list[ActiveModel] | None = None
    with psycopg.connect(
        dsn, connect_timeout=10, application_name="memoriesdb doctor", prepare_threshold=None
    ) as db:
        db.execute(_prologue.sql)
        left = database.rows(db, _leftovers)
        me = database.one(db, _login)
        if application is None:
            application = not me.administers
        found = [*_about_login(db, me, left)] if application else [_administrator(me)]
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
    # After the transaction, which is not to be held open by an endpoint that is slow.
    if models is not None:
        found.append(_endpoint(models))
    order = ("failure", "warning", "skipped", "ok")
    return sorted(found, key=lambda finding: order.index(finding.level))


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


def _about_login(db: Connection[Any], me: Login, left: list[Detail]) -> Iterator[Finding]:
    yield _attributes(me)
    yield _same_user(db, me)
    pooled = db.info.backend_pid != me.backend_pid
    yield Finding("ok", "connected through a pool" if pooled else "connected to the server itself")
    yield _finding(
        "failure",
        "the session had state of another client at its first statement",
        "the session was clean at its first statement",
        left,
        "in a transaction pool use set_user(), transactions and nothing that outlives them; find "
        "the client that sets parameters for the session.",
    )
    if me.is_superuser:
        return  # member of every role, owner of everything: no news besides that
    groups = [row.detail for row in database.rows(db, _groups)]
    if len(groups) == 1:
        yield Finding("ok", f"{me.login} is in {groups[0]}")
    else:
        yield Finding(
            "warning",
            f"{me.login} is in {'more than one' if groups else 'no'} group of MemoriesDB",
            ", ".join(groups),
            "give each login one group: `grant memoriesdb_app to …` for a trusted application, "
            "`memoriesdb_client` for SQL users.",
        )
    for check in LOGIN:
        yield from _run(db, check)


def _attributes(me: Login) -> Finding:
    wrong = {
        "superuser": me.is_superuser,
        "bypassrls": me.bypasses_rls,
        "createrole": me.creates_roles,
        "replication": me.replicates,
    }
    hint = "connect as a login of its own: `create role … login in role memoriesdb_app`"
    if not me.is_superuser:
        hint += f"; or `alter role {me.login} nobypassrls nocreaterole noreplication`"
    return _finding(
        "failure",
        f"{me.login} has attributes with which nothing protects the memories",
        f"{me.login} has no attribute that reaches round row-level security",
        [Detail(name.upper()) for name, has in wrong.items() if has],
        f"{hint}.",
    )


def _same_user(db: Connection[Any], me: Login) -> Finding:
    # PgBouncer's `user=` in a database's line: whoever gets to the pool is that login.
    named = db.info.user
    return _finding(
        "failure",
        "the server sees another login than the one that was named",
        "the server sees the login that was named",
        [Detail(f"named {named}, seen {me.login}")] if named != me.login else [],
        "take `user=` (and `password=`) out of the database's line in pgbouncer.ini.",
    )


def _about_database(db: Connection[Any], me: Login) -> Iterator[Finding]:
    groups = {row.detail for row in database.rows(db, _groups)}
    skipped = [] if me.administers else ["comparison with the release (verify)"]
    for check in DATABASE:
        if check.visible_to(groups, is_superuser=me.is_superuser):
            try:
                with db.transaction():
                    found = [*_run(db, check)]
                yield from found
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


def _models(db: Connection[Any], me: Login) -> list[ActiveModel] | None:
    """Return the active model, if there is one; None where the login may not see its address."""
    groups = {row.detail for row in database.rows(db, _groups)}
    if not (me.is_superuser or ADMIN in groups):
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
    return _finding(
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


def _run(db: Connection[Any], check: Check) -> Iterator[Finding]:
    found = database.rows(db, check.query)
    yield _finding(check.level, check.bad, check.good, found, check.hint)


def _finding(level: Level, bad: str, good: str, found: list[Detail], hint: str) -> Finding:
    if not found:
        return Finding("ok", good)
    shown = ", ".join(row.detail for row in found[:SHOWN])
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return Finding(level, bad, shown + more, hint)
