"""Which operating-system user the servers run as."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from memoriesdb.cluster.errors import ClusterError, MissingPackageError

SERVER_USER = "postgres"

# Servers get no environment of the caller: PYTHONPATH would choose code that PL/Python runs,
# PGPORT and its kin other settings, and a proxy the way to the embedding endpoint.
SERVER_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class SpawnOptions(TypedDict, total=False):
    """The keywords of ``subprocess`` that change the user of a child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """An operating-system user; children are started as it where that needs a change."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()

    @classmethod
    def of_servers(cls) -> Account:
        """Return the caller, or for root (which PostgreSQL refuses) the user ``postgres``."""
        if os.geteuid() != 0:
            entry = pwd.getpwuid(os.geteuid())
            return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)
        try:
            entry = pwd.getpwnam(SERVER_USER)
        except KeyError:
            raise MissingPackageError(
                f"root may not run PostgreSQL, and there is no user {SERVER_USER!r} to run it as.",
                "install PostgreSQL with `make demo`, which brings that user, or call as a user.",
            ) from None
        groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, groups)

    @property
    def is_caller(self) -> bool:
        """Whether this is the user who calls."""
        return self.uid == os.geteuid()

    def spawn_options(self) -> SpawnOptions:
        """Return the ``subprocess`` keywords that start a child as this user."""
        if self.is_caller:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}

    def make_directory(self, path: Path, mode: int = 0o700) -> None:
        """Make a directory of this user; those above it stay the caller's."""
        path.mkdir(parents=True, exist_ok=True)
        if not self.is_caller:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        path.chmod(mode)

    def make_passage(self, path: Path) -> None:
        """Make a directory of the caller through which this user may pass, and no more.

        Where root writes, nobody else may: the server's user could plant a link in its place.
        """
        made = [each for each in (*path.parents, path) if not each.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for directory in {*made, path}:
            directory.chmod(0o700 if self.is_caller else 0o711)

    def open_append(self, path: Path) -> int:
        """Open a file of this user, and no link, for appending; returns the descriptor."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        return self._own(os.open(path, flags, 0o600), 0o600)

    def write(self, path: Path, text: str, mode: int = 0o600) -> None:
        """Write a file of this user, never readable by others for a moment, and all or nothing."""
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as file:
            self._own(descriptor, mode)
            file.write(text)
        fresh.replace(path)

    def _own(self, descriptor: int, mode: int) -> int:
        # By descriptor: a path may lead elsewhere by the time it is used again.
        if not self.is_caller:
            os.fchown(descriptor, self.uid, self.gid)
        os.fchmod(descriptor, mode)
        return descriptor

    def check_reach(self, directory: Path) -> None:
        """Raise when this user cannot enter ``directory``, say below a home of mode 0700."""
        if self.is_caller:
            return
        command = ["/usr/bin/test", "-x", str(directory)]
        if subprocess.run(command, cwd="/", check=False, **self.spawn_options()).returncode:
            raise ClusterError(
                f"user {self.name!r}, as whom the servers run, cannot enter {directory}.",
                "choose a directory that it may enter with --home or MEMORIESDB_HOME.",
            )
