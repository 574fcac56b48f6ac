"""Where and with what something was measured."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.recall.database import memory_bytes, superuser, value
from memoriesdb.cluster import Cluster

ROOT = Path(__file__).parents[2]
PACKAGES = ("mem0ai", "langgraph-checkpoint-postgres", "bm25s", "psycopg", "numpy")


def machine() -> dict[str, Any]:
    """Return the machine's processor, cores and memory."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    return {
        "processor": processor,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_bytes() / 2**30, 1),
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def versions(cluster: Cluster, packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of what was measured, and of what measured it."""
    with superuser(cluster) as db:
        found = {
            "PostgreSQL": str(value(db, "show server_version")),
            "pgvector": str(
                value(db, "select extversion from pg_extension where extname = 'vector'")
            ),
            "PgBouncer": ".".join(map(str, cluster.pooler.program.version)),
            "Python": platform.python_version(),
        }
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def commit() -> str:
    """Return the commit that was measured, marked where files were changed since."""
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude", "*"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def command(arguments: Sequence[str], target: str = "bench-recall") -> str:
    """Return the command as it is typed; of files the names alone, wherever they lay."""
    values: dict[str, list[str]] = {}
    for argument in arguments:
        if argument.startswith("--"):
            values[argument[2:].upper()] = []
        elif values:
            values[list(values)[-1]].append(Path(argument).name)
    given = (f"{name}={shlex.quote(' '.join(words))}" for name, words in values.items() if words)
    return " ".join([f"make {target}", *given])


def facts(
    cluster: Cluster, target: str = "bench-recall", packages: Sequence[str] = PACKAGES
) -> dict[str, Any]:
    """Return all that a figure must not be told without."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "command": command(sys.argv[1:], target),
        "machine": machine(),
        "versions": versions(cluster, packages),
        "server_settings": dict(cluster.postgres.settings),
    }
