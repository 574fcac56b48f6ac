"""The page docs/benchmarks.md, made of the figures that are kept beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.recall import plots, results
from bench.recall.locomo import ASIDE, CATEGORIES
from bench.recall.page import goals_table, origin, prose, table
from bench.recall.prose import GROWTH, INTRODUCTION, QUALITY
from bench.recall.quality import SYSTEMS
from bench.recall.report_scale import scale_section


def write_page() -> Path:
    """Write the page and its plots; return where."""
    qualities = results.load("quality*")
    scales = _largest_first(results.load("scale-*"))
    growths = _largest_first(results.load("growth-*"))
    sections: list[str] = [INTRODUCTION, "## In short\n"]
    for result in (*qualities.values(), *scales.values(), *growths.values()):
        sections += summary(result)
    for result in qualities.values():
        sections += quality_section(result)
    for name, result in scales.items():
        sections += scale_section(name, result, plots.draw(name, result))
    for name, result in growths.items():
        sections += growth_section(name, result)
    path = results.FOLDER.parent / "benchmarks.md"
    path.write_text("\n".join(sections), encoding="utf-8")
    return path


def _largest_first(found: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return dict(sorted(found.items(), key=lambda item: -item[1]["size"]))


def title(result: Mapping[str, Any]) -> str:
    """Return the heading of a part."""
    if result["part"] == "quality":
        return f"Quality: {', '.join(result['data'])}"
    if result["part"] == "growth":
        return f"Growth: up to {result['size']:,} memories"
    return f"Scale: {result['size']:,} memories"


def summary(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a part has won and lost, in a few lines."""
    goals = result.get("goals", [])
    if not goals:
        yield f"{title(result)}: not finished.\n"
        return
    held = sum(goal["holds"] for goal in goals)
    yield f"{title(result)}: {held} of {len(goals)} goals hold.\n"
    for what, holds in (("lost", False), ("won", True)):
        lines = [
            f"- {what}: {goal['goal']}. Found: {goal['found'].rstrip('.')}."
            for goal in goals
            if goal["holds"] is holds
        ]
        if lines:
            yield "\n".join(lines) + "\n"


def quality_section(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the part about quality."""
    yield f"## {title(result)}\n"
    yield origin(result)
    questions = result["overall"][SYSTEMS[0]]["questions"]
    yield prose(
        QUALITY,
        conversations=result["conversations"],
        memories=result["memories"],
        questions=questions,
    )
    yield goals_table(result)
    cuts = ("recall@5", "recall@10", "recall@20", "MRR", "nDCG@10")
    yield table(
        ("all questions", *cuts),
        (
            (system, *(_with_interval(result["overall"][system], cut) for cut in cuts))
            for system in SYSTEMS
        ),
    )
    yield "recall@10 by category of question:\n"
    yield _by(result["categories"], "category")
    yield "recall@10 by conversation:\n"
    yield _by(result["per_conversation"], "conversation")


def _with_interval(figures: Mapping[str, float], cut: str) -> str:
    half = figures.get(f"{cut} ±")
    return f"{figures[cut]:.1f}" + (f" ± {half:.1f}" if half else "")


def _by(groups: Mapping[str, Mapping[str, Mapping[str, float]]], what: str) -> str:
    return table(
        (what, "questions", *SYSTEMS),
        (
            (
                name + (" (aside)" if name == CATEGORIES[ASIDE] else ""),
                group[SYSTEMS[0]]["questions"],
                *(f"{group[system]['recall@10']:.1f}" for system in SYSTEMS),
            )
            for name, group in groups.items()
        ),
    )


def growth_section(name: str, result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the part about growth."""
    totals = list(result["entries"])
    yield f"## {title(result)}\n"
    yield origin(result)
    yield prose(GROWTH)
    yield goals_table(result)
    rows = []
    for system, ratios in result["ratios"].items():
        for owner in sorted(ratios, key=lambda text: int(text.replace(",", ""))):
            times = [result["entries"][total][system].get(owner) for total in totals]
            rows.append(
                (
                    system,
                    owner,
                    *(f"{t['p50']:.2f} / {t['p95']:.2f}" if t else "" for t in times),
                    f"{ratios[owner]:.2f}",
                )
            )
    yield table(("system", "owner of", *(f"of {int(total):,}" for total in totals), "ratio"), rows)
    if len(totals) > 1:
        yield f"![p50 by total](benchmarks/{plots.draw_growth(name, result)})\n"
