"""How does the pool before the server behave? Found out by using it.

Through a pool, one client sets for its session a user that nobody is, and another one looks for
it: so it is seen whether clients share a backend, and whether anything is undone between them. The
mark is taken away again. In a busy pool it may stay in a backend, and changes nothing there: who
sets a user overrides it, and who sets none was nobody before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from memoriesdb.installer import database
from memoriesdb.installer.findings import Finding
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

ATTEMPTS = 8
NET = (
    'PgBouncer: `server_reset_query = RESET app."current_user"; RESET app.session` and '
    "`server_reset_query_always = 1`, as in the template."
)


@dataclass(frozen=True)
class Marked:
    """A backend, and whether it had the mark."""

    backend_pid: int
    is_marked: bool
    now: str | None


_mark: Query[int] = load("installer/doctor/mark_session", int)
_find: Query[Marked] = load("installer/doctor/find_mark", Marked)


def connect(dsn: str, **options: Any) -> Connection[Any]:
    """Connect as doctor does."""
    return psycopg.connect(
        dsn,
        connect_timeout=10,
        application_name="memoriesdb doctor",
        prepare_threshold=None,
        **options,
    )


def statement_pooling(error: psycopg.errors.ProtocolViolation) -> Finding:
    """Say that the pool refuses transactions, as it did at the first statement."""
    return Finding(
        "failure",
        "the pool lends a backend for one statement: no transaction, and so no user, can be",
        error.diag.message_primary or str(error),
        "PgBouncer: `pool_mode = transaction`, in the database's line as well.",
    )


def about_pool(dsn: str, *, is_app: bool, is_mapped: bool) -> Iterator[Finding]:
    """Yield how the pool behind this DSN treats what a client leaves."""
    if is_app and is_mapped:
        # Without a parameter it is somebody: the mark would make it nobody.
        yield Finding(
            "skipped",
            "whether the pool undoes what a client leaves was not tried",
            hint="this login is in memoriesdb_app and mapped to a user: make it one of both.",
        )
    else:
        yield _between_clients(dsn, is_app=is_app)
    yield _parameters_at_start(dsn)


def _between_clients(dsn: str, *, is_app: bool) -> Finding:
    with ExitStack() as stack:
        first, second = (stack.enter_context(connect(dsn, autocommit=True)) for _ in range(2))
        for _ in range(ATTEMPTS):
            marked = database.one(first, _mark)
            seen = database.one(second, _find)
            if seen.backend_pid == marked:
                return _shared(seen, is_app=is_app)
            # Either each client has a backend of its own, or others keep the pool busy.
            if database.one(first, _find).backend_pid != marked:
                _take_back(marked, first, second)
        marked = database.one(first, _mark)
    with connect(dsn, autocommit=True) as third:
        seen = database.one(third, _find)
    return _inherited(seen.is_marked and seen.backend_pid == marked)


def _take_back(marked: int, *clients: Connection[Any]) -> None:
    for _ in range(ATTEMPTS):
        for client in clients:
            if database.one(client, _find).backend_pid == marked:
                return


def _shared(seen: Marked, *, is_app: bool) -> Finding:
    if not seen.is_marked:
        return Finding("ok", "the pool undoes a user that was set for the session")
    if not is_app:
        return Finding("ok", "the pool undoes nothing, and no user of this login is a parameter")
    return Finding(
        "warning",
        "the pool undoes nothing: a user set for the session is the next client's",
        "clients share backends, and a mark of one client reached another",
        f"set users by set_user(), which ends with the transaction; and as a net, {NET}",
    )


def _inherited(is_marked: bool) -> Finding:
    if not is_marked:
        return Finding("ok", "each client has a backend of its own, and leaves nothing in it")
    return Finding(
        "failure",
        "the pool gives a backend to the next client as the last one left it",
        "a client that came later had the mark of one that was gone",
        f"PgBouncer: `server_reset_query = DISCARD ALL` with `pool_mode = session`; or {NET}",
    )


def _parameters_at_start(dsn: str) -> Finding:
    if conninfo_to_dict(dsn).get("options"):
        return Finding("ok", "the pool takes the options that the DSN names")
    try:
        with connect(dsn, autocommit=True, options="-c app.current_user=memoriesdb\\ doctor") as db:
            seen = database.one(db, _find)
    except psycopg.OperationalError:
        return Finding("ok", "the pool refuses parameters at the start of a connection")
    return Finding(
        "warning",
        "the pool takes parameters at the start of a connection"
        + (", and passes them on" if seen.is_marked else ", and drops them"),
        "options=-c app.current_user=… was taken",
        "PgBouncer: neither `options` nor `app.…` in `ignore_startup_parameters` or "
        "`track_extra_parameters`: a client takes for set what is not, or sets a user for all.",
    )
