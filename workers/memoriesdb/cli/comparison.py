"""Ask two embedding models the same, as the owner of the memories, and measure the answers."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from uuid import UUID

import memoriesdb
from memoriesdb import EmbedderAwayWarning
from memoriesdb.cli.owner import Owner, connected
from memoriesdb.client.call import every, maybe
from memoriesdb.console import USAGE, fail, readable
from memoriesdb.queries import load, models
from memoriesdb.queries.loader import Query

sample_own: Query[models.Own] = load("models/sample", models.Own)
ask: Query[models.Answer] = load("models/answers", models.Answer)
find_active: Query[str] = load("models/active", str)

AGAIN = "nothing was changed; run it again."
# Each is embedded by the server, one after the other: a transaction stays short.
QUERIES_A_TRANSACTION = 20
FORMS = "give one query a line, or JSON Lines of objects with query and memory_id."


@dataclass(frozen=True)
class Asked:
    """A query, and the memory that should be found where it is known."""

    query: str
    memory_id: UUID | None = None


@dataclass(frozen=True)
class Side:
    """What one model made of the queries; None where no memory was expected, or none was found."""

    model: str
    found: float | None
    mean_rank: float | None
    mean_vector_rank: float | None


@dataclass(frozen=True)
class Comparison:
    """What two models made of the same queries."""

    queries: int
    k: int
    overlap: float | None
    old: Side
    new: Side


def read(file: Path) -> list[Asked]:
    """Read queries from a file: one a line, or JSON Lines."""
    text = readable(file, FORMS).read_text(encoding="utf-8", errors="replace")
    is_json = file.suffix.lower() in {".jsonl", ".ndjson", ".json"}
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    asked = [_object(file, n, line) if is_json else Asked(line) for n, line in lines]
    if not asked:
        fail(f"{file} holds no query.", FORMS, USAGE)
    return asked


def _object(file: Path, number: int, line: str) -> Asked:
    try:
        item = json.loads(line)
        expected = item.get("memory_id")
        return Asked(str(item["query"]), None if expected is None else UUID(expected))
    except (ValueError, KeyError, TypeError, AttributeError):
        fail(f"{file}, line {number}: it is no object with query and memory_id.", FORMS, USAGE)


def own_words(text: str) -> str:
    """Return some words in a row from the middle of a text: half of them, at most twelve."""
    words = text.split()
    count = min(12, max(3, len(words) // 2))
    first = max(0, (len(words) - count) // 2)
    return " ".join(words[first : first + count])


def compare(
    dsn: str | None,
    user: str | None,
    *,
    new: str,
    old: str | None,
    queries: list[Asked] | None,
    sample: int,
    seed: int,
    k: int,
) -> Comparison:
    """Ask both models as the user; without queries, a sample of his memories by their own words."""
    with connected(dsn, user, "", again=AGAIN, look=AGAIN) as owner:
        with owner.begin() as me:
            old = old or me.run(maybe(find_active))
            if queries is None:
                own = me.run(every(sample_own, seed=str(seed), count=sample))
                queries = [Asked(own_words(each.content), each.memory_id) for each in own]
        if old is None:
            fail("recall uses no model yet.", "name the other one with --old.")
        if not queries:
            fail("the user has no memories in plain text.", "give --queries, or another --user.")
        answers = [_answers(owner, model, queries, k) for model in (old, new)]
    return Comparison(
        len(queries),
        k,
        _overlap(*answers),
        _side(old, queries, answers[0]),
        _side(new, queries, answers[1]),
    )


def _answers(
    owner: Owner, model: str, queries: Sequence[Asked], k: int
) -> list[list[models.Answer]]:
    """Ask one model; without vectors of the queries, words alone would be compared."""
    answers: list[list[models.Answer]] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", EmbedderAwayWarning)
            for first in range(0, len(queries), QUERIES_A_TRANSACTION):
                part = [each.query for each in queries[first : first + QUERIES_A_TRANSACTION]]
                with owner.begin() as me:
                    answers += _ask(me, model, part, k)
    except EmbedderAwayWarning as error:
        fail(
            f"the database has no vectors of queries by {model}: {str(error).splitlines()[0]}.",
            "look at its endpoint, as the database server reaches it.",
        )
    return answers


def _ask(
    me: memoriesdb.Session, model: str, queries: list[str], k: int
) -> list[list[models.Answer]]:
    me.use_embedding_model(model)
    answers: list[list[models.Answer]] = [[] for _ in queries]
    for answer in me.run(every(ask, queries=queries, k=k)):
        answers[answer.query_number - 1].append(answer)
    return answers


def _overlap(old: list[list[models.Answer]], new: list[list[models.Answer]]) -> float | None:
    """Return which part of the answers both have; None where nothing was found at all."""
    parts = []
    for one, other in zip(old, new, strict=True):
        first, second = ({answer.memory_id for answer in side} for side in (one, other))
        if first or second:
            parts.append(len(first & second) / max(len(first), len(second)))
    return fmean(parts) if parts else None


def _side(model: str, queries: list[Asked], answers: list[list[models.Answer]]) -> Side:
    expected = [
        (asked.memory_id, answer)
        for asked, answer in zip(queries, answers, strict=True)
        if asked.memory_id is not None
    ]
    found = [
        (place, one.vector_rank)
        for memory_id, answer in expected
        for place, one in enumerate(answer, 1)
        if one.memory_id == memory_id
    ]
    ranks = [rank for _, rank in found if rank is not None]
    return Side(
        model,
        len(found) / len(expected) if expected else None,
        fmean(place for place, _ in found) if found else None,
        fmean(ranks) if ranks else None,
    )
