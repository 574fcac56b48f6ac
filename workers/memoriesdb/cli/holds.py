"""The commands for legal holds: place, release, list."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from memoriesdb.cli.admin_db import Dsn, admin_connection, rows
from memoriesdb.console import Commands, fail, write, write_table
from memoriesdb.queries import load
from memoriesdb.queries.erasure import Hold
from memoriesdb.queries.loader import Query

app = Commands(help="Legal holds: what is held is neither forgotten, deleted nor erased.")

place_hold: Query[UUID] = load("client/hold", UUID)
release_hold: Query[bool] = load("client/release", bool)
list_holds: Query[Hold] = load("erasure/list_holds", Hold)
find_user: Query[UUID] = load("erasure/find_user", UUID)

LOOK = "look with `memoriesdb hold list` before you run it again."


@app.command(
    examples=(
        "memoriesdb hold place ada 'case 12'",
        "memoriesdb hold place 01a1fc3c-bf95-7d0a-8b48-d9791d5a5dba 'case 12'",
    )
)
def place(
    subject: Annotated[str, typer.Argument(help="Name of a user, or id of a user or a memory.")],
    reason: Annotated[str, typer.Argument(help="Why: up to 1000 characters.")],
    dsn: Dsn = None,
) -> None:
    """Hold a memory, or all that a user has, and print the hold's id."""
    with admin_connection(dsn, LOOK) as db:
        found = rows(db, find_user, username=subject)
        if not found and not _is_id(subject):
            fail(f"nobody has the name {subject!r}", "`memoriesdb user list` shows the names.")
        subject_id = found[0] if found else UUID(subject)
        (hold_id,) = rows(db, place_hold, subject_id=subject_id, reason=reason)
    typer.echo(hold_id)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@app.command(examples=("memoriesdb hold release 01a1fc3c-bf95-7d0a-8b48-d9791d5a5dba",))
def release(
    hold_id: Annotated[UUID, typer.Argument(metavar="ID", help="Id of the hold.")],
    dsn: Dsn = None,
) -> None:
    """End a hold."""
    with admin_connection(dsn, LOOK) as db:
        (released,) = rows(db, release_hold, hold_id=hold_id)
    if not released:
        fail(f"there is no hold {hold_id}", "`memoriesdb hold list` shows the holds.")
    write(f"{hold_id} is released.")


@app.command("list", examples=("memoriesdb hold list --json",))
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    dsn: Dsn = None,
) -> None:
    """List the holds, oldest first."""
    with admin_connection(dsn) as db:
        found = rows(db, list_holds)
    if as_json:
        typer.echo(json.dumps([asdict(hold) for hold in found], indent=2, default=str))
        return
    if not found:
        write("Nothing is held.")
        return
    head = ("id", "owner", "memory", "by", "since", "reason")
    write_table(head, [_row(hold) for hold in found])


def _row(hold: Hold) -> tuple[str, ...]:
    memory = str(hold.memory_id) if hold.memory_id else "all"
    since = f"{hold.placed_at:%Y-%m-%d %H:%M}"
    owner = hold.owner or str(hold.owner_id)
    return str(hold.id), owner, memory, hold.placed_by_login, since, hold.reason
