"""What the commands of an admin share: the option --dsn, the connection, one query."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import psycopg
import typer
from psycopg import Connection

from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import errors, fail, given_dsn
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query, Row

NEEDED = (
    "connect as a member of memoriesdb_admin (--dsn, MEMORIESDB_ADMIN_DSN), "
    "or make this login one: `grant memoriesdb_admin to …`."
)
LOOK = "look whether it was done before you run it again."

may_administer: Query[bool] = load("users/may_administer", bool)
find_user: Query[str] = load("erasure/find_user", str)

Dsn = Annotated[
    str | None,
    typer.Option(
        "--dsn",
        metavar="DSN",
        envvar="MEMORIESDB_ADMIN_DSN",
        show_envvar=True,
        callback=given_dsn,
        help="Database, as a member of memoriesdb_admin. Default: the running private cluster.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@contextlib.contextmanager
def connection(dsn: str | None, look: str = LOOK) -> Iterator[Connection[Any]]:
    """Open a transaction as an admin, committed at the end; errors become two lines.

    ``look`` says where to look where it is not known whether that was done.
    """
    with errors(needed=NEEDED, calls_schema=True) as ending:
        where = dsn or cluster_dsn(Instance.locate("default", None), "admin")
        with psycopg.connect(where, prepare_threshold=None, connect_timeout=10) as db:
            yield db
            ending.look = look


@contextlib.contextmanager
def admin_connection(dsn: str | None, look: str = LOOK) -> Iterator[Connection[Any]]:
    """Open a transaction as ``connection`` does, of a login that may administer and no other."""
    with connection(dsn, look) as db:
        if rows(db, may_administer) != [True]:
            fail(f"the login {db.info.user} may not administer [MD004]", NEEDED)
        yield db


def check_names(db: Connection[Any], *names: str) -> None:
    """End the command where nobody has one of the names."""
    for name in names:
        if not rows(db, find_user, username=name):
            fail(f"nobody has the name {name!r}", "`memoriesdb user list` shows the names.")


def rows(db: Connection[Any], query: Query[Row], **parameters: object) -> list[Row]:
    """Run a query and return its rows."""
    with db.cursor(row_factory=query.row_factory) as cursor:
        return cursor.execute(query.sql, parameters or None).fetchall()


def as_text(value: object) -> str:
    """Return what JSON has no type for as a text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def minutes(time: datetime | None) -> str:
    """Return a time for a table, or a dash."""
    return "-" if time is None else f"{time:%Y-%m-%d %H:%M}"
