"""What the commands for the ledger share: where they connect, and how they end."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import FAILED, USAGE, Commands, Function, errors, fail, given_dsn
from memoriesdb.ledger import ContradictionError, FormatError, LedgerError, Tables
from memoriesdb.ledger.archive import ArchiveFile, Archives, archives_in
from memoriesdb.ledger.errors import InputError
from memoriesdb.ledger.records import Records

TAMPERED = 1
OTHER = 3
INCOMPLETE = 4
EXIT_CODES = (
    "Exit code 0: fine; 1: tampering was found, or a proof does not hold; 2: wrong usage or input; "
    "3: the database was not reached, or something else went wrong; 4: nothing differs, and not "
    "all could be compared: archives were not given."
)
NEEDED = "connect as a member of memoriesdb_auditor: `grant memoriesdb_auditor to …`."

Dsn = Annotated[
    str | None,
    typer.Option(
        "--dsn",
        metavar="DSN",
        envvar="MEMORIESDB_AUDITOR_DSN",
        show_envvar=True,
        callback=given_dsn,
        help="Database, as a member of memoriesdb_auditor. Default: the running private cluster.",
    ),
]


class LedgerCommands(Commands):
    """Commands whose help ends with what their exit codes mean."""

    def command(
        self, name: str | None = None, *, examples: Sequence[str] = (), **options: Any
    ) -> Callable[[Function], Function]:
        """Register a function as a command; its docstring is the help, before the exit codes."""

        def register(function: Function) -> Function:
            text = f"{inspect.cleandoc(function.__doc__ or '')}\n\n{EXIT_CODES}"
            register_it = super(LedgerCommands, self).command
            return register_it(name, examples=examples, help=text, **options)(function)

        return register


@contextlib.contextmanager
def outcome(interrupted: str = "nothing was changed; run it again.") -> Iterator[None]:
    """End with the exit codes of these commands: 1 is kept for tampering."""
    try:
        with errors(interrupted, needed=NEEDED, calls_schema=True), _paths():
            yield
    except ContradictionError as error:
        fail(f"TAMPERED {error.message}", error.hint, TAMPERED)
    except InputError as error:
        fail(error.message, error.hint, USAGE)
    except LedgerError as error:
        fail(error.message, error.hint, OTHER)
    except typer.Exit as ended:
        raise typer.Exit(OTHER if ended.exit_code == FAILED else ended.exit_code) from None


@contextlib.contextmanager
def _paths() -> Iterator[None]:
    """A path that cannot be what it was given for is wrong input."""
    try:
        yield
    except (
        FileNotFoundError,
        FileExistsError,
        IsADirectoryError,
        NotADirectoryError,
        PermissionError,
    ) as error:
        if error.filename is None:
            raise
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"{error.filename}: {reason}", "check the path, and who may read and write there."
        ) from None


@contextlib.contextmanager
def tables_of(dsn: str | None) -> Iterator[Tables]:
    """Connect as an auditor; each query is a transaction of its own, so none is long."""
    where = dsn or cluster_dsn(Instance.locate("default", None), "auditor")
    with psycopg.connect(where, autocommit=True, prepare_threshold=None, connect_timeout=10) as db:
        yield Tables(db)


def given_archives(tables: Tables, paths: Sequence[Path] | None) -> Archives:
    """Open the archives that were given, besides what is recorded of all."""
    records = Records(tables)
    files: dict[int, ArchiveFile] = {}
    with contextlib.ExitStack() as stack:
        for path in archives_in(paths or ()):
            file = stack.enter_context(closing(ArchiveFile(path)))
            number = file.opening.partition_no
            if number in files:
                raise FormatError(
                    f"{files[number].path} and {path} are of the same partition, {number}",
                    "give one of them.",
                )
            files[number] = file
        stack.pop_all()
    return Archives(records, list(files.values()))
