"""The plot: jobs drained a second by workers, beside each other with and without a held one."""

from __future__ import annotations

from typing import Any

from bench.queues.goals import OURS, rates, spread, systems_of, workers_of
from bench.recall.results import FOLDER

NAME = "queue-drain"
WIDTH, HEIGHT = 9.0, 4.4


def draw(cells: list[dict[str, Any]]) -> str:
    """Draw the medians with their spread; return the file's name."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = NAME
    from matplotlib import pyplot

    workers = workers_of(cells)
    figure, both = pyplot.subplots(1, 2, figsize=(WIDTH, HEIGHT), sharey=True)
    try:
        for axes, is_held in zip(both, (False, True), strict=True):
            for system in systems_of(cells):
                known = {w: spread(rates(cells, system, w, is_held, "drain")) for w in workers}
                shown = [(workers.index(w), found) for w, found in known.items() if found]
                if not shown:
                    continue
                is_own = system in OURS
                axes.errorbar(
                    [place for place, _ in shown],
                    [found.median for _, found in shown],
                    yerr=[
                        [found.median - found.least for _, found in shown],
                        [found.most - found.median for _, found in shown],
                    ],
                    marker="o",
                    markersize=4,
                    capsize=2,
                    linewidth=2.0 if is_own else 1.2,
                    linestyle="-" if is_own else "--",
                    label=system,
                )
            axes.set_xticks(range(len(workers)), [str(number) for number in workers])
            axes.set_xlabel("workers")
            axes.set_title("a transaction held open" if is_held else "no transaction held open")
            axes.set_yscale("log")
            axes.grid(alpha=0.3)
        both[0].set_ylabel("jobs drained a second")
        both[1].legend(fontsize=7, loc="best")
        figure.tight_layout()
        FOLDER.mkdir(parents=True, exist_ok=True)
        path = FOLDER / f"{NAME}.svg"
        figure.savefig(path, format="svg", metadata={"Date": None})
        path.write_text("".join(f"{line.rstrip()}\n" for line in path.read_text().splitlines()))
        return path.name
    finally:
        pyplot.close(figure)
