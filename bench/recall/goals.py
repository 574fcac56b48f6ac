"""The goals of the scale part, judged from its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.recall.peers import LANGGRAPH, MEM0, MEM0_SEARCH
from bench.recall.systems import FILTERED, HEAP, HNSW, HYBRID, ITERATIVE, VECTOR
from bench.recall.zipf import DECADES

SMALL, LARGE, LARGEST = DECADES[:3], DECADES[3:], DECADES[4]
RECALL, LARGEST_P95, LARGEST_MOONSHOT, FACTOR, EXTRA, THROUGHPUT = 0.99, 25.0, 15.0, 2.0, 5.0, 2.0
OTHERS = (HNSW, ITERATIVE, LANGGRAPH, MEM0, MEM0_SEARCH)
# Two systems whose recall differs by less find the same.
EQUAL = 0.005


def judge(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every goal with what was found and whether it holds."""
    return [{"goal": goal, "found": found, "holds": holds} for goal, found, holds in _goals(result)]


def _goals(result: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    recall, one, many = result["recall"], result["one_client"], result["clients"]
    decades = list(result["decades"])
    least = min((recall[VECTOR][decade]["recall"], decade) for decade in decades)
    yield (
        f"recall@10 of the vector arm of at least {RECALL} in every decade",
        f"least: {least[0]:.4f} ({least[1]})",
        least[0] >= RECALL,
    )
    rows = min(min(parts.values()) for parts in result["rows"].values())
    yield (
        "never fewer rows than exist, with and without text and filter",
        f"least: {100 * rows:.2f} % of them",
        rows >= 1,
    )
    for system in (HYBRID, FILTERED):
        for decade in decades:
            found, floor = one[system][decade]["p95"], one[HEAP][decade]["p95"]
            if decade in SMALL:
                bound = max(FACTOR * floor, floor + EXTRA)
                yield (
                    f"{system}, owners of {decade}: p95 at most {bound:.1f} ms "
                    f"(heap floor {floor:.1f})",
                    f"{found:.1f} ms",
                    found <= bound,
                )
            if decade == LARGEST:
                for bound in (LARGEST_P95, LARGEST_MOONSHOT):
                    yield (
                        f"{system}, the owner of {decade}: p95 at most {bound:g} ms",
                        f"{found:.1f} ms",
                        found <= bound,
                    )
    for clients, found in many[HYBRID].items():
        for decade in decades:
            if decade in LARGE:
                own = found[decade]["per_second"]
                floor = many[HEAP][clients][decade]["per_second"]
                yield (
                    f"{clients} clients, owners of {decade}: at least {THROUGHPUT:g} times the "
                    "heap floor's throughput",
                    f"{own:.0f} against {floor:.0f} a second",
                    own >= THROUGHPUT * floor,
                )
    for other in OTHERS:
        if other in recall and other in one:
            yield _against(result, other, decades)


def _against(result: Mapping[str, Any], other: str, decades: list[str]) -> tuple[str, str, bool]:
    """Beaten is, in a decade, what finds less, or finds the same and takes longer."""
    won, lost = [], []
    for decade in decades:
        own = result["recall"][VECTOR][decade]["recall"]
        theirs = result["recall"][other][decade]["recall"]
        p95 = (
            result["one_client"][VECTOR][decade]["p95"],
            result["one_client"][other][decade]["p95"],
        )
        if theirs < own - EQUAL:
            won.append(f"{decade}: recall {own:.2f} against {theirs:.2f}")
        elif theirs <= own + EQUAL and p95[0] < p95[1]:
            won.append(f"{decade}: p95 {p95[0]:.1f} against {p95[1]:.1f} ms")
        elif theirs <= own + EQUAL:
            lost.append(f"{decade}: p95 {p95[0]:.1f} against {p95[1]:.1f} ms")
        else:
            lost.append(f"{decade}: recall {own:.2f} against {theirs:.2f}")
    found = f"{len(won)} of {len(decades)} decades. "
    found += " ".join(
        f"{what}: {'; '.join(said)}." for what, said in (("Won", won), ("Lost", lost)) if said
    )
    return f"beats {other} on recall or, at equal recall, on p95", found, not lost
