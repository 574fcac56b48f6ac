"""The commands ``memoriesdb import`` and ``memoriesdb export``."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer
from psycopg import IsolationLevel
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from memoriesdb.bulk.exporter import Exporter
from memoriesdb.bulk.importer import Counts, Importer
from memoriesdb.bulk.lines import Form, Line, read
from memoriesdb.bulk.records import BadExportError, check, is_export
from memoriesdb.bulk.restorer import Restored, Restorer
from memoriesdb.bulk.whole import whole
from memoriesdb.cli.owner import Dsn, User, connected
from memoriesdb.console import FAILED, USAGE, Commands, errors, fail, readable, refuse_path, write
from memoriesdb.encryption import Encryption, named
from memoriesdb.encryption.providers.named import FORMS as PROVIDERS

app = Commands()

AGAIN = "what is kept stays kept: run it again, and it goes on from there."
UNTOUCHED = "nothing was written to the file: run it again."
FORMS: dict[str, Form] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
# More would only repeat itself on a terminal; the count is told in any case.
TOLD = 100
# Beside the progress bar.
KEPT = "{task.fields[kept]} kept, {task.fields[known]} there already"
WRITTEN = "{task.completed} lines"


@app.command(
    "import",
    examples=(
        "memoriesdb import memories.jsonl --user ada",
        "generate | memoriesdb import - --format jsonl --user ada",
        "memoriesdb import ada.export.jsonl --user ada",
    ),
)
def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON Lines, CSV or an export; - is stdin.")
    ],
    form: Annotated[
        Literal["jsonl", "csv", "export"] | None,
        typer.Option(
            "--format",
            help="Default: an export where the first line says so, else by the file's name, and "
            "jsonl of stdin.",
        ),
    ] = None,
    duplicates: Annotated[
        Literal["skip", "keep"],
        typer.Option(help="What to do with a text that the user has already. Not of an export."),
    ] = "skip",
    batch: Annotated[
        int, typer.Option(min=1, max=10_000, help="Memories in one transaction.")
    ] = 500,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            metavar="PROVIDER",
            envvar="MEMORIESDB_KEY_PROVIDER",
            show_envvar=True,
            help="Of an export with encrypted memories: who wraps the data keys of the user: "
            f"{PROVIDERS}.",
        ),
    ] = None,
    former_provider: Annotated[
        list[str] | None,
        typer.Option(
            "--former-provider",
            metavar="PROVIDER",
            help="Who wrapped the data keys of the exported user, if another one; may be given "
            "more than once.",
        ),
    ] = None,
    user: User = None,
    dsn: Dsn = None,
) -> None:
    """Keep the memories of a file, or of an export with all their history.

    Each line of JSON Lines is an object, and the first line of CSV names the columns: content, and
    if wanted kind, metadata (JSON), stream, importance, occurred_at and expires_at, as remember()
    takes them. A line that is refused is reported with its number and left out, and the exit code
    is 1 then. An import that was interrupted can be run again with the same file.

    What `memoriesdb export` wrote is checked to its end first. Then each memory comes with all its
    former versions, its links, and where it is in the file its embedding; ids and the times of
    changes are new.
    """
    told = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    by_name = form or FORMS.get(Path(file).suffix.lower(), "jsonl")
    with errors(AGAIN), _opened(file) as source:
        # Only where nobody has said that it is something else.
        first = source.readline() if form is None and by_name == "jsonl" else b""
        if by_name == "export" or is_export(first):
            if duplicates == "keep":
                fail(
                    "--duplicates keep is not for exports.",
                    "leave it out: what is there already with its history is skipped.",
                    USAGE,
                )
            with _from_its_beginning(file, first, source) as export:
                providers = [provider, *(former_provider or [])] if provider else []
                _restore(export, told, batch, providers, dsn, user)
        else:
            lines = read(source, by_name, first)
            _keep(source, lines, told, batch, duplicates == "keep", dsn, user)


def _keep(
    source: BinaryIO,
    lines: Iterator[Line],
    told: Console,
    batch: int,
    keeps_duplicates: bool,
    dsn: str | None,
    user: str | None,
) -> None:
    with (
        connected(dsn, user, "import", again=AGAIN, look=AGAIN) as owner,
        _progress(told, KEPT) as progress,
    ):
        task = progress.add_task("importing", total=_size(source), kept=0, known=0, refused=0)

        def advance(counts: Counts) -> None:
            progress.update(task, completed=_position(source), **vars(counts))

        importer = Importer(
            owner.begin, _Refused(told), batch_size=batch, keeps_duplicates=keeps_duplicates
        )
        counts = importer.run(lines, advance)
        progress.update(task, visible=False)
    _tell(
        told, counts, f"{counts.kept} kept, {counts.known} there already", f"of {counts.read} lines"
    )


def _restore(
    export: BinaryIO,
    told: Console,
    batch: int,
    providers: list[str],
    dsn: str | None,
    user: str | None,
) -> None:
    try:
        head = check(export)
        export.seek(0)
        if head.counts.get("encrypted") and not providers:
            fail(
                f"the export has {head.counts['encrypted']} encrypted texts: each is bound to the "
                "memory that it was made for, and must be encrypted anew.",
                "give --provider, and --former-provider where another one wrapped the keys of "
                f"{head.username}.",
            )
        with (
            connected(dsn, user, "import", again=AGAIN, look=AGAIN) as owner,
            _progress(told, KEPT) as progress,
        ):
            task = progress.add_task("importing", total=_size(export), kept=0, known=0)

            def advance(counts: Restored) -> None:
                progress.update(task, completed=export.tell(), **vars(counts))

            restorer = Restorer(
                owner.begin,
                _Refused(told),
                head,
                batch_size=batch,
                encryption=_encryption(providers) if head.counts.get("encrypted") else None,
            )
            counts = restorer.run(export, advance)
            progress.update(task, visible=False)
    except BadExportError as error:
        fail(str(error), error.hint)
    new = f"{counts.kept} kept with {counts.edges} links and {counts.embeddings} embeddings"
    _tell(told, counts, f"{new}, {counts.known} there already", "memories and links")


def _encryption(providers: list[str]) -> Encryption:
    in_use, *former = map(named, providers)
    return Encryption(in_use, former=former)


@app.command(
    examples=(
        "memoriesdb export ada.export.jsonl --user ada",
        "memoriesdb export --embeddings --user ada | zstd > ada.export.jsonl.zst",
    ),
)
def export(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to write it; - is stdout.")
    ] = "-",
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="With the embeddings, by all models.")
    ] = False,
    user: User = None,
    dsn: Dsn = None,
) -> None:
    """Write all memories of a user with their former versions and links, to import them elsewhere.

    As JSON Lines, as of one moment: what others have shared is not the user's own, and left out. A
    file takes its name when it is whole, readable by you alone. Its last line has counts and a
    SHA-256, so that `memoriesdb import` notices what is missing or was changed.
    """
    told = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    level = IsolationLevel.REPEATABLE_READ
    reading = connected(dsn, user, "export", again=UNTOUCHED, look=UNTOUCHED, isolation_level=level)
    with reading as owner, _sink(file) as sink, _progress(told, WRITTEN) as progress:
        task = progress.add_task("exporting", total=None)

        def advance(written: int, lines: int) -> None:
            progress.update(task, completed=written, total=lines)

        with owner.begin() as me:
            owned = Exporter(me, sink, with_embeddings=embeddings).run(advance)
        progress.update(task, visible=False)
    told.print(
        f"{owned.memories} memories exported with {owned.versions} former versions, "
        f"{owned.edges} links and {owned.embeddings} embeddings."
    )


@contextlib.contextmanager
def _sink(file: str) -> Iterator[BinaryIO]:
    try:
        with whole(file) as sink:
            yield sink
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        refuse_path(file, error, "give a file in a folder that is there, or - for stdout.")


class _Refused:
    """Tells which lines are left out, until it would only repeat itself."""

    def __init__(self, told: Console) -> None:
        self._told = told
        self._count = 0

    def __call__(self, number: int, problem: str) -> None:
        self._count += 1
        if self._count <= TOLD:
            self._told.print(f"line {number} is left out: {problem}")


def _tell(told: Console, counts: Counts, said: str, of: str) -> None:
    if counts.refused > TOLD:
        told.print(f"and {counts.refused - TOLD} more lines are left out.")
    write(f"{said}, {counts.refused} left out.")
    if counts.refused:
        fail(
            f"{counts.refused} {of} are left out.",
            "repair them and import the file again: what is there already is not kept twice.",
            FAILED,
        )


@contextlib.contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    path = readable(Path(file), "give a file of JSON Lines or CSV, an export, or - for stdin.")
    with path.open("rb") as source:
        yield source


@contextlib.contextmanager
def _from_its_beginning(file: str, first: bytes, source: BinaryIO) -> Iterator[BinaryIO]:
    """Give what can be read twice: to check an export to its end before anything is kept."""
    if file != "-" and source.seekable():
        source.seek(0)
        yield source
        return
    # Without a name, so that it is gone when this ends in whatever way.
    with tempfile.TemporaryFile() as copy:
        copy.write(first)
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        yield copy


def _size(source: BinaryIO) -> int | None:
    """Return how many bytes there are; None of a pipe."""
    try:
        status = os.fstat(source.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _position(source: BinaryIO) -> int:
    return source.tell() if source.seekable() else 0


def _progress(console: Console, said: str) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(said),
        TimeElapsedColumn(),
        console=console,
    )
