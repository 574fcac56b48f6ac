"""The commands that erase: a memory, a user; and the look for what is left."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from psycopg import Connection
from psycopg.types.json import Jsonb

from memoriesdb.cli.admin_db import Dsn, admin_connection, connection, rows
from memoriesdb.client.rows import Leftover
from memoriesdb.console import (
    FAILED,
    UNKNOWN,
    USAGE,
    Commands,
    deliver,
    fail,
    readable,
    refuse_path,
    write,
    write_table,
)
from memoriesdb.ledger.keeping import sync_directory
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

app = Commands(help="Erase a memory or a user for good, as a member of memoriesdb_admin.")

Receipt = dict[str, Any]
Erase = Callable[[Connection[Any]], Receipt]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Show what would go: it is erased, and the transaction rolled back."
    ),
]
ReceiptFile = Annotated[
    Path | None,
    typer.Option(
        "--receipt",
        metavar="FILE",
        help="Write the receipt to this new file, readable by you alone. Default: print it. Where "
        "it cannot be written, nothing is erased.",
    ),
]

RECEIPT = "give the file that --receipt wrote."
UNWRITTEN = "nothing was erased; write the receipt where there is room for it."
LOOK = "keep the receipt: `memoriesdb erase check` takes it if the erasure was committed."
ERASED_TEXT = "give a file with the whole text as it was stored, in UTF-8."

erase_memory: Query[Receipt] = load("client/erase", dict)
erase_user: Query[Receipt] = load("client/erase_user", dict)
erasure_check: Query[Leftover] = load("client/erasure_check", Leftover)
find_user: Query[UUID] = load("erasure/find_user", UUID)


@app.command(examples=("memoriesdb erase memory 01a1fc3c-bf95-7d0a-8b48-d9791d5a5dba",))
def memory(
    memory_id: Annotated[UUID, typer.Argument(metavar="ID", help="Id of the memory.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    receipt: ReceiptFile = None,
    dsn: Dsn = None,
) -> None:
    """Erase a memory with its history, in the logs of all who have had it.

    Copies that others acquired are theirs and stay; the receipt names them.
    """
    _run(lambda db: rows(db, erase_memory, memory_id=memory_id)[0], yes, dry_run, receipt, dsn)


@app.command(examples=("memoriesdb erase user ada --receipt ada.json",))
def user(
    username: Annotated[str, typer.Argument(help="Name of the user.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    receipt: ReceiptFile = None,
    dsn: Dsn = None,
) -> None:
    """Erase a user: his memories, name, tokens and keys, and what the audit kept about him."""

    def erase(db: Connection[Any]) -> Receipt:
        found = rows(db, find_user, username=username)
        if not found:
            fail(f"nobody has the name {username!r}", "`memoriesdb user list` shows the names.")
        return rows(db, erase_user, user_id=found[0])[0]

    _run(erase, yes, dry_run, receipt, dsn)


def _run(erase: Erase, yes: bool, dry_run: bool, file: Path | None, dsn: str | None) -> None:
    if dry_run or not yes:
        # Apart from the erasure itself: nobody waits for locks while somebody reads and decides.
        with admin_connection(dsn) as db:
            would = erase(db)
            db.rollback()
        _show("would be erased" if dry_run else "to be erased", would)
        if dry_run:
            return
        if not typer.confirm("Erase it for good?", err=True):
            fail("nothing was erased.", "answer y, or give --yes.")
    with _kept(file) as keep, admin_connection(dsn, LOOK) as db:
        done = erase(db)
        # Before the commit: an erasure without its receipt could not be proven.
        keep(json.dumps(done, indent=2))
    _show("erased", done)
    for pending in done["pending"]:
        _say(f"pending: {pending}, until the vindexing worker has seen to it.")
    _say("What remains for a while, and the commands that shorten it, is in the receipt: remains.")


@contextlib.contextmanager
def _kept(file: Path | None) -> Iterator[Callable[[str], None]]:
    """Give what writes the receipt; the file is gone again where nothing was erased for sure."""
    if file is None:
        yield lambda text: deliver(text, UNWRITTEN)
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        fail(f"{file} is there already.", "a receipt is kept: name another file.", USAGE)
    except OSError as error:
        refuse_path(file, error, "give a new file in a directory where you may write.")
    is_kept = False

    def keep(text: str) -> None:
        nonlocal is_kept
        try:
            with open(descriptor, "w", encoding="utf-8", closefd=False) as opened:
                opened.write(text + "\n")
            os.fsync(descriptor)
            sync_directory(file)
        except OSError as error:
            refuse_path(file, error, UNWRITTEN, FAILED)
        is_kept = True

    try:
        yield keep
    except BaseException as error:
        # Once it is kept, COMMIT follows: then only a known failure says that it proves nothing.
        failed = isinstance(error, typer.Exit) and error.exit_code != UNKNOWN
        if failed or not is_kept:
            file.unlink()
        raise
    finally:
        os.close(descriptor)


def _show(what: str, receipt: Receipt) -> None:
    counts = {table: count for table, count in sorted(receipt["counts"].items()) if count}
    _say(f"{what}, of user {receipt['owner_id']}:")
    for table, count in counts.items():
        _say(f"  {count:>9}  {table}")
    for gift in receipt["given_away"]:
        _say(f"memory {gift['memory_id']}, given away, stays with user {gift['owner_id']}.")
    for copy in receipt["copies"]:
        _say(f"copy {copy['copy_id']} of user {copy['owner_id']} stays: it is his.")


def _say(line: str) -> None:
    # Beside the receipt, which a program may read.
    typer.echo(line, err=True)


@app.command(examples=("memoriesdb erase check ada.json", "memoriesdb erase check m.json --text -"))
def check(
    receipt: Annotated[Path, typer.Argument(help="File with the receipt.")],
    text: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="File with an erased text, to be sought: by a superuser wherever it stands, by "
            "others as a whole value in the rows of whom the receipt is about; - for stdin.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    dsn: Dsn = None,
) -> None:
    """Look into every table for what a receipt says was erased, which access_log records.

    Exit code 0 when nothing is left, 1 when something is, 2 when it could not be told: a file is
    missing or is no receipt of this database, the text was not erased with it, the login may not
    look; 3 when the database cannot be reached.
    """
    try:
        found = _leftovers(receipt, text, dsn)
    except typer.Exit as ended:
        # What went wrong is said already; 1 would mean that something is left.
        untold = ended.exit_code in (FAILED, UNKNOWN)
        raise typer.Exit(USAGE if untold else ended.exit_code) from None
    if as_json:
        typer.echo(json.dumps([asdict(leftover) for leftover in found], indent=2))
    elif found:
        head = ("table", "column", "rows", "what")
        lines = [(x.table_name, x.column_name, str(x.rows), x.what) for x in found]
        write_table(head, lines)
    else:
        write("Nothing is left of it in the tables.")
    if found:
        raise typer.Exit(FAILED)


def _leftovers(receipt: Path, text: str | None, dsn: str | None) -> list[Leftover]:
    try:
        known = json.loads(readable(receipt, RECEIPT).read_text(encoding="utf-8"))
    except ValueError:
        fail(f"{receipt} holds no JSON.", RECEIPT, USAGE)
    sought = _sought(text)
    with connection(dsn) as db:
        return rows(db, erasure_check, receipt=Jsonb(known), text=sought)


def _sought(text: str | None) -> str | None:
    """Return the erased text, byte for byte: its line ends are part of it."""
    if text is None:
        return None
    try:
        if text == "-":
            return sys.stdin.buffer.read().decode("utf-8")
        return readable(Path(text), ERASED_TEXT).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        fail("the text is not UTF-8.", ERASED_TEXT, USAGE)
