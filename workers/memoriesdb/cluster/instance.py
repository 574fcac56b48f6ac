"""One named private cluster on this machine: where it lies, its ports, logins and parts."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from memoriesdb.cluster.accounts import Account
from memoriesdb.cluster.binaries import find_pgbouncer, find_postgres
from memoriesdb.cluster.errors import BadNameError, ClusterError, NotRunningError
from memoriesdb.cluster.pgbouncer import AUTH_USER, PgBouncer
from memoriesdb.cluster.ports import (
    LOOPBACK,
    free_port,
    is_free,
    make_socket_directory,
    socket_directory,
)
from memoriesdb.cluster.postgres import SUPERUSER, Postgres, url
from memoriesdb.cluster.processes import Daemon

DATABASE = "memoriesdb"
HOME_VARIABLE = "MEMORIESDB_HOME"
# What `prepare` makes before the state file, in case it is interrupted.
BEFORE_STATE = {"lock", "run", "credentials.json", "credentials.new", "state.new"}
CACHE_VARIABLE = "MEMORIESDB_CACHE_DIR"
WORKERS = ("embedding", "vindexing", "sealing")

Role = Literal["superuser", "admin", "app", "client", "worker", "maintainer", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
# Those whom the pooler refuses: what they may become is not to be lent on.
DIRECT: frozenset[Role] = frozenset({"superuser", "maintainer"})
Port = Literal["postgres", "pgbouncer", "embedder"]
PORTS: tuple[Port, ...] = get_args(Port)


def default_home() -> Path:
    """Return where instances lie unless MEMORIESDB_HOME or --home says otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/memoriesdb")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "memoriesdb"


def login_name(role: Role) -> str:
    """Return the database login of a role."""
    return SUPERUSER if role == "superuser" else f"memoriesdb_demo_{role}"


