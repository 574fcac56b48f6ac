"""The commands for the keys of an owner's encrypted memories."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from memoriesdb.cli.owner import Dsn, Owner, User, connected
from memoriesdb.console import FAILED, USAGE, Commands, errors, fail, write, write_table
from memoriesdb.encryption import Encryption, Keyring, manage, named
from memoriesdb.encryption.providers.named import FORMS
from memoriesdb.queries.encryption import KeyUse

app = Commands(help="Encrypt the memories of a user: make, change and look at the keys.")

AGAIN = "what is done stays done: run it again."
LOOK = "look with `memoriesdb encryption status` before you run it again."

ProviderName = Annotated[
    str,
    typer.Option(
        "--provider",
        metavar="PROVIDER",
        envvar="MEMORIESDB_KEY_PROVIDER",
        show_envvar=True,
        help=f"Who wraps the data keys: {FORMS}.",
    ),
]
FormerNames = Annotated[
    list[str] | None,
    typer.Option(
        "--former-provider",
        metavar="PROVIDER",
        help="Who wrapped keys that are there already; may be given more than once.",
    ),
]


def _owner(
    dsn: str | None, name: str | None, reason: str
) -> contextlib.AbstractContextManager[Owner]:
    return connected(dsn, name, reason, again=AGAIN, look=LOOK)


def _encryption(provider: str, former: list[str] | None = None) -> Encryption:
    return Encryption(named(provider), former=[named(name) for name in former or ()])


@app.command(
    examples=(
        "memoriesdb encryption keyring ~/.config/memoriesdb/keyring.json",
        "memoriesdb encryption init --user ada "
        "--provider keyring:~/.config/memoriesdb/keyring.json",
    )
)
def init(provider: ProviderName, user: User = None, dsn: Dsn = None) -> None:
    """Make the first data key of a user. Clients with the provider encrypt from then on."""
    with _owner(dsn, user, "first data key") as owner, owner.begin() as me:
        key_id = manage.add_key(me, _encryption(provider), only_first=True)
    write(f"New memories are encrypted with key {key_id}.")
    write("  what to do next: keep the wrapping key safe: without it the memories are lost.")


@app.command(examples=("memoriesdb encryption rotate --user ada",))
def rotate(provider: ProviderName, user: User = None, dsn: Dsn = None) -> None:
    """Make a new data key, which new memories are encrypted with at once.

    The former one is retired: what it encrypted is read by it, until `reencrypt` has passed.
    """
    with _owner(dsn, user, "new data key") as owner, owner.begin() as me:
        key_id = manage.add_key(me, _encryption(provider))
    write(f"New memories are encrypted with key {key_id}.")
    write("  what to do next: `memoriesdb encryption reencrypt` for those there are.")


@app.command(
    examples=(
        "memoriesdb encryption rewrap --user ada --provider vault:transit/memories "
        "--former-provider keyring:~/.config/memoriesdb/keyring.json",
    )
)
def rewrap(
    provider: ProviderName,
    former_provider: FormerNames = None,
    user: User = None,
    dsn: Dsn = None,
) -> None:
    """Wrap the data keys by the wrapping key in use now; no memory is touched."""
    with _owner(dsn, user, "data keys wrapped anew") as owner, owner.begin() as me:
        count = manage.rewrap(me, _encryption(provider, former_provider))
    write(f"Keys wrapped anew: {count}.")


@app.command(
    examples=(
        "memoriesdb encryption reencrypt --user ada",
        "memoriesdb encryption reencrypt --user ada --plain",
    )
)
def reencrypt(
    provider: ProviderName,
    former_provider: FormerNames = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Encrypt what is in plain text, too.")
    ] = False,
    batch: Annotated[int, typer.Option(min=1, max=1000, help="Memories a transaction.")] = 100,
    user: User = None,
    dsn: Dsn = None,
) -> None:
    """Encrypt with the key in use what is encrypted with former ones, while others write.

    May be interrupted and run again at any time. Former versions keep their ciphertexts, and those
    of plain memories their texts.
    """
    with _owner(dsn, user, "encrypted anew") as owner:
        encryption = _encryption(provider, former_provider)
        with owner.begin() as me:
            total = sum(use.memory_count for use in manage.uses(me) if use.retired_at)
            total += manage.plain_count(me) if plain else 0
        written = 0
        unreadable: set[UUID] = set()
        with _progress() as progress:
            task = progress.add_task("encrypting", total=total)
            for done in manage.reencrypt(owner.begin, encryption, with_plain=plain, batch=batch):
                written += done.written
                unreadable |= set(done.unreadable)
                progress.update(task, completed=written, total=max(total, written))
    write(f"Memories encrypted anew: {written}.")
    for memory_id in sorted(unreadable):
        write(f"left as it is, since it cannot be decrypted: {memory_id}")
    if unreadable:
        write("  what to do next: `memoriesdb ledger verify` tells whether somebody changed them.")
        raise typer.Exit(FAILED)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


@app.command(examples=("memoriesdb encryption status --user ada",))
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    user: User = None,
    dsn: Dsn = None,
) -> None:
    """Show the data keys, and how many memories and former versions need each."""
    with _owner(dsn, user, "") as owner, owner.begin() as me:
        keys = manage.uses(me)
        plain = manage.plain_count(me)
    if as_json:
        shown = {"keys": [asdict(key) for key in keys], "plain": plain}
        typer.echo(json.dumps(shown, indent=2, default=_as_text))
        return
    if keys:
        head = ("key", "state", "provider", "wrapped by", "memories", "former versions")
        write_table(head, [_row(key) for key in keys])
    else:
        write("There are no keys yet.\n  what to do next: `memoriesdb encryption init`.")
    write(f"Memories in plain text: {plain}.")


def _row(key: KeyUse) -> tuple[str, ...]:
    state = "in use" if key.retired_at is None else f"retired {key.retired_at:%Y-%m-%d}"
    counts = (str(key.memory_count), str(key.version_count))
    return str(key.key_id), state, key.provider, key.provider_key, *counts


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@app.command(examples=("memoriesdb encryption drop 1 --user ada",))
def drop(
    key_id: Annotated[int, typer.Argument(metavar="KEY", help="Number of the key.")],
    shred: Annotated[
        bool,
        typer.Option("--shred", help="Also if former versions need it: nobody reads them again."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    user: User = None,
    dsn: Dsn = None,
) -> None:
    """Delete a retired data key that no memory needs."""
    if not yes and not typer.confirm(f"Delete key {key_id} for good?", err=True):
        fail("nothing was deleted.", "answer y, or give --yes.")
    with _owner(dsn, user, "data key dropped") as owner, owner.begin() as me:
        found = manage.drop_key(me, key_id, shred=shred)
    if not found:
        fail(f"there is no key {key_id}.", "`memoriesdb encryption status` shows them.", USAGE)
    write(f"Key {key_id} is deleted.")


@app.command(
    examples=(
        "memoriesdb encryption keyring ~/.config/memoriesdb/keyring.json",
        "memoriesdb encryption keyring ~/.config/memoriesdb/keyring.json --add",
    )
)
def keyring(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The keyring.")],
    add: Annotated[
        bool, typer.Option("--add", help="Add a key to the file, and wrap with it from now on.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="List the names of the keys, that in use first.")
    ] = False,
) -> None:
    """Make a file with a new wrapping key, readable by you alone."""
    with errors():
        if names:
            for name in Keyring(file).names():
                typer.echo(name)
            return
        name = Keyring(file).add() if add else Keyring.create(file).names()[0]
    write(f"{file} wraps with key {name}.")
    if add:
        write("  what to do next: `memoriesdb encryption rewrap` for each user, and copy the file.")
    else:
        write("  what to do next: keep a copy in a safe place: without it the memories are lost.")
