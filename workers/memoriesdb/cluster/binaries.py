"""Find the programs: PostgreSQL with what MemoriesDB needs, and PgBouncer."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from memoriesdb.cluster.accounts import SERVER_ENVIRONMENT
from memoriesdb.cluster.errors import MissingPackageError

NEEDED_EXTENSIONS = ("vector", "plpython3u", "pg_trgm", "pgcrypto")
SUPPORTED = range(15, 19)
INSTALL_HINT = (
    f"install it with `make demo`, or run: sh {Path(__file__).with_name('system_packages.sh')}"
)


@dataclass(frozen=True)
class Installation:
    """One installed PostgreSQL server."""

    bindir: Path
    sharedir: Path
    version: int

    def program(self, name: str) -> str:
        """Return the path of one of its programs (never a wrapper on PATH)."""
        return str(self.bindir / name)

    def missing_extensions(self) -> list[str]:
        """Return the extensions that MemoriesDB needs and this server has not."""
        controls = self.sharedir / "extension"
        return [name for name in NEEDED_EXTENSIONS if not (controls / f"{name}.control").is_file()]


def _output(*command: str) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, cwd="/", env=SERVER_ENVIRONMENT
    ).stdout.strip()


def _installation(bindir: Path) -> Installation | None:
    try:
        sharedir = Path(_output(str(bindir / "pg_config"), "--sharedir"))
        version = re.search(r"\) (\d+)", _output(str(bindir / "postgres"), "--version"))
    except (OSError, subprocess.CalledProcessError):
        return None
    return Installation(bindir, sharedir, int(version[1])) if version else None


def installations() -> list[Installation]:
    """Return the supported servers on this machine, the newest first."""
    bindirs = list(Path("/usr/lib/postgresql").glob("*/bin"))
    pg_config = shutil.which("pg_config")
    if pg_config:
        bindirs.append(Path(_output(pg_config, "--bindir")))
    found = {i.bindir: i for i in map(_installation, bindirs) if i and i.version in SUPPORTED}
    return sorted(found.values(), key=lambda installation: -installation.version)


def find_postgres(version: int | None = None) -> Installation:
    """Return the newest server that has every extension; ``version`` asks for one release.

    A data directory belongs to the release that made it, so an existing cluster asks for its own.
    """
    candidates = [i for i in installations() if version in (None, i.version)]
    for installation in candidates:
        if not installation.missing_extensions():
            return installation
    if not candidates:
        wanted = f"PostgreSQL {version}" if version else "PostgreSQL 15 to 18"
        raise MissingPackageError(f"{wanted} is not installed.", INSTALL_HINT)
    nearest = candidates[0]
    missing = ", ".join(nearest.missing_extensions())
    raise MissingPackageError(
        f"PostgreSQL {nearest.version} ({nearest.bindir}) has no {missing}.", INSTALL_HINT
    )


@dataclass(frozen=True)
class PgBouncerProgram:
    """The installed PgBouncer."""

    path: str
    version: tuple[int, int]

    @property
    def knows_prepared_statements(self) -> bool:
        """Whether it follows protocol-level prepared statements in transaction mode."""
        return self.version >= (1, 21)


def find_pgbouncer() -> PgBouncerProgram:
    """Return the installed PgBouncer; /usr/sbin is often not on a user's PATH."""
    path = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    path = path or shutil.which("pgbouncer")
    match = re.search(r"PgBouncer (\d+)\.(\d+)", _output(path, "--version")) if path else None
    if path is None or match is None:
        raise MissingPackageError("PgBouncer is not installed.", INSTALL_HINT)
    return PgBouncerProgram(path, (int(match[1]), int(match[2])))
