"""Choose the settings of recall on conversations, and see what a choice is worth on others.

    python -m bench.recall.tune --data locomo.json [another.json …]

The conversations become users' memories in a temporary cluster, as an application writes them. With
the settings as they are there the ranking in numpy must give recall()'s own answers to a sample of
questions, or this ends. Then settings are drawn at random, and for each conversation the best on
all others is taken: what it gives on the one that was left out is what choosing is worth.
"""

from __future__ import annotations

import argparse
import random
import signal
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.recall import locomo, results
from bench.recall.choices import Settings
from bench.recall.corpus import differences, read_corpus, read_settings
from bench.recall.database import act_as, database, pooled, superuser, value
from bench.recall.facts import facts
from bench.recall.locomo import ASIDE, Conversation
from bench.recall.quality import embedding_endpoint, ingest, title
from bench.recall.ranking import rank
from bench.recall.trials import MOST, Trial, search
from bench.recall.tuning_report import report
from memoriesdb import embedder
from memoriesdb.cluster import Cluster


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.recall.tune", description=__doc__)
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="conversations in LoCoMo's format"
    )
    parser.add_argument("--settings", type=int, default=300, help="how many are drawn")
    parser.add_argument("--seed", type=int, default=1, help="of the draws and the intervals")
    parser.add_argument("--checks", type=int, default=60, help="questions that recall() is asked")
    parser.add_argument("--name", default="", help="suffix of the file of figures")
    given = parser.parse_args()
    missing = [str(path) for path in given.data if not path.is_file()]
    if missing:
        parser.error(f"there is no {', '.join(missing)}")
    if given.settings < 1 or given.checks < 1:
        parser.error("--settings and --checks are at least 1")
    return given


def main() -> None:
    """Load, check, search, and tell."""
    given = arguments()
    conversations = [
        conversation
        for path in given.data
        for conversation in locomo.read(path)
        if any(question.category != ASIDE for question in conversation.questions)
    ]
    if len(conversations) < 2:
        raise SystemExit("one conversation is left out in turn: give two or more")
    console = Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        found, shipped, trials = load(conversations, given, progress)
        found |= search(
            shipped,
            trials,
            given.settings,
            given.seed,
            lambda settings: progress.track(settings, description="try settings"),
        )
    results.save("tuning" + (f"-{given.name}" if given.name else ""), found)
    console.print(report(found), highlight=False, markup=False, soft_wrap=True)


def load(
    conversations: Sequence[Conversation], given: argparse.Namespace, progress: Progress
) -> tuple[dict[str, Any], Settings, list[Trial]]:
    """Read from a database that is gone afterwards all that the search needs."""
    with embedding_endpoint(embedder.load()) as endpoint, database(10_000) as cluster:
        users = ingest(cluster, conversations, endpoint, progress)
        with pooled(cluster, "admin") as db:
            # A busy machine is no reason to leave out the vector of a question.
            db.execute("select memoriesdb.set_setting('embed_query_timeout_seconds', '30')")
        with superuser(cluster) as db:
            shipped = read_settings(db)
        pairs = list(zip(conversations, users, strict=True))
        trials = [
            read_trial(cluster, *pair)
            for pair in progress.track(pairs, description="read the database")
        ]
        checked = check(cluster, users, trials, shipped, given, progress)
        found = {
            **facts(cluster, "bench-recall-tune"),
            "part": "tuning",
            "data": [path.name for path in given.data],
            "conversations": len(conversations),
            "memories": sum(len(c.turns) for c in conversations),
            "questions": sum(len(trial.questions) for trial in trials),
            "seed": given.seed,
            "checked": checked,
            "shipped": asdict(shipped),
        }
    return found, shipped, trials


def read_trial(cluster: Cluster, conversation: Conversation, user: str) -> Trial:
    """Take words, vectors, dates and names of a conversation from the database."""
    asked = [q for q in conversation.questions if q.category != ASIDE]
    texts = [question.text for question in asked]
    with pooled(cluster, "app") as db, db.transaction():
        act_as(db, user)
        vectors = [value(db, "select memoriesdb.embed_query(%s)::real[]", text) for text in texts]
    if None in vectors:
        raise SystemExit("a question has no vector: the embedding endpoint did not answer in time")
    with superuser(cluster) as db:
        corpus = read_corpus(db, user, texts, vectors)
        turns: dict[str, Any] = dict(
            db.execute(
                "select metadata ->> 'turn', id from memoriesdb.memories where owner_id = %s",
                (user,),
            ).fetchall()
        )
    numbers = {memory_id: number for number, memory_id in enumerate(corpus.memory_ids)}
    evidence = [frozenset(numbers[turns[turn]] for turn in q.evidence) for q in asked]
    return Trial(title(conversation), texts, corpus, evidence)


def check(
    cluster: Cluster,
    users: Sequence[str],
    trials: Sequence[Trial],
    shipped: Settings,
    given: argparse.Namespace,
    progress: Progress,
) -> int:
    """Ask recall() a sample of the questions; end where the ranking in numpy says otherwise."""
    numbers = [(i, n) for i, trial in enumerate(trials) for n in range(len(trial.questions))]
    sample = sorted(random.Random(given.seed).sample(numbers, min(given.checks, len(numbers))))
    rankings = [rank(trial.corpus, shipped, MOST) for trial in trials]
    wrong = []
    with pooled(cluster, "app") as db:
        for trial, number in progress.track(sample, description="ask recall()"):
            text = trials[trial].questions[number]
            with db.transaction():
                act_as(db, users[trial])
                rows = db.execute(
                    "select memory_id, score from memoriesdb.recall(%s, k => %s)", (text, MOST)
                ).fetchall()
            answer = [(row[0], row[1]) for row in rows]
            wrong += [
                f"{text}: {difference}"
                for difference in differences(trials[trial].corpus, rankings[trial], number, answer)
            ]
    if wrong:
        raise SystemExit("\n".join([
            "The ranking in numpy is not recall()'s: what is chosen by it would mean nothing.",
            *wrong[:10],
        ]))  # fmt: skip
    progress.console.print(
        f"recall() and the ranking in numpy give the same {MOST} memories in the same order for "
        f"{len(sample)} questions"
    )
    return len(sample)


if __name__ == "__main__":
    # However it was started and is asked to stop: servers end with it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit("stopped; nothing is kept") from None
