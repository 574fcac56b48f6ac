"""Run the parts, keep their figures, and write the page."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.recall import growth, quality, results, scale
from bench.recall.report import write_page
from bench.recall.vocabulary import Vocabulary

PARTS = ("quality", "scale", "growth")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.recall", description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="memories of scale and growth")
    parser.add_argument("--parts", default=",".join(PARTS), help="some of quality,scale,growth")
    parser.add_argument(
        "--data", type=Path, nargs="*", default=[], help="conversations in LoCoMo's format"
    )
    parser.add_argument("--name", default="", help="suffix of the quality part's file of figures")
    parser.add_argument("--page-only", action="store_true", help="write the page from kept figures")
    given = parser.parse_args()
    given.parts = given.parts.split(",")
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}")
    missing = [str(path) for path in given.data if not path.is_file()]
    if missing:
        parser.error(f"there is no {', '.join(missing)}")
    if "quality" in given.parts and not given.data and not given.page_only:
        parser.error("the quality part needs conversations: give --data, or other --parts")
    if given.size < 10_000 and not given.page_only:
        parser.error("--size is at least 10000")
    return given


def main() -> None:
    """Run what was asked for."""
    given = arguments()
    console = Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    if not given.page_only:
        with Progress(*columns, console=console) as progress:
            run(given, progress)
    console.print(f"written: {write_page()}")


def run(given: argparse.Namespace, progress: Progress) -> None:
    """Run the parts one after the other; each keeps its figures when it is done."""
    judged: list[dict[str, Any]] = []
    if "quality" in given.parts:
        result = quality.measure(given.data, progress)
        results.save("quality" + (f"-{given.name}" if given.name else ""), result)
        judged += result["goals"]
    vocabulary = Vocabulary(given.data)
    known: dict[int, growth.Entry] = {}
    if "scale" in given.parts:
        result, grown = scale.measure(
            given.size,
            vocabulary,
            progress,
            lambda found: results.save(f"scale-{given.size}", found),
            # At the least size there is nothing to compare with.
            "growth" in given.parts and given.size > growth.SIZES[0],
        )
        known.update(grown)
        judged += result["goals"]
    if "growth" in given.parts and given.size > growth.SIZES[0]:
        result = growth.measure(given.size, vocabulary, known, progress)
        results.save(f"growth-{given.size}", result)
        judged += result["goals"]
    for goal in judged:
        mark = "[green]holds[/]" if goal["holds"] else "[red]fails[/]"
        progress.console.print(f"{mark}  {goal['goal']}: {goal['found']}", highlight=False)


if __name__ == "__main__":
    # However it was started and is asked to stop: servers end with it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit("stopped; what was finished is kept") from None
