"""Free ports on loopback, and directories for sockets whose paths must stay short."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import stat
import tempfile
from collections.abc import Collection
from pathlib import Path

from memoriesdb.cluster.accounts import Account
from memoriesdb.cluster.errors import ClusterError

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections: a port of that
# range can be free now and taken by a mere client the next time the server starts.
CANDIDATES = range(20_000, 32_000)
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET_NAME = len("/.s.PGSQL.65535.lock")


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(taken: Collection[int] = ()) -> int:
    """Return a free port that is not among ``taken``."""
    # At random, so that clusters which start at the same moment rarely choose the same one.
    for port in random.sample(CANDIDATES, 500):
        if port not in taken and is_free(port):
            return port
    raise ClusterError(
        f"no free port was found between {CANDIDATES.start} and {CANDIDATES.stop}.",
        "stop servers that are not needed, then try again.",
    )


def socket_directory(preferred: Path) -> Path:
    """Return ``preferred``, or a short stand-in, always the same one, when its path is too long.

    A Unix socket's path has at most 107 bytes, whatever the file system allows.
    """
    path = os.fsencode(preferred)
    if len(path) + LONGEST_SOCKET_NAME <= SOCKET_PATH_LIMIT:
        return preferred
    digest = hashlib.sha256(path).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"memoriesdb-{os.geteuid()}-{digest}"


def make_socket_directory(directory: Path, account: Account) -> None:
    """Make the directory that ``socket_directory`` chose; one of somebody else is refused."""
    _refuse_foreign(directory, account)
    account.make_directory(directory, 0o755)


def _refuse_foreign(directory: Path, account: Account) -> None:
    # Everyone may write to /tmp: whoever made the directory first must have been one of us.
    try:
        entry = directory.lstat()
    except FileNotFoundError:
        directory.mkdir(mode=0o700)
        return
    if not stat.S_ISDIR(entry.st_mode) or entry.st_uid not in (account.uid, os.geteuid()):
        raise ClusterError(
            f"{directory} belongs to somebody else.",
            "choose a shorter directory with --home or MEMORIESDB_HOME.",
        )
