"""The commands for users: create, list, deactivate, reactivate, assign, unassign."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from memoriesdb.cli.admin_db import (
    AsJson,
    Dsn,
    admin_connection,
    as_text,
    check_names,
    minutes,
    rows,
)
from memoriesdb.console import Commands, write, write_table
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query
from memoriesdb.queries.users import User

app = Commands(help="Make, list and deactivate users, and assign services, as an admin.")

create_user: Query[str] = load("users/create", str)
deactivate_user: Query[bool] = load("users/deactivate", bool)
reactivate_user: Query[bool] = load("users/reactivate", bool)
assign_service: Query[bool] = load("users/assign", bool)
unassign_service: Query[bool] = load("users/unassign", bool)
list_users: Query[User] = load("users/list", User)

LOOK = "look with `memoriesdb user list` before you run it again."
AGAIN = "run it again: it says whether that was so already."


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
    with admin_connection(dsn, LOOK) as db:
        (user_id,) = rows(db, create_user, username=username, email=email, role=role)
    typer.echo(user_id)


@app.command("list", examples=("memoriesdb user list --json",))
def list_(
    as_json: AsJson = False,
    dsn: Dsn = None,
) -> None:
    """List the users, active ones first."""
    with admin_connection(dsn) as db:
        found = rows(db, list_users)
    if as_json:
        typer.echo(json.dumps([asdict(user) for user in found], indent=2, default=as_text))
        return
    if not found:
        write("There are no users yet.\n  what to do next: `memoriesdb user create NAME`.")
        return
    write_table(("id", "name", "role", "active", "login", "since"), [_row(user) for user in found])


def _row(user: User) -> tuple[str, ...]:
    active = "yes" if user.is_active else "no"
    since = minutes(user.created_at)
    return str(user.id), user.username, user.role, active, user.db_role or "", since


@app.command(examples=("memoriesdb user deactivate ada",))
def deactivate(
    username: Annotated[str, typer.Argument(help="Name of the user.")],
    dsn: Dsn = None,
) -> None:
    """Let no session act as this user any more; the memories stay."""
    with admin_connection(dsn, AGAIN) as db:
        check_names(db, username)
        (done,) = rows(db, deactivate_user, username=username)
    write(f"{username} is deactivated." if done else f"{username} was inactive already.")


@app.command(examples=("memoriesdb user reactivate ada",))
def reactivate(
    username: Annotated[str, typer.Argument(help="Name of the user.")],
    dsn: Dsn = None,
) -> None:
    """Undo deactivate: tokens that were not revoked open sessions again."""
    with admin_connection(dsn, AGAIN) as db:
        check_names(db, username)
        (done,) = rows(db, reactivate_user, username=username)
    write(f"{username} is active again." if done else f"{username} was active already.")


Service = Annotated[str, typer.Argument(help="Name of a user with the role service.")]
Assigned = Annotated[str, typer.Argument(help="Name of the user for whom it may act.")]


@app.command(examples=("memoriesdb user assign mailer ada",))
def assign(service: Service, username: Assigned, dsn: Dsn = None) -> None:
    """Let a service act for a user, in its own name and within its token's scopes."""
    with admin_connection(dsn, AGAIN) as db:
        check_names(db, service, username)
        (done,) = rows(db, assign_service, service=service, username=username)
    write(f"{service} {'may act' if done else 'could act already'} for {username}.")


@app.command(examples=("memoriesdb user unassign mailer ada",))
def unassign(service: Service, username: Assigned, dsn: Dsn = None) -> None:
    """Let a service act for a user no more, from its next transaction on."""
    with admin_connection(dsn, AGAIN) as db:
        check_names(db, service, username)
        (done,) = rows(db, unassign_service, service=service, username=username)
    write(f"{service} {'acts' if done else 'did not act'} for {username}{' no more' * done}.")
