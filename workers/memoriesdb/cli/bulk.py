"""The command ``memoriesdb import``."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from memoriesdb.bulk.importer import Counts, Importer
from memoriesdb.bulk.lines import Form, read
from memoriesdb.cli.owner import Dsn, User, connected
from memoriesdb.console import FAILED, Commands, fail, readable, write

app = Commands()

AGAIN = "what is kept stays kept: run it again, and it goes on from there."
FORMS: dict[str, Form] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
# More would only repeat itself on a terminal; the count is told in any case.
TOLD = 100


@app.command(
    "import",
    examples=(
        "memoriesdb import memories.jsonl --user ada",
        "generate | memoriesdb import - --format jsonl --user ada",
    ),
)
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines or CSV; - is stdin.")],
    form: Annotated[
        Literal["jsonl", "csv"] | None,
        typer.Option("--format", help="Default: by the file's name, and jsonl of stdin."),
    ] = None,
    duplicates: Annotated[
        Literal["skip", "keep"],
        typer.Option(help="What to do with a text that the user has already."),
    ] = "skip",
    batch: Annotated[
        int, typer.Option(min=1, max=10_000, help="Memories in one transaction.")
    ] = 500,
    user: User = None,
    dsn: Dsn = None,
) -> None:
    """Keep the memories of a file.

    Each line of JSON Lines is an object, and the first line of CSV names the columns: content, and
    if wanted kind, metadata (JSON), stream, importance, occurred_at and expires_at, as remember()
    takes them. A line that is refused is reported with its number and left out, and the exit code
    is 1 then. An import that was interrupted can be run again with the same file.
    """
    told = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)

    def refuse(number: int, problem: str) -> None:
        if importer.counts.refused <= TOLD:
            told.print(f"line {number} is left out: {problem}")

    with (
        _opened(file) as source,
        connected(dsn, user, "import", again=AGAIN, look=AGAIN) as owner,
        _progress(told) as progress,
    ):
        task = progress.add_task("importing", total=_size(source), kept=0, known=0, refused=0)

        def advance(counts: Counts) -> None:
            progress.update(task, completed=_position(source), **vars(counts))

        importer = Importer(
            owner.begin, refuse, batch_size=batch, keeps_duplicates=duplicates == "keep"
        )
        counts = importer.run(
            read(source, form or FORMS.get(Path(file).suffix.lower(), "jsonl")), advance
        )
        progress.update(task, visible=False)
    if counts.refused > TOLD:
        told.print(f"and {counts.refused - TOLD} more lines are left out.")
    write(f"{counts.kept} kept, {counts.known} there already, {counts.refused} left out.")
    if counts.refused:
        fail(
            f"{counts.refused} of {counts.read} lines are left out.",
            "repair them and import the file again: what is there already is not kept twice.",
            FAILED,
        )


@contextlib.contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    path = readable(Path(file), "give a file of JSON Lines or CSV, or - for stdin.")
    with path.open("rb") as source:
        yield source


def _size(source: BinaryIO) -> int | None:
    """Return how many bytes there are; None of a pipe."""
    try:
        status = os.fstat(source.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _position(source: BinaryIO) -> int:
    return source.tell() if source.seekable() else 0


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[kept]} kept, {task.fields[known]} there already"),
        TimeElapsedColumn(),
        console=console,
    )