@dataclass(frozen=True)
class Instance:
    """The private cluster ``name``; everything of it lies in ``home / name``."""

    name: str
    home: Path
    program: tuple[str, ...] = (sys.executable, "-m", "memoriesdb")

    @classmethod
    def locate(cls, name: str = "default", home: Path | None = None) -> Instance:
        """Return the instance of this name, below ``home``, MEMORIESDB_HOME or the default."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", name):
            raise BadNameError(
                f"{name!r} cannot name an instance.",
                "use up to 31 lower-case letters, digits, '-' and '_', beginning with no sign.",
            )
        given = os.environ.get(HOME_VARIABLE)
        return cls(name, (home or (Path(given) if given else default_home())).absolute())

    @property
    def directory(self) -> Path:
        """The state directory."""
        return self.home / self.name

    @property
    def exists(self) -> bool:
        """Whether `up` made it."""
        return self._state_file.exists()

    def command(self, name: str) -> str:
        """Return how to call a command for this instance, for hints."""
        words = ["memoriesdb", name]
        if self.name != "default":
            words += ["--instance", self.name]
        if self.home != Instance.locate().home:
            words += ["--home", str(self.home)]
        return " ".join(words)

    @cached_property
    def account(self) -> Account:
        """The operating-system user of the servers."""
        return Account.of_servers()

    @cached_property
    def ports(self) -> dict[Port, int]:
        """The ports, chosen once."""
        recorded: Any = self._load(self._state_file).get("ports")
        try:
            return {name: int(recorded[name]) for name in PORTS}
        except (TypeError, KeyError, ValueError):
            raise self._damaged(self._state_file) from None

    @cached_property
    def passwords(self) -> dict[str, str]:
        """The password of each login."""
        return {str(k): str(v) for k, v in self._load(self._credentials_file).items()}

    @cached_property
    def postgres(self) -> Postgres:
        """The server."""
        directory = self.directory / "postgres"
        made = directory / "data" / "PG_VERSION"
        return Postgres(
            installation=find_postgres(int(made.read_text()) if made.exists() else None),
            account=self.account,
            directory=directory,
            socket_directory=self.sockets,
            port=self.ports["postgres"],
            password=self.passwords[SUPERUSER],
        )

    @cached_property
    def pooler(self) -> PgBouncer:
        """The pooler in front of the server."""
        return PgBouncer(
            program=find_pgbouncer(),
            account=self.account,
            directory=self.directory / "pgbouncer",
            socket_directory=self.sockets,
            port=self.ports["pgbouncer"],
            server_port=self.ports["postgres"],
            auth_password=self.passwords[AUTH_USER],
        )

    @cached_property
    def sockets(self) -> Path:
        """The directory of the Unix sockets, made by ``prepare``."""
        return socket_directory(self.directory / "run")

    def daemon(self, name: str, *arguments: str, **environment: str) -> Daemon:
        """Return the daemon ``name``: ``program`` (this Python's memoriesdb) with the arguments.

        It runs as the caller, since the package may lie below a home that only the caller enters.
        """
        return Daemon(
            name=f"the {name}" if name == "embedder" else f"the {name} worker",
            pid_file=self.directory / f"{name}.process",
            log=self.directory / f"{name}.log",
            command=(*self.program, *arguments),
            environment={**_inherited_environment(), **environment},
        )

    def embedder(self) -> Daemon:
        """The embedding endpoint of our own."""
        # The model file is built at the first start. It lies here, so that it goes with the rest.
        cache = os.environ.get(CACHE_VARIABLE) or str(self.directory / "cache")
        return self.daemon(
            *("embedder", "embedder", "serve", "--port", str(self.ports["embedder"])),
            **{CACHE_VARIABLE: cache},
        )

    def worker(self, duty: str) -> Daemon:
        """The worker of one duty, which reaches the database through the pooler."""
        # In the environment, which only this user can read, and not in the arguments.
        settings = {"MEMORIESDB_DSN": self.dsn("worker"), "MEMORIESDB_POLL_MAX_SECONDS": "1"}
        if duty == "vindexing":
            settings["MEMORIESDB_MAINTAINER_DSN"] = self.dsn("maintainer")
        return self.daemon(duty, "worker", duty, **settings)

    def dsn(self, role: Role, direct: bool = False) -> str:
        """Return a role's URL: through the pooler, unless ``direct`` or the pooler refuses it."""
        login = login_name(role)
        port = self.ports["postgres" if direct or role in DIRECT else "pgbouncer"]
        return url(login, self.passwords[login], LOOPBACK, port, DATABASE)

    def prepare(self) -> None:
        """Make the directory, choose ports and passwords; what was chosen before is kept."""
        self.account.make_passage(self.directory)
        self.account.check_reach(self.directory)
        make_socket_directory(self.sockets, self.account)
        known = self.passwords if self._credentials_file.exists() else {}
        missing = [name for name in (*map(login_name, ROLES), AUTH_USER) if name not in known]
        if missing:  # all of them, or those of roles that came with a later release
            more = {name: secrets.token_urlsafe(24) for name in missing}
            self._store(self._credentials_file, {**known, **more})
            self.__dict__.pop("passwords", None)
        if not self._state_file.exists():
            self.choose_ports()

    def choose_ports(self, *busy: Port) -> None:
        """Choose the ports, or those of ``busy`` anew, and keep them."""
        ports = {} if not self.exists else {k: v for k, v in self.ports.items() if k not in busy}
        for name in PORTS:
            ports[name] = ports.get(name) or free_port(list(ports.values()))
        self._store(self._state_file, {"ports": ports})
        for cached in ("ports", "postgres", "pooler"):
            self.__dict__.pop(cached, None)

    def foreign_ports(self) -> list[Port]:
        """Return our ports on which somebody else listens now."""
        ours = {
            "postgres": self.postgres.running(),
            "pgbouncer": self.pooler.running(),
            "embedder": self.embedder().running(),
        }
        return [k for k, port in self.ports.items() if not ours[k] and not is_free(port)]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the instance: two commands at once would start everything twice."""
        self.check_ours()
        self.account.make_passage(self.directory)
        with (self.directory / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def check_ours(self) -> None:
        """Raise when the directory holds something else than an instance, whole or half made."""
        if self.exists or not self.directory.exists():
            return
        if set(os.listdir(self.directory)) - BEFORE_STATE:
            raise ClusterError(
                f"{self.directory} is not the state of a private cluster.",
                "check --home and --instance; nothing was touched.",
            )

    def remove(self) -> None:
        """Remove the state directory and what lies outside of it."""
        self.check_ours()
        # What tells an instance goes last, so that an interrupted removal can be run again.
        for name in set(os.listdir(self.directory)) - {self._state_file.name}:
            path = self.directory / name
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.rmtree(self.directory)
        shutil.rmtree(self.sockets, ignore_errors=True)  # elsewhere when its path was too long
        with contextlib.suppress(OSError):
            self.home.rmdir()  # only where nothing else is in it

    @property
    def _state_file(self) -> Path:
        return self.directory / "state.json"

    @property
    def _credentials_file(self) -> Path:
        return self.directory / "credentials.json"

    def _store(self, path: Path, content: dict[str, Any]) -> None:
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, indent=2)
        fresh.replace(path)

    def _load(self, path: Path) -> dict[str, Any]:
        content: object = None
        try:
            with contextlib.suppress(ValueError):
                content = json.loads(path.read_text())
        except FileNotFoundError:
            raise NotRunningError(
                f"there is no private cluster {self.name!r} in {self.home}.",
                f"start one with `{self.command('up')}`.",
            ) from None
        except PermissionError:
            raise ClusterError(
                f"{path} belongs to another user.",
                "call as that user, or choose a directory of your own with --home.",
            ) from None
        if not isinstance(content, dict):
            raise self._damaged(path)
        return content

    def _damaged(self, path: Path) -> ClusterError:
        return ClusterError(
            f"{path} is damaged.",
            f"put a copy of it back; or end the processes that the files in {self.directory} "
            "name, and remove that directory.",
        )


def _inherited_environment() -> dict[str, str]:
    """Return the caller's environment without what is meant for another database."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "MEMORIESDB_"))
    }
    # A proxy cannot reach the loopback address of this machine.
    return {**kept, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
