"""Plots of the scale part, as SVG beside the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.recall import growth
from bench.recall.results import FOLDER
from bench.recall.systems import HEAP, HYBRID, VECTOR

WIDTH, HEIGHT = 7.5, 4.2
OURS = (HYBRID, VECTOR)


def draw(name: str, result: Mapping[str, Any]) -> dict[str, str]:
    """Draw what a result of the scale part shows; return the files' names by what they show."""
    decades = list(result["decades"])
    files = {}
    for what in ("p50", "p95"):
        lines = {
            system: [1.0 * figures[decade][what] for decade in decades]
            for system, figures in result["one_client"].items()
            if set(decades) <= set(figures)
        }
        files[what] = _lines(
            f"{name}-{what}", decades, lines, f"{what} at one client, ms", is_log=True
        )
    lines = {
        system: [figures[decade]["recall"] for decade in decades]
        for system, figures in result["recall"].items()
    }
    files["recall"] = _lines(f"{name}-recall", decades, lines, "recall@10", is_log=False)
    return files


def draw_growth(name: str, result: Mapping[str, Any]) -> str:
    """Draw how each owner's p50 goes with the total."""
    totals = [f"{int(total):,}" for total in result["entries"]]
    lines: dict[str, list[float | None]] = {}
    for system in (HYBRID, HEAP):
        owners = {owner for entry in result["entries"].values() for owner in entry[system]}
        for owner in sorted(owners - {growth.OTHERS}, key=lambda text: int(text.replace(",", ""))):
            lines[f"{system}, {owner}"] = [
                entry[system].get(owner, {}).get("p50") for entry in result["entries"].values()
            ]
    return _lines(f"{name}-p50", totals, lines, "p50 at one client, ms", is_log=True)


def _lines(
    name: str,
    labels: Sequence[str],
    lines: Mapping[str, Sequence[float | None]],
    what: str,
    *,
    is_log: bool,
) -> str:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = name
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(WIDTH, HEIGHT))
    try:
        for system, values in lines.items():
            known = [(i, y) for i, y in enumerate(values) if y is not None]
            is_own = system.startswith(OURS)
            axes.plot(
                [i for i, _ in known],
                [y for _, y in known],
                marker="o",
                markersize=4,
                linewidth=2.2 if is_own else 1.2,
                linestyle="-" if is_own else "--",
                label=system,
            )
        axes.set_xticks(range(len(labels)), labels)
        axes.set_ylabel(what)
        axes.grid(alpha=0.3)
        if is_log:
            axes.set_yscale("log")
        else:
            axes.set_ylim(-0.02, 1.02)
        axes.legend(fontsize=7, loc="best")
        figure.tight_layout()
        FOLDER.mkdir(parents=True, exist_ok=True)
        path: Path = FOLDER / f"{name}.svg"
        figure.savefig(path, format="svg", metadata={"Date": None})
        path.write_text("".join(f"{line.rstrip()}\n" for line in path.read_text().splitlines()))
        return path.name
    finally:
        pyplot.close(figure)
