"""The commands for any PostgreSQL: install, upgrade, verify, sql, doctor."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from memoriesdb import installer
from memoriesdb.cli.given import NoEmptyValues
from memoriesdb.console import FAILED, Commands, errors, given_dsn, readable, write
from memoriesdb.installer.sources import Target

app = Commands()

NEEDED = "connect as a superuser, or as the login that installed."
# It is one transaction, and interrupted during its COMMIT it may be done.
AGAIN = "run it again: it applies what is not applied yet."

Dsn = Annotated[
    str,
    typer.Argument(
        metavar="DSN",
        envvar="MEMORIESDB_ADMIN_DSN",
        show_envvar=True,
        callback=given_dsn,
        help="postgresql://… of the database; others see arguments, so give a password in "
        "PGPASSWORD, ~/.pgpass or the variable.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command(examples=("memoriesdb install postgresql://postgres@localhost/mydb",))
def install(
    dsn: Dsn,
    without_plpython: Annotated[
        bool,
        typer.Option(
            "--without-plpython",
            help="For servers without plpython3u: recall then needs words or given vectors.",
        ),
    ] = False,
) -> None:
    """Install into an existing database, in one transaction.

    The login is a superuser; with --without-plpython it may be one that owns the database and has
    CREATEROLE, as managed PostgreSQL gives it.

    Run on an installed database it applies what this release changed, and nothing otherwise.
    """
    with errors(AGAIN, needed=NEEDED), Console(stderr=True).status("installing"):
        done = installer.install(dsn, plpython=not without_plpython)
    _say(done)


@app.command(examples=("memoriesdb upgrade postgresql://postgres@localhost/mydb",))
def upgrade(dsn: Dsn) -> None:
    """Bring an installed database to this release, in one transaction."""
    with errors(AGAIN, needed=NEEDED), Console(stderr=True).status("upgrading"):
        done = installer.upgrade(dsn)
    _say(done)


def _say(done: installer.InstallReport) -> None:
    for name in done.repaired:
        write(f"put right, since somebody had changed it: {name}")
    if done.changed:
        write(f"Applied {len(done.applied)} objects; the tables are at revision {done.revision}.")
    else:
        write(f"Nothing to do: everything is at this release (revision {done.revision}).")
    if done.is_first:
        write("CONNECT and TEMP on this database were taken from PUBLIC.")
        write("  what to do next: `grant connect on database … to …` for each login.")
    for name in done.left_out if done.is_first else ():
        write(f"left out, since it needs a superuser: {name}")
    for name in done.different:
        write(f"not as shipped, and not for a file to put right: {name}")
    if done.different:
        write("  what to do next: find out who changed it; `memoriesdb verify DSN` names it too.")
        raise typer.Exit(FAILED)


@app.command(examples=("memoriesdb verify postgresql://postgres@localhost/mydb",))
def verify(dsn: Dsn, as_json: AsJson = False) -> None:
    """Compare what is installed with what this release ships, object by object.

    Exit code 0 when they agree, 1 when something is missing, changed or unknown.
    """
    with errors(needed=NEEDED):
        found = installer.verify(dsn)
    if as_json:
        typer.echo(json.dumps([asdict(difference) for difference in found], indent=2))
    elif not found:
        write("What is installed is what this release ships.")
    for difference in () if as_json else found:
        write(f"{difference.what}: {difference.kind} {difference.name}")
    if found:
        if not as_json:
            write("  what to do next: `memoriesdb upgrade DSN`, or find out who changed it.")
        raise typer.Exit(FAILED)


@app.command(examples=("memoriesdb sql | less", "memoriesdb sql | psql -f - mydb"))
def sql(
    extension_schema: Annotated[
        str, typer.Option(help="Schema in which the extensions live.")
    ] = "public",
    server_version: Annotated[
        int, typer.Option(min=15, max=99, help="Major version of the server.")
    ] = 15,
    without_plpython: Annotated[
        bool, typer.Option("--without-plpython", help="For servers without plpython3u.")
    ] = False,
) -> None:
    """Print the whole install script, without connecting to anything."""
    target = Target()
    target = replace(
        target,
        server_version=server_version,
        plpython=not without_plpython,
        extension_schemas=tuple((name, extension_schema) for name, _ in target.extension_schemas),
    )
    typer.echo(installer.script(target), nl=False)


@app.command(
    cls=NoEmptyValues,
    examples=(
        "memoriesdb doctor postgresql://myapp@localhost:6432/mydb",
        "memoriesdb doctor postgresql://postgres@localhost/mydb --digest digests.jsonl",
    ),
)
def doctor(
    dsn: Dsn,
    application: Annotated[
        bool,
        typer.Option(
            "--application", help="This is what an application logs in with: fail for a superuser."
        ),
    ] = False,
    console: Annotated[
        str | None,
        typer.Option(
            metavar="DSN",
            callback=given_dsn,
            help="Read PgBouncer's configuration as this login, one of its stats_users.",
        ),
    ] = None,
    digest: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Compare the ledger with the last digest that was kept in a file."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail for a warning, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether this login and this database are as safe and healthy as they must be.

    With an application's DSN it checks the login, and the pool that the DSN leads through; with a
    superuser's, or that of the login that installed, the whole database. What the login cannot see
    is skipped, and said.

    Exit code 0 when nothing failed (warnings are shown), 1 when something failed or could not be
    looked at, 2 when the command was not understood, 3 when the server cannot be reached.
    """
    if digest is not None:
        readable(digest, "give a file of digests: `memoriesdb ledger digest --to FILE` writes one.")
    with errors():
        found = installer.diagnose(
            dsn, application=True if application else None, console=console, digest=digest
        )
    fatal = {"failure", "warning"} if strict else {"failure"}
    failed = any(finding.level in fatal for finding in found)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        for finding in found:
            write(
                f"{finding.level}: {finding.what}" + (f" ({finding.detail})" * bool(finding.detail))
            )
            if finding.level != "ok" and finding.hint:
                write(f"  what to do next: {finding.hint}")
    if failed:
        raise typer.Exit(FAILED)
