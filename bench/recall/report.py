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
    sections: list[str] = [INTRODUCTION]
    for name, result in results.load("quality*").items():
        sections += quality_section(name, result)
    scales = results.load("scale-*")
    for name in sorted(scales, key=lambda name: -scales[name]["size"]):
        sections += scale_section(name, scales[name], plots.draw(name, scales[name]))
    for name, result in results.load("growth-*").items():
        sections += growth_section(name, result)
    path = results.FOLDER.parent / "benchmarks.md"
    path.write_text("\n".join(sections), encoding="utf-8")
    return path


def quality_section(name: str, result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the part about quality."""
    yield f"## Quality: {', '.join(result['data'])}\n"
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
    yield f"## Growth: up to {result['size']:,} memories\n"
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
