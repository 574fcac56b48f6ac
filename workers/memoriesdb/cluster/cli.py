"""The commands of the private cluster: up, down, status, dsn, psql."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from memoriesdb.cluster import lifecycle
from memoriesdb.cluster.instance import HOME_VARIABLE, ROLES, Instance, Role
from memoriesdb.cluster.status import Component, Status
from memoriesdb.console import NOT_RUNNING, Commands, errors, write, write_table
from memoriesdb.queries import LedgerStatus

app = Commands()

InstanceName = Annotated[
    str, typer.Option("--instance", metavar="NAME", help="Which private cluster, if several.")
]
HomeDirectory = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        envvar=HOME_VARIABLE,
        help="Where private clusters are kept: by default /var/lib/memoriesdb for root, "
        "~/.local/state/memoriesdb for others.",
    ),
]


INTERRUPTED_HINT = "what this call had started is stopped; run it again."


@app.command(
    examples=(
        "memoriesdb up",
        "memoriesdb demo  # what it can do",
        "memoriesdb dsn --role app  # what an application connects to",
    )
)
def up(instance: InstanceName = "default", home: HomeDirectory = None) -> None:
    """Start a private cluster: PostgreSQL, PgBouncer, workers and an embedding endpoint.

    It has a data directory, sockets and ports of its own and never touches the system's. Run again
    at any time: what runs is left alone, what died is started again.
    """
    console = Console(highlight=False)
    with errors(INTERRUPTED_HINT), console.status("starting"):
        where = Instance.locate(instance, home)
        lifecycle.up(where, report=lambda line: console.print(f"• {line}", markup=False))
    write(f"The private cluster runs in {where.directory}.")


@app.command(
    examples=(
        "memoriesdb down",
        "memoriesdb down --purge  # also removes its data, for good",
    )
)
def down(
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove the data and every other trace as well.")
    ] = False,
    instance: InstanceName = "default",
    home: HomeDirectory = None,
) -> None:
    """Stop the private cluster and everything that belongs to it."""
    with errors(INTERRUPTED_HINT):
        where = Instance.locate(instance, home)
        if not lifecycle.down(where, report=lambda line: write(f"• {line}"), purge=purge):
            write("Nothing was running.")


@app.command(examples=("memoriesdb status", "memoriesdb status --json | jq .queues"))
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    instance: InstanceName = "default",
    home: HomeDirectory = None,
) -> None:
    """Show what runs, since when, on which ports, how full the queues are, what is not sealed.

    Exit code 0 when everything runs that must, 3 when something does not.
    """
    with errors(INTERRUPTED_HINT):
        where = Instance.locate(instance, home)
        found = lifecycle.status(where)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        _show(found, where.command("up"))
    if not found.running:
        raise typer.Exit(NOT_RUNNING)


def _show(found: Status, start: str) -> None:
    if not found.exists:
        write(f"There is no private cluster in {found.directory}.")
        write(f"  what to do next: `{start}` makes one.")
        return
    if not any(part.running for part in found.components):
        write(f"The private cluster in {found.directory} is stopped.")
        write(f"  what to do next: `{start}` starts it.")
        return
    write_table(("part", "state", "pid", "port", "since"), [_row(p) for p in found.components])
    for part in found.components:
        if not part.running and part.log.exists():
            write(f"{part.name} does not run; its log: {part.log}")
    for queue in found.queues or ():
        write(
            f"queue {queue.queue}: {queue.pending} waiting, {queue.claimed} in work, "
            f"{queue.dead} dead"
        )
    if found.ledger is not None:
        _show_ledger(found.ledger)


def _show_ledger(ledger: LedgerStatus) -> None:
    said = f"ledger: {ledger.sealed_entries} entries sealed in {ledger.blocks} blocks"
    if not ledger.unsealed_entries:
        write(said)
        return
    write(f"{said}, {ledger.unsealed_entries} wait, the oldest for {ledger.lag_seconds:.0f} s")
    if ledger.blocking_application is None:
        return
    who = f"process {ledger.blocking_pid}" if ledger.blocking_pid else "no process"
    write(
        f"  they wait for a transaction of {ledger.blocking_login} in database "
        f"{ledger.blocking_database} ({who}, {ledger.blocking_application or 'no name'})"
    )


def _row(part: Component) -> tuple[str, ...]:
    state = "running" if part.running else "not running"
    state = typer.style(state, fg="green" if part.running else "red")
    since = f"{part.since:%Y-%m-%d %H:%M:%S} UTC" if part.since else ""
    return part.name, state, str(part.pid or ""), str(part.port or ""), since


def _parse_role(value: str) -> Role:
    for role in ROLES:
        if role == value:
            return role
    raise typer.BadParameter(f"{value!r} is not one of {', '.join(get_args(Role))}.")


@app.command(
    examples=(
        'psql "$(memoriesdb dsn --role superuser)"',
        'psql "$(memoriesdb dsn --role app --direct)"  # not through PgBouncer',
    )
)
def dsn(
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help=f"One of {', '.join(ROLES)}.")
    ] = "app",
    direct: Annotated[
        bool,
        typer.Option(
            "--direct", help="Without PgBouncer, as the superuser's and maintainer's always are."
        ),
    ] = False,
    instance: InstanceName = "default",
    home: HomeDirectory = None,
) -> None:
    """Print the DSN of a role, password included, through PgBouncer unless told otherwise."""
    parsed = _parse_role(role)
    with errors(INTERRUPTED_HINT):
        typer.echo(lifecycle.dsn(Instance.locate(instance, home), parsed, direct))


@app.command(
    examples=(
        "memoriesdb psql --as alice",
        'memoriesdb psql --as alice -c "select * from memoriesdb.memories"',
    ),
    # What is no option of ours is psql's.
    context_settings={"ignore_unknown_options": True},
)
def psql(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PSQL-ARGUMENT",
            help="Passed to psql; after -- also what is an option of this command.",
        ),
    ] = None,
    as_user: Annotated[
        str | None,
        typer.Option("--as", metavar="USER", help="Act as this MemoriesDB user (name or id)."),
    ] = None,
    instance: InstanceName = "default",
    home: HomeDirectory = None,
) -> None:
    """Open psql as a user: every statement sees that user's memories and no others.

    Without --as there is no user, and so nothing to see until one is set with set_user.
    """
    with errors(INTERRUPTED_HINT):
        where = Instance.locate(instance, home)
        lifecycle.psql(where, as_user, arguments or [], lambda line: typer.echo(line, err=True))
