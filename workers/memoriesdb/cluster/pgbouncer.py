"""PgBouncer in transaction mode in front of one server, from the shipped template."""

from __future__ import annotations

import importlib.resources
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from memoriesdb.cluster.accounts import SERVER_ENVIRONMENT, Account
from memoriesdb.cluster.binaries import PgBouncerProgram
from memoriesdb.cluster.ports import LOOPBACK
from memoriesdb.cluster.processes import Daemon, ProcessId

AUTH_USER = "memoriesdb_pgbouncer"
AUTH_QUERY = "select * from memoriesdb_system.pgbouncer_auth($1)"
TEMPLATE = "pgbouncer.ini"


def template() -> Template:
    """Return the shipped template: from the wheel, or from the checkout of an editable install."""
    packaged: Traversable = importlib.resources.files("memoriesdb") / "pgbouncer" / TEMPLATE
    checkout = Path(__file__).parents[3] / "pgbouncer" / TEMPLATE
    return Template((packaged if packaged.is_file() else checkout).read_text())


def answers(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


@dataclass(frozen=True)
class PgBouncer:
    """A pooler whose files lie in ``directory``, for every database of the server behind it."""

    program: PgBouncerProgram
    account: Account
    directory: Path
    socket_directory: Path
    port: int
    server_port: int
    auth_password: str
    auth_query: str = AUTH_QUERY
    server_host: str = LOOPBACK
    host: str = LOOPBACK
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """The pooler's log file."""
        return self.directory / "pgbouncer.log"

    def running(self) -> ProcessId | None:
        """Return the live pooler; a stale pid file names none."""
        return self._daemon().running()

    def start(self) -> bool:
        """Write the configuration, start the pooler unless it runs with it; True when started."""
        self.account.make_passage(self.directory)
        self.account.check_reach(self.directory)
        files = {
            "userlist.txt": f'"{AUTH_USER}" "{self.auth_password}"\n',
            TEMPLATE: self.configuration(),
        }
        for name, text in files.items():
            path = self.directory / name
            if not path.exists() or path.read_text() != text:
                self.account.write(path, text)
                self.stop()
        return self._daemon().start(lambda: answers(self.host, self.port), 15)

    def stop(self) -> bool:
        """Stop the pooler, ending its sessions; True when it was running."""
        return self._daemon().stop()

    def configuration(self) -> str:
        """Return the template, filled in; what this version does not know stays a comment."""
        known = "" if self.program.knows_prepared_statements else "; (needs 1.21) "
        text = template().substitute(
            listen_addr=self.host,
            listen_port=self.port,
            unix_socket_dir=self.socket_directory,
            server_host=self.server_host,
            server_port=self.server_port,
            auth_file=self.directory / "userlist.txt",
            auth_user=AUTH_USER,
            auth_query=self.auth_query,
            stats_users=AUTH_USER,
            if_1_21=known,
        )
        return text + "".join(f"{name} = {value}\n" for name, value in self.settings.items())

    def _daemon(self) -> Daemon:
        # From 1.23 on SIGTERM waits for the clients to leave; SIGQUIT is what SIGTERM was.
        polite = self.program.version < (1, 23)
        return Daemon(
            name="PgBouncer",
            pid_file=self.directory / "pgbouncer.process",
            log=self.log,
            command=(self.program.path, str(self.directory / TEMPLATE)),
            environment=SERVER_ENVIRONMENT,
            account=self.account,
            stop_signal=signal.SIGTERM if polite else signal.SIGQUIT,
        )
