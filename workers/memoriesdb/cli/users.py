"""The commands for users: create, list, deactivate."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import psycopg
import typer
from psycopg import Connection

from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import Commands, errors, fail, given_dsn, write, write_table
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query, Row
from memoriesdb.queries.users import User

app = Commands(help="Make, list and deactivate users, as a member of memoriesdb_admin.")

NEEDED = "connect as a member of memoriesdb_admin: `grant memoriesdb_admin to …`."

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

create_user: Query[str] = load("users/create", str)
deactivate_user: Query[bool] = load("users/deactivate", bool)
list_users: Query[User] = load("users/list", User)


@contextlib.contextmanager
def _connection(dsn: str | None) -> Iterator[Connection[Any]]:
    with errors(needed=NEEDED, calls_schema=True):
        where = dsn or cluster_dsn(Instance.locate("default", None), "admin")
        with psycopg.connect(where, prepare_threshold=None, connect_timeout=10) as db:
            yield db


def _rows(db: Connection[Any], query: Query[Row], **parameters: object) -> list[Row]:
    with db.cursor(row_factory=query.row_factory) as cursor:
        return cursor.execute(query.sql, parameters or None).fetchall()


@app.command(examples=("memoriesdb user create ada --role user",))
def create(
    username: Annotated[str, typer.Argument(help="Unique name.")],
    email: Annotated[str | None, typer.Option(help="E-mail address, if wanted.")] = None,
    role: Annotated[
        str, typer.Option(help="admin, user, service, or viewer (reads only).")
    ] = "user",
    dsn: Dsn = None,
) -> None:
    """Make a user and print the id."""
    with _connection(dsn) as db:
        (user_id,) = _rows(db, create_user, username=username, email=email, role=role)
    typer.echo(user_id)


@app.command("list", examples=("memoriesdb user list --json",))
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    dsn: Dsn = None,
) -> None:
    """List the users, active ones first."""
    with _connection(dsn) as db:
        found = _rows(db, list_users)
    if as_json:
        typer.echo(json.dumps([asdict(user) for user in found], indent=2, default=_as_text))
        return
    if not found:
        write("There are no users yet.\n  what to do next: `memoriesdb user create NAME`.")
        return
    write_table(("id", "name", "role", "active", "login", "since"), [_row(user) for user in found])


def _row(user: User) -> tuple[str, ...]:
    active = "yes" if user.is_active else "no"
    since = f"{user.created_at:%Y-%m-%d %H:%M}"
    return str(user.id), user.username, user.role, active, user.db_role or "", since


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@app.command(examples=("memoriesdb user deactivate ada",))
def deactivate(
    username: Annotated[str, typer.Argument(help="Name of the user.")],
    dsn: Dsn = None,
) -> None:
    """Let no session act as this user any more; the memories stay."""
    with _connection(dsn) as db:
        found = _rows(db, deactivate_user, username=username)
    if not found:
        fail(f"nobody has the name {username!r}", "`memoriesdb user list` shows the names.")
    write(f"{username} is deactivated." if found[0] else f"{username} was inactive already.")
