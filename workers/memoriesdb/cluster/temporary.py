"""A cluster for one test session: quick to make, gone without a trace."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from memoriesdb.cluster.accounts import Account
from memoriesdb.cluster.binaries import find_pgbouncer, find_postgres
from memoriesdb.cluster.pgbouncer import AUTH_QUERY, PgBouncer
from memoriesdb.cluster.ports import LOOPBACK, free_port
from memoriesdb.cluster.postgres import Postgres, url

# The data are thrown away, so nothing needs to survive a crash of the machine.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """A running server with a pooler in front, which starts at ``pooler.start()``."""

    postgres: Postgres
    pooler: PgBouncer
    host: str = LOOPBACK

    @property
    def superuser_dsn(self) -> str:
        """The superuser's URL of the database ``postgres``, without the pooler."""
        return self.postgres.dsn()

    @property
    def port(self) -> int:
        """The server's port."""
        return self.postgres.port

    @property
    def socket_directory(self) -> Path:
        """The directory of the server's Unix socket, and of the pooler's."""
        return self.postgres.socket_directory

    def dsn(self, dbname: str, user: str, password: str, *, pooled: bool = False) -> str:
        """Return the URL of a login, direct or through the pooler."""
        port = self.pooler.port if pooled else self.postgres.port
        return url(user, password, self.host, port, dbname)


@contextlib.contextmanager
def temporary_cluster(
    settings: Mapping[str, str] | None = None,
    *,
    auth_query: str = AUTH_QUERY,
    auth_password: str | None = None,
    pooler_settings: Mapping[str, str] | None = None,
) -> Iterator[Cluster]:
    """Start a server with ``settings`` in a temporary directory; stop it and remove it after.

    The pooler is not started: its login needs to exist first. Make the role
    ``memoriesdb_pgbouncer`` with ``cluster.pooler.auth_password`` and the function that the
    ``auth_query`` calls, then call ``cluster.pooler.start()``. It stops with the cluster.
    """
    account = Account.of_servers()
    directory = Path(tempfile.mkdtemp(prefix="memoriesdb-"))
    account.make_passage(directory)
    sockets = directory / "run"
    account.make_directory(sockets, 0o755)
    ports = [free_port()]
    ports.append(free_port(ports))
    postgres = Postgres(
        installation=find_postgres(),
        account=account,
        directory=directory / "postgres",
        socket_directory=sockets,
        port=ports[0],
        password=secrets.token_urlsafe(16),
        settings={**FORGETFUL, **(settings or {})},
    )
    pooler = PgBouncer(
        program=find_pgbouncer(),
        account=account,
        directory=directory / "pgbouncer",
        socket_directory=sockets,
        port=ports[1],
        server_port=ports[0],
        auth_password=auth_password or secrets.token_urlsafe(16),
        auth_query=auth_query,
        settings=pooler_settings or {},
    )
    try:
        postgres.create()
        postgres.start()
        yield Cluster(postgres, pooler)
    finally:
        pooler.stop()
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)
