"""The command ``demo``."""

from __future__ import annotations

from rich.console import Console

from memoriesdb import cluster
from memoriesdb.cluster.cli import HomeDirectory, InstanceName
from memoriesdb.console import NOT_RUNNING, Commands, errors, fail

app = Commands()


@app.command(examples=("memoriesdb up && memoriesdb demo",))
def demo(instance: InstanceName = "default", home: HomeDirectory = None) -> None:
    """Tell a story on the private cluster, as two users through PgBouncer.

    Remember, find, keep apart, share, transfer, verify. It may be told again at any time.
    """
    from memoriesdb.demo import tell  # here: workers need no client

    with errors("run it again: it begins with what is there."):
        where = cluster.Instance.locate(instance, home)
        if not cluster.status(where).running:
            fail(
                "the private cluster is not running.",
                f"start it with `{where.command('up')}`.",
                NOT_RUNNING,
            )
        tell(where, Console(highlight=False))
