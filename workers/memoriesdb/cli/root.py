"""The root of the command ``memoriesdb``: every group of commands lives beside what it drives."""

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from memoriesdb.cli import (
    bulk,
    database,
    demo,
    encryption,
    erase,
    holds,
    ledger_upkeep,
    model,
    queue,
    tokens,
    users,
)
from memoriesdb.cluster.cli import app as cluster_commands
from memoriesdb.console import EXIT_CODES, Commands
from memoriesdb.embedder.cli import app as embedder_commands
from memoriesdb.workers.cli import app as worker_commands

app = Commands(
    help="The memory of AI agents, kept in Postgres.",
    epilog="Begin with:\n\n[bold]memoriesdb up[/]\n\n[bold]memoriesdb demo[/]\n\n" + EXIT_CODES,
)
# Without a name the commands of a group stand at the top: `memoriesdb up`.
app.add_typer(cluster_commands)
app.add_typer(database.app)
app.add_typer(demo.app)
app.add_typer(bulk.app)
app.add_typer(users.app, name="user")
app.add_typer(tokens.app, name="token")
app.add_typer(tokens.key, name="key")
app.add_typer(ledger_upkeep.app, name="ledger")
app.add_typer(erase.app, name="erase")
app.add_typer(holds.app, name="hold")
app.add_typer(encryption.app, name="encryption")
app.add_typer(model.app, name="model")
app.add_typer(queue.app, name="queue")
app.add_typer(worker_commands, name="worker")
app.add_typer(embedder_commands, name="embedder")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"memoriesdb {installed_version('memoriesdb')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass
