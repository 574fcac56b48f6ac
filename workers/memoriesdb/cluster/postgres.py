"""One PostgreSQL server of our own: made, configured, started and stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

from memoriesdb.cluster.accounts import SERVER_ENVIRONMENT, Account
from memoriesdb.cluster.binaries import Installation
from memoriesdb.cluster.errors import ClusterError, log_tail
from memoriesdb.cluster.ports import LOOPBACK
from memoriesdb.cluster.processes import ProcessId, set_log_aside, wait_until

SUPERUSER = "postgres"
START_SECONDS = 60

BASE_SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": LOOPBACK,
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # The log must not hold what people remember: no statements, no parameters, and terse messages,
    # since a DETAIL quotes the row that failed.
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

ACCESS_RULES = f"""\
# Passwords everywhere, loopback only, no replication.
local all all scram-sha-256
host all all {LOOPBACK}/32 scram-sha-256
"""


def url(user: str, password: str, host: str, port: int, dbname: str) -> str:
    """Return a connection URL."""
    return f"postgresql://{quote(user)}:{quote(password)}@{host}:{port}/{quote(dbname)}"


@dataclass(frozen=True)
class Postgres:
    """A server whose data lie in ``directory / "data"``, listening on loopback and a socket."""

    installation: Installation
    account: Account
    directory: Path
    socket_directory: Path
    port: int
    password: str
    settings: Mapping[str, str] = field(default_factory=dict)
    host: str = LOOPBACK

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.directory / "postgres.log"

    @property
    def is_created(self) -> bool:
        """Whether the data directory was made, completely."""
        return (self.data / "PG_VERSION").exists()

    def dsn(self, dbname: str = "postgres") -> str:
        """Return the superuser's connection URL."""
        return url(SUPERUSER, self.password, self.host, self.port, dbname)

    def create(self) -> None:
        """Make the data directory (``initdb``); nothing is left of it when that fails."""
        self.account.make_passage(self.directory)
        self.account.check_reach(self.directory)
        fresh = self.directory / "data.new"
        password_file = self.directory / "superuser-password"
        shutil.rmtree(fresh, ignore_errors=True)
        self.account.write(password_file, self.password + "\n")
        self.account.make_directory(fresh)
        try:
            self._run(*self._initdb(fresh, password_file), what="initdb")
            self.account.write(fresh / "pg_hba.conf", ACCESS_RULES)
            with open(self.account.open_append(fresh / "postgresql.conf"), "w") as main:
                main.write("\ninclude = 'memoriesdb.conf'\n")
            fresh.rename(self.data)
        finally:
            password_file.unlink(missing_ok=True)
            shutil.rmtree(fresh, ignore_errors=True)

    def running(self) -> ProcessId | None:
        """Return the live server of this data directory; a stale pid file names none."""
        try:
            process = ProcessId.of(int(self._pid_file.read_text().split("\n", 1)[0]))
            if process is None or not self._is_ours(process.pid):
                return None
        except (FileNotFoundError, ValueError):
            return None
        return process

    def start(self) -> bool:
        """Start the server unless it runs, and wait until it answers; True when it was started."""
        if self.running():
            return False
        self._forget_dead_server()
        self.account.write(self.data / "memoriesdb.conf", self._configuration())
        set_log_aside(self.log)
        self._pg_ctl("start", "-l", str(self.log), "-w", "-t", str(START_SECONDS))
        return True

    def stop(self) -> bool:
        """Stop the server, ending its sessions; True when it was running."""
        process = self.running()
        if process is None:
            return False
        process.send(signal.SIGINT)  # the "fast" mode
        if not wait_until(lambda: not process.is_alive(), 60):
            process.send(signal.SIGQUIT)  # the "immediate" mode: recovers at the next start
            wait_until(lambda: not process.is_alive(), 10)
        return True

    def check(self) -> None:
        """Raise unless the server answers a query."""
        try:
            with psycopg.connect(self.dsn(), connect_timeout=5) as connection:
                connection.execute("select 1")
        except psycopg.OperationalError as error:
            raise ClusterError(
                f"PostgreSQL runs but does not answer: {error}. "
                f"The end of {self.log}:\n{log_tail(self.log)}",
                "run `memoriesdb down`, then `memoriesdb up`.",
            ) from error

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _is_ours(self, pid: int) -> bool:
        # The number alone may by now belong to anybody; a server works in its data directory.
        try:
            return os.path.samefile(f"/proc/{pid}/cwd", self.data)
        except (FileNotFoundError, PermissionError):
            return False

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a server that is gone.

        PostgreSQL copes with the number of a process that nobody has, but refuses to start when
        its own user has one with that number, be it a stranger or a zombie not yet reaped. While
        a child of the dead server still lives, the files must stay; they notice and end soon.
        """
        if wait_until(self._is_deserted, 10, every=0.2):
            self._pid_file.unlink(missing_ok=True)
            (self.socket_directory / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)

    def _is_deserted(self) -> bool:
        numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return not any(self._is_ours(number) for number in numbers)

    def _configuration(self) -> str:
        settings = {
            **BASE_SETTINGS,
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_directory),
            **self.settings,
        }
        quoted = {name: value.replace("'", "''") for name, value in settings.items()}
        header = "# Written at every start; your own settings go at the end of postgresql.conf.\n"
        return header + "".join(f"{name} = '{value}'\n" for name, value in quoted.items())

    def _initdb(self, data: Path, password_file: Path) -> list[str]:
        command = [
            *(self.installation.program("initdb"), "--pgdata", str(data)),
            *("--username", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--data-checksums", "--no-instructions"),
        ]
        if self.installation.version >= 17:
            # Built in: sorts the same on every machine, whatever its C library.
            command += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        return command

    def _pg_ctl(self, *arguments: str) -> None:
        program = self.installation.program("pg_ctl")
        self._run(program, "--pgdata", str(self.data), *arguments, what="pg_ctl")

    def _run(self, *command: str, what: str) -> None:
        # Output goes to the log and not to a pipe: the server would inherit it and hold it open.
        descriptor = self.account.open_append(self.log)
        try:
            code = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd="/",
                env=SERVER_ENVIRONMENT,
                umask=0o077,
                **self.account.spawn_options(),
            ).returncode
        finally:
            os.close(descriptor)
        if code != 0:
            raise ClusterError(
                f"{what} failed. The end of {self.log}:\n{log_tail(self.log)}",
                "repair what the log names, then try again.",
            )
