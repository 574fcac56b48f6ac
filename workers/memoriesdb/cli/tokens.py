"""The commands for tokens and for the key that signs sessions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import psycopg
import typer
from psycopg.errors import Diagnostic

from memoriesdb.cli.admin_db import (
    AsJson,
    Dsn,
    admin_connection,
    as_text,
    check_names,
    minutes,
    rows,
)
from memoriesdb.console import USAGE, Commands, deliver, fail, write, write_table
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query
from memoriesdb.queries.tokens import Token

app = Commands(help="Issue, list and revoke tokens, as a member of memoriesdb_admin.")
key = Commands(help="The key that signs sessions.")

issue_token: Query[str] = load("tokens/issue", str)
list_tokens: Query[Token] = load("tokens/list", Token)
revoke_token: Query[bool] = load("tokens/revoke", bool)
rotate_key: Query[int] = load("tokens/rotate_key", int)

LOOK = "look with `memoriesdb token list` before you run it again."


@contextlib.contextmanager
def _interval(given: str) -> Iterator[None]:
    try:
        yield
    except (psycopg.errors.InvalidDatetimeFormat, psycopg.errors.DataError):
        fail(f"{given!r} is no length of time", "give such as '30 days' or '8 hours'.", USAGE)


def _warn(notice: Diagnostic) -> None:
    # Beside the token, which a script reads from standard output.
    parts = filter(None, (notice.message_primary, notice.message_detail))
    typer.echo(f"warning: {'. '.join(part.removesuffix('.') for part in parts)}", err=True)
    if notice.message_hint:
        typer.echo(f"  what to do next: {notice.message_hint}", err=True)


@app.command(
    examples=(
        "memoriesdb token issue ada",
        "memoriesdb token issue ada --scopes read --ttl '8 hours' --label 'evening reader'",
    )
)
def issue(
    username: Annotated[str, typer.Argument(metavar="USER", help="Name of its user.")],
    scopes: Annotated[
        str, typer.Option(help="What it may do: read, write, share, admin, with commas between.")
    ] = "read,write",
    ttl: Annotated[
        str, typer.Option(help="How long it is valid: '90 days', '8 hours' (an interval).")
    ] = "30 days",
    label: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    dsn: Dsn = None,
) -> None:
    """Make a token and print it: it is shown this once, and only its hash is kept."""
    wanted = [scope for scope in (part.strip() for part in scopes.split(",")) if scope]
    look = "`memoriesdb token list` tells; the token that was printed is valid if it is there."
    with admin_connection(dsn, look) as db, _interval(ttl):
        check_names(db, username)
        db.add_notice_handler(_warn)
        (token,) = rows(db, issue_token, username=username, ttl=ttl, scopes=wanted, label=label)
        deliver(token, "no token was made; give an output that can be written to.")


@app.command("list", examples=("memoriesdb token list --user ada", "memoriesdb token list --json"))
def list_(
    user: Annotated[str | None, typer.Option("--user", help="Of this user alone.")] = None,
    as_json: AsJson = False,
    dsn: Dsn = None,
) -> None:
    """List the tokens, newest first: never the secret, which nobody has."""
    with admin_connection(dsn) as db:
        if user is not None:
            check_names(db, user)
        found = rows(db, list_tokens, username=user)
    if as_json:
        typer.echo(json.dumps([asdict(token) for token in found], indent=2, default=as_text))
        return
    if not found:
        whose = "" if user is None else f" of {user}"
        next_ = f"`memoriesdb token issue {user or 'USER'}`."
        write(f"There are no tokens{whose}.\n  what to do next: {next_}")
        return
    head = ("id", "user", "scopes", "state", "expires", "used last", "label")
    write_table(head, [_row(token) for token in found])


def _row(token: Token) -> tuple[str, ...]:
    return (
        str(token.id),
        token.username,
        ",".join(token.scopes),
        token.state,
        minutes(token.expires_at),
        minutes(token.last_used_at),
        token.label or "",
    )


@app.command(examples=("memoriesdb token revoke 01a1fc36-a82f-7ea7-80a4-88ea52b0149e",))
def revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="ID", help="Id of the token, as listed.")],
    dsn: Dsn = None,
) -> None:
    """Let a token open no session any more; transactions that are open go on."""
    with admin_connection(dsn, LOOK) as db:
        found = rows(db, revoke_token, token_id=token_id)
    if not found:
        fail(f"there is no token {token_id}", "`memoriesdb token list` shows the ids.")
    write("The token is revoked." if found[0] else "The token was revoked already.")


@key.callback()
def _key() -> None:
    # With a callback typer keeps the command's name, though it is the only one.
    pass


@key.command(examples=("memoriesdb key rotate", "memoriesdb key rotate --grace '0 seconds'"))
def rotate(
    grace: Annotated[
        str,
        typer.Option(help="How long transactions that begin may still meet the former key."),
    ] = "1 minute",
    dsn: Dsn = None,
) -> None:
    """Sign sessions with a new key: what runs goes on, and tokens stay valid.

    After a restore, and whenever a backup got into wrong hands: backups hold the key.
    """
    look = "run it again: one key more does no harm."
    with admin_connection(dsn, look) as db, _interval(grace):
        (number,) = rows(db, rotate_key, grace=grace)
    write(f"Sessions are signed with key {number} from now on.")
