"""What the commands for the ledger share: where they connect, and how they end."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from memoriesdb.cli.given import NoEmptyValues
from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import FAILED, USAGE, Commands, Ending, Function, errors, fail, given_dsn
from memoriesdb.ledger import ContradictionError, FormatError, LedgerError, Tables
from memoriesdb.ledger.archive import ArchiveFile, Archives, archives_in
from memoriesdb.ledger.errors import InputError
from memoriesdb.ledger.records import Records
from memoriesdb.queries import ledger_status

TAMPERED = 1
OTHER = 3
INCOMPLETE = 4
EXIT_CODES = (
    "Exit code 0: fine; 1: tampering was found, or a proof does not hold; 2: wrong usage or input; "
    "3: the database was not reached, or something else went wrong; 4: nothing differs, and not "
    "all could be compared: archives were not given, or entries wait too long to be sealed."
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


MaxLag = Annotated[
    float,
    typer.Option(
        "--max-lag",
        metavar="SECONDS",
        min=0.0,
        help="Seconds that entries may wait to be sealed; 0: however long.",
    ),
]
# The worker seals each second: what has waited for an hour is held up.
MAX_LAG = 3600.0


class LedgerCommands(Commands):
    """Commands whose help ends with what their exit codes mean."""

    def command(
        self, name: str | None = None, *, examples: Sequence[str] = (), **options: Any
    ) -> Callable[[Function], Function]:
        """Register a function as a command; its docstring is the help, before the exit codes."""

        def register(function: Function) -> Function:
            options.setdefault("cls", NoEmptyValues)
            text = f"{inspect.cleandoc(function.__doc__ or '')}\n\n{EXIT_CODES}"
            register_it = super(LedgerCommands, self).command
            return register_it(name, examples=examples, help=text, **options)(function)

        return register


@contextlib.contextmanager
def outcome(interrupted: str = "nothing was changed; run it again.") -> Iterator[Ending]:
    """End with the exit codes of these commands: 1 is kept for tampering."""
    try:
        with errors(interrupted, needed=NEEDED, calls_schema=True) as ending, _paths():
            yield ending
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


def late(count: int, lag_seconds: float, max_lag: float, tables: Tables) -> str | None:
    """Say that entries have waited to be sealed for longer than they may, and for whom."""
    if not 0 < max_lag < lag_seconds:
        return None
    for_how_long = timedelta(seconds=int(lag_seconds))
    said = f"{count} entries wait to be sealed, the oldest for {for_how_long}"
    for status in tables.rows(ledger_status):
        if status.blocking_database is not None:
            pid = f"pid {status.blocking_pid}" if status.blocking_pid else ""
            who = ", ".join(part for part in (pid, status.blocking_application) if part)
            login, database = status.blocking_login, status.blocking_database
            return f"{said}, for a transaction of {login} in {database} ({who})"
    return f"{said}, and for no transaction that is known: see to `memoriesdb worker sealing`"


def given_archives(
    tables: Tables, paths: Sequence[Path] | None, *, may_be_none: bool = False
) -> Archives:
    """Open the archives that were given, besides what is recorded of all."""
    records = Records(tables)
    files: dict[int, ArchiveFile] = {}
    with contextlib.ExitStack() as stack:
        for path in archives_in(paths or (), may_be_none=may_be_none):
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
