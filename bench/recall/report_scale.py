"""The section about scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.recall.page import goals_table, origin, prose, table
from bench.recall.prose import RECALL, SCALE
from bench.recall.systems import VECTOR

Result = Mapping[str, Any]


def scale_section(name: str, result: Result, plots: Mapping[str, str]) -> Iterator[str]:
    """Yield the part about scale at one size."""
    decades = list(result["decades"])
    yield f"## Scale: {result['size']:,} memories\n"
    yield origin(result)
    if not result.get("is_complete"):
        yield "**This run was not finished**: what it had measured is here.\n"
    yield prose(SCALE, owners=result["owners"], vocabulary=result["vocabulary"])
    yield table(
        ("memories of an owner", "owners", "asked", "mean size of those asked"),
        (
            (decade, f["owners"], f["owners_asked"], f"{f['mean_size']:,}")
            for decade, f in result["decades"].items()
        ),
    )
    if "goals" in result:
        yield "### Goals\n"
        yield goals_table(result)
    yield "### Systems\n"
    yield table(("system", "how it is asked"), result["about"].items())
    for label, error in result["failed"].items():
        yield f"{label} failed: `{error}`.\n"
    yield "### Recall of the ten nearest, by the owner's size\n"
    yield prose(RECALL, vector=VECTOR)
    yield table(
        ("system", *decades),
        (
            (
                system,
                *(_recall(figures[d], result["rows"].get(system, {}).get(d)) for d in decades),
            )
            for system, figures in result["recall"].items()
        ),
    )
    yield f"![recall@10 by decade](benchmarks/{plots['recall']})\n"
    yield "### One client: p50 / p95, ms\n"
    yield table(
        ("system", *decades),
        (
            (system, *(f"{figures[d]['p50']:.2f} / {figures[d]['p95']:.2f}" for d in decades))
            for system, figures in result["one_client"].items()
        ),
    )
    yield f"![p50 by decade](benchmarks/{plots['p50']})\n"
    yield f"![p95 by decade](benchmarks/{plots['p95']})\n"
    for clients in ("8", "32"):
        yield f"### {clients} clients: p50 / p95, ms, and answers a second\n"
        yield table(
            ("system", *decades),
            (
                (system, *(_many(figures.get(clients, {}).get(d)) for d in decades))
                for system, figures in result["clients"].items()
            ),
        )
    yield "### Loading\n"
    yield from _loading(result)


def _recall(figures: Mapping[str, float], rows: float | None) -> str:
    rows = figures["rows"] if rows is None else rows
    text = f"{figures['recall']:.3f}"
    return text if rows >= 1 else f"{text} ({rows:.2f} of the rows)"


def _many(figures: Mapping[str, float] | None) -> str:
    if figures is None:
        return ""
    return f"{figures['p50']:.1f} / {figures['p95']:.1f}, {figures['per_second']:.0f}"


def _loading(result: Result) -> Iterator[str]:
    seconds = result["load"]["seconds"]
    rate = result["size"] / max(seconds["remember"], 0.1)
    steps = ", ".join(f"{step} {taken:,.0f} s" for step, taken in seconds.items())
    yield prose(
        f"{steps}. Three writers remembered {rate:,.0f} memories a second. "
        f"{result['load']['vector_indexes']} owners have a vector index of their own."
    )
    total = sum(result["load"]["bytes"].values())
    yield prose(
        f"MemoriesDB takes {total / result['size'] / 1000:.1f} KB a memory, audit and versions "
        "included. Its largest tables with their indexes, in KB a memory:"
    )
    largest = list(result["load"]["bytes"].items())[:8]
    yield table(
        ("table", "KB a memory"),
        (
            (table_name.removeprefix("memoriesdb."), f"{size / result['size'] / 1000:.2f}")
            for table_name, size in largest
        ),
    )
    peers = {label: found for label, found in result["peers"].items() if found}
    if peers:
        yield table(
            ("peer", "rows by SQL, s", "vector index, s", "KB a memory"),
            (
                (
                    label,
                    found["rows inserted by SQL, seconds"],
                    found["index, seconds"],
                    f"{found['bytes'] / result['size'] / 1000:.1f}",
                )
                for label, found in peers.items()
            ),
        )
