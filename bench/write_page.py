"""The page about the write path, from what was measured."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bench.access_log_cost import DURABLE, Connection
from bench.recall.facts import commit, machine
from bench.recall.page import goals_table, prose, table
from bench.write_prose import CUTS, FLOORS, FUNCTIONS, INTRODUCTION, PARTS
from bench.write_tables import OURS, SYSTEMS
from memoriesdb.cluster import Cluster

FLOOR = SYSTEMS[1]
BATCH_GOAL, SINGLE_GOAL = 0.5, 0.8


class Found(NamedTuple):
    """What was measured: rates by way and system, and times in microseconds."""

    ways: list[str]
    batches: list[str]
    rates: dict[tuple[str, str], list[float]]
    index_seconds: float
    parts: Sequence[tuple[str, float, float]] = ()
    functions: Sequence[tuple[str, float, float, float]] = ()

    def rate(self, way: str, system: str) -> float:
        """Return the median of a way's rounds."""
        return statistics.median(self.rates[way, system])

    def ratio(self, way: str, floor: str) -> float:
        """Return the median of MemoriesDB's ratio to a bare table, round by round."""
        pairs = zip(self.rates[way, OURS.name], self.rates[way, floor], strict=True)
        return statistics.median(ours / bare for ours, bare in pairs)


def goals(found: Found) -> list[dict[str, object]]:
    """Hold each way against its goal."""
    listed: list[dict[str, object]] = []
    for way in found.ways:
        least = BATCH_GOAL if way in found.batches else SINGLE_GOAL
        ratio = found.ratio(way, FLOOR.name)
        listed.append(
            {
                "goal": f"{way}: at least {least} of {FLOOR.name}",
                "found": f"{ratio:.2f}",
                "holds": ratio >= least,
            }
        )
    return listed


def rates_table(found: Found) -> str:
    """Return rows a second by way and system, and the ratios."""
    rows = []
    for way in found.ways:
        rates = [found.rate(way, system.name) for system in SYSTEMS]
        ratios = [f"{found.ratio(way, system.name):.2f}" for system in SYSTEMS[:-1]]
        # One process that does nothing else, after the statement.
        indexed = f"{1 / (1 / rates[-1] + found.index_seconds):,.0f}"
        row = [way, *(f"{rate:,.0f}" for rate in rates), *ratios]
        rows.append([*row, indexed if way in found.batches else ""])
    names = [system.name for system in SYSTEMS]
    head = ["rows/s", *names, *(f"of {name}" for name in names[:-1]), "words indexed as well"]
    return table(head, rows)


def parts_table(found: Found) -> str:
    """Return what each part takes, and how much of the whole that is."""
    whole = found.parts[0]
    rows = [[whole[0], f"{whole[1]:,.0f}", "", f"{whole[2]:,.0f}", ""]]
    for name, *taken in found.parts[1:]:
        row = [name]
        for all_of_it, rest in zip(whole[1:], taken, strict=True):
            saved = all_of_it - rest
            row += [f"{saved:,.0f}", f"{saved / all_of_it:.0%}"]
        rows.append(row)
    return table(["", "µs a row, in batches of 1,000", "", "µs a transaction of one", ""], rows)


def functions_table(found: Found) -> str:
    """Return the functions that take the most time by themselves."""
    return table(
        ["function", "calls a row", "µs a row", "without what it calls"],
        (
            [f"`{name}`", f"{calls:.3g}", f"{total:.1f}", f"{own:.1f}"]
            for name, calls, total, own in found.functions
        ),
    )


def origin(cluster: Cluster, superuser: Connection) -> str:
    """Return where, when and with what it was measured."""
    on = machine()
    server = superuser.execute("show server_version").fetchone()
    vector = superuser.execute(
        "select extversion from pg_extension where extname = 'vector'"
    ).fetchone()
    assert server is not None
    assert vector is not None
    pooler = ".".join(map(str, cluster.pooler.program.version))
    settings = ", ".join(f"{name} {value}" for name, value in DURABLE.items())
    return prose(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit `{commit()}`, `make bench-write`. "
        f"{on['processor']}, {on['cores']} cores, {on['memory_gib']} GiB; load at the end "
        f"{on['load_at_start']}. PostgreSQL {server[0]}, pgvector {vector[0]}, PgBouncer {pooler}, "
        f"Python {platform.python_version()}. Server: {settings}, max_wal_size 8GB, "
        "checkpoint_timeout 1h; else defaults."
    )


def page(found: Found, cluster: Cluster, superuser: Connection) -> str:
    """Return the page."""
    return "\n".join(
        [
            INTRODUCTION,
            origin(cluster, superuser),
            goals_table({"goals": goals(found)}),
            prose(FLOORS),
            rates_table(found),
            prose(PARTS),
            parts_table(found),
            prose(FUNCTIONS),
            functions_table(found),
            CUTS,
        ]
    )
