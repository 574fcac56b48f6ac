"""What the commands of one user share: the options --user and --dsn, the connection."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import typer
from psycopg import IsolationLevel

import memoriesdb
from memoriesdb.client import Client
from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import Ending, errors, fail, given_dsn

NEEDED = (
    "connect as a member of memoriesdb_app with --user, with the user's token in MEMORIESDB_TOKEN, "
    "or as a login mapped to the user."
)
TOKEN_VARIABLE = "MEMORIESDB_TOKEN"  # noqa: S105  its name

Dsn = Annotated[
    str | None,
    typer.Option(
        "--dsn",
        metavar="DSN",
        envvar="MEMORIESDB_APP_DSN",
        show_envvar=True,
        callback=given_dsn,
        help="Database, as the application with --user, or as a login that is mapped to the user "
        "or has a token in MEMORIESDB_TOKEN. Default: the running private cluster.",
    ),
]
User = Annotated[
    str | None,
    typer.Option(
        "--user", metavar="NAME", help="Whose memories. Default: the token's or login's user."
    ),
]


@dataclass(frozen=True)
class Owner:
    """The user whose memories they are, over one connection."""

    client: Client
    user_id: UUID | None
    token: str | None
    reason: str
    look: str
    ending: Ending

    @contextlib.contextmanager
    def begin(self) -> Iterator[memoriesdb.Session]:
        """Open a transaction of the user, committed at the end."""
        with self._session() as me:
            yield me
            self.ending.look = self.look
        self.ending.look = None

    def _session(self) -> contextlib.AbstractContextManager[memoriesdb.Session]:
        if self.token is not None:
            return self.client.as_token(self.token, reason=self.reason)
        if self.user_id is None:
            return self.client.as_login(reason=self.reason)
        return self.client.as_user(self.user_id, reason=self.reason)


@contextlib.contextmanager
def connected(
    dsn: str | None,
    name: str | None,
    reason: str,
    *,
    again: str,
    look: str,
    isolation_level: IsolationLevel | None = None,
) -> Iterator[Owner]:
    """Connect for the user of that name, else the token's or the login's; errors become two lines.

    ``again`` says what to do after Ctrl-C, ``look`` where to look where it is not known whether
    something was committed.
    """
    with errors(again, needed=NEEDED, calls_schema=True) as ending:
        where = dsn or cluster_dsn(Instance.locate("default", None), "app")
        with memoriesdb.connect(
            where, isolation_level=isolation_level, connect_timeout=10
        ) as client:
            user_id = None if name is None else client.user_id(name)
            if name is not None and user_id is None:
                fail(f"nobody has the name {name!r}", "`memoriesdb user list` shows the names.")
            # As a variable alone: others see arguments.
            token = os.environ.get(TOKEN_VARIABLE) if name is None else None
            yield Owner(client, user_id, token or None, reason, look, ending)
