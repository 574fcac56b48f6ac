"""What tuning has found, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from bench.recall.page import prose, table
from bench.recall.trials import FIGURES


def report(found: Mapping[str, Any]) -> str:
    """Return all tables, in Markdown."""
    return "\n".join(_sections(found))


def _sections(found: Mapping[str, Any]) -> Iterator[str]:
    drawn = found["drawn"]
    yield prose(
        "{date}, commit `{commit}`, `{command}`. {processor}, {cores} cores. {conversations} "
        "conversations of {data}, {memories:,} memories, {questions} questions; seed {seed}.",
        **{**found, "data": ", ".join(found["data"])},
        processor=found["machine"]["processor"],
        cores=found["machine"]["cores"],
    )
    yield (
        "As shipped; of the random settings those chosen without the conversation that they are "
        "measured on; and those that are best on all:\n"
    )
    best, held = found["best_of_all"], found["held_out_together"]
    yield table(
        ("settings", *FIGURES, "recall@10 against the shipped"),
        [
            ("as shipped", *_row(found["as_shipped"]), ""),
            ("chosen on the others", *_row(held), _gain(held)),
            ("best on all, and so flattered", *_row(best), _gain(best)),
        ],
    )
    yield "recall@10 on each conversation:\n"
    yield table(
        ("conversation", "questions", "chosen on the others", "as shipped"),
        [
            (
                each["conversation"],
                each["questions"],
                f"{each['chosen']['recall@10']:.1f}",
                f"{each['as_shipped']['recall@10']:.1f}",
            )
            for each in found["held_out"]
        ],
    )
    yield "What was chosen without each of them, and what is best on all:\n"
    yield _chosen(found)
    yield f"recall@10 of {drawn['settings']} random settings:\n"
    yield table(
        (*drawn["recall@10"], "below the shipped"),
        [
            (
                *(f"{value:.1f}" for value in drawn["recall@10"].values()),
                f"{100 * drawn['below_shipped']:.0f} %",
            )
        ],
    )
    yield "One setting changed, all others as shipped (in bold); recall@10:\n"
    yield table(("setting", "value: recall@10"), _one_by_one(found))
    yield "Without a part, and what it gains in recall@10:\n"
    yield table(
        ("without", *FIGURES, "gain"),
        [(each["part"], *_row(each), _gain(each)) for each in found["without"]],
    )


def _chosen(found: Mapping[str, Any]) -> str:
    shipped = found["shipped"]
    columns = [shipped, *(each["settings"] for each in found["held_out"])]
    columns.append(shipped | found["best_of_all"]["changes"])
    names = [name for name in shipped if any(each[name] != shipped[name] for each in columns)]
    without = [each["conversation"].rpartition("/")[2] for each in found["held_out"]]
    return table(
        ("setting", "as shipped", *without, "best"),
        [(f"`recall_{name}`", *(f"{each[name]:g}" for each in columns)) for name in names],
    )


def _one_by_one(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, group in groupby(found["one_by_one"], lambda each: str(each["setting"])):
        cells = []
        for each in group:
            cell = f"{each['value']:g}: {each['recall@10']:.1f}"
            cells.append(f"**{cell}**" if each["value"] == found["shipped"][name] else cell)
        yield f"`recall_{name}`", ", ".join(cells)


def _row(means: Mapping[str, float]) -> list[str]:
    return [f"{means[name]:.1f}" for name in FIGURES]


def _gain(of: Mapping[str, float]) -> str:
    gain, low, high = (round(of[name], 1) + 0.0 for name in ("gain", "low", "high"))
    return f"{gain:+.1f} ({low:+.1f} to {high:+.1f})"
