"""The ranking of recall() once more, in numpy: all questions of a user at once, any settings.

What it knows of words, vectors, dates and names comes from the database (see corpus.py); what it
makes of them is written anew from the formula in docs/explanation/recall.md. Left out are filters,
shared memories, reranking, and words so frequent that their postings are not read
(recall_posting_budget): an owner of some thousand memories has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.recall.choices import Settings

Array = npt.NDArray[Any]

# Where ranks are added up, an arm knows so many times its candidates (v_pool in _gather(), and
# _request_of()).
KNOWN = 4


@dataclass(frozen=True)
class Corpus:
    """A user's memories (along their streams, which are numbered) and questions, as arrays.

    A row of ``words`` is a word of one question: how often each memory has it. ``spellings`` are
    words that are spelt like one of the question's, each with how much so.
    """

    memory_ids: list[Any]
    docs: Array
    stream: Array
    lengths: Array
    words: Array
    word_question: Array
    spellings: Array
    spelling_question: Array
    spelling_likeness: Array
    cosines: Array
    vectors: Array
    has_words: Array
    has_vector: Array
    speaker: Array
    is_named: Array
    days_off: Array
    age_days: Array
    importance: Array
    trust: Array
    uses: Array


@dataclass(frozen=True)
class Ranking:
    """Per question the numbers of the best memories, -1 behind the last, and all scores."""

    order: Array
    scores: Array


def rank(corpus: Corpus, s: Settings, k: int) -> Ranking:
    """Rank the memories for each question."""
    weights = word_weights(corpus, s)
    count = len(corpus.cosines)
    strength = added(weights, corpus.word_question, count)
    likeness = spelling_likeness(corpus, s)
    cosines = np.where(np.isnan(corpus.cosines), -np.inf, corpus.cosines)
    found = {
        "keyword": np.where(strength > 0, strength, -np.inf),
        "vector": cosines,
        "fuzzy": np.where(likeness > 0, likeness, -np.inf),
    }
    most = max(s.candidates, k, min(5 * k, 1000) if s.diversity > 0 else 0)
    candidate = np.logical_or.reduce([best(corpus, arm, most) for arm in found.values()])
    weighed = candidate
    if s.looks_around:
        weighed = candidate | (within(corpus, candidate, 1, 2) > 0)
    if s.fusion == "rrf":
        points = fused_by_rank(corpus, s, found, candidate, most)
    else:
        keyword = strength + s.coverage * coverage(corpus, s, weights, weighed)
        arms = (keyword, np.maximum(cosines, 0), likeness)
        points = fused_by_score(corpus, s, [np.where(weighed, arm, 0) for arm in arms])
    asked = arm_weights(corpus, s)
    asked[2] *= np.where(weighed, likeness, 0).max(1, initial=0)[:, None] > 0
    points = np.where(weighed, over(points, asked.sum(0)), 0)
    scores = smoothed(corpus, s, points, weighed) * boosts(corpus, s, weighed)
    is_kept = weighed & ((scores > 0) | (strength > 0) | ~np.isneginf(cosines))
    scores = np.where(is_kept, scores, -np.inf)
    if s.diversity > 0:
        return Ranking(diversified(corpus, s, scores, k), scores)
    return Ranking(ordered(corpus, scores, k), scores)


def word_weights(corpus: Corpus, s: Settings) -> Array:
    """BM25 of each word of a question in each memory. Memories without words do not count."""
    with_words = corpus.lengths > 0
    mean = corpus.lengths[with_words].mean() if with_words.any() else 1.0
    base = s.bm25_k1 * (1 - s.bm25_b + s.bm25_b * corpus.lengths / mean)
    below = corpus.words + base
    return (
        rarity(corpus, corpus.words) * (s.bm25_k1 + 1)
        * np.divide(corpus.words, below, where=below > 0, out=np.zeros_like(below))
    )  # fmt: skip


def rarity(corpus: Corpus, words: Array) -> Array:
    """Inverse document frequency of each row."""
    total = (corpus.lengths > 0).sum()
    have = (words > 0).sum(1, keepdims=True)
    return np.asarray(np.log(1 + (total - have + 0.5) / (have + 0.5)))


def spelling_likeness(corpus: Corpus, s: Settings) -> Array:
    """How much each memory has of words that are spelt like those of the question."""
    rows = corpus.spellings > 0
    weights = rows * rarity(corpus, corpus.spellings) * corpus.spelling_likeness[:, None]
    total = added(weights, corpus.spelling_question, len(corpus.cosines))
    return total if s.fuzzy_weight > 0 else np.zeros_like(total)


def added(rows: Array, question: Array, count: int) -> Array:
    """Sum rows by question; they come in the questions' order."""
    total = np.zeros((count, rows.shape[1]))
    if len(rows):
        numbers, starts = np.unique(question, return_index=True)
        total[numbers] = np.add.reduceat(rows, starts, axis=0)
    return total


def ordered(corpus: Corpus, scores: Array, most: int) -> Array:
    """Numbers of the best in order, of equals the later ones; -1 where none is left."""
    latest = np.argsort(-corpus.docs)
    order = latest[np.argsort(-scores[:, latest], axis=1, kind="stable")[:, :most]]
    return np.where(np.isneginf(np.take_along_axis(scores, order, 1)), -1, order)


def best(corpus: Corpus, scores: Array, most: int) -> Array:
    """Mark the best of an arm."""
    order = ordered(corpus, scores, most)
    marked = np.zeros(scores.shape, bool)
    rows = np.repeat(np.arange(len(order)), order.shape[1])[order.ravel() >= 0]
    marked[rows, order.ravel()[order.ravel() >= 0]] = True
    return marked


def beside(corpus: Corpus, rows: Array, steps: int) -> Array:
    """What stands so many steps later in the stream (earlier: below 0); 0 where nothing does."""
    moved = np.zeros_like(rows)
    far = abs(steps)
    same = corpus.stream[far:] == corpus.stream[:-far]
    if steps > 0:
        moved[:, :-far] = rows[:, far:] * same
    else:
        moved[:, far:] = rows[:, :-far] * same
    return moved


def within(corpus: Corpus, rows: Array, nearest: int, farthest: int) -> Array:
    """The best of what stands so many steps away on both sides."""
    most = rows.copy() if nearest == 0 else np.zeros_like(rows)
    for steps in range(max(nearest, 1), farthest + 1):
        np.maximum(most, beside(corpus, rows, steps), out=most)
        np.maximum(most, beside(corpus, rows, -steps), out=most)
    return most


def coverage(corpus: Corpus, s: Settings, weights: Array, weighed: Array) -> Array:
    """How much of the question the passage has: each word by its best within three steps."""
    if s.coverage == 0:
        return np.zeros(weighed.shape)
    passage = within(corpus, weights * weighed[corpus.word_question], 0, 3)
    return added(passage, corpus.word_question, len(weighed))


def arm_weights(corpus: Corpus, s: Settings) -> Array:
    """The weights of words, vectors and spelling; of arms that are asked."""
    return np.stack(
        [
            s.keyword_weight * corpus.has_words,
            s.vector_weight * corpus.has_vector,
            np.full(len(corpus.cosines), s.fuzzy_weight),
        ]
    )[:, :, None]


def over(points: Array, divisor: Array) -> Array:
    """Divide, and give 0 where there is nothing to divide by."""
    return np.divide(points, divisor, where=divisor > 0, out=np.zeros_like(points))


def fused_by_score(corpus: Corpus, s: Settings, arms: list[Array]) -> Array:
    """Each arm divided by its best, weighted, and added up."""
    shares = [over(arm, arm.max(1, keepdims=True, initial=0)) for arm in arms]
    return np.asarray((arm_weights(corpus, s) * np.stack(shares)).sum(0))


def fused_by_rank(
    corpus: Corpus, s: Settings, found: dict[str, Array], candidate: Array, most: int
) -> Array:
    """Reciprocal ranks, weighted and added up; only so far down an arm is a rank known."""
    known = [best(corpus, arm, most * KNOWN) for arm in found.values()]
    total = np.zeros(candidate.shape)
    for weight, arm, is_known in zip(arm_weights(corpus, s), found.values(), known, strict=True):
        scores = np.where(is_known, arm, -np.inf)
        in_order = np.sort(-scores, axis=1)
        ranks = np.stack(
            [np.searchsorted(row, -own) + 1 for row, own in zip(in_order, scores, strict=True)]
        ).reshape(scores.shape)
        is_counted = candidate & ~np.isneginf(scores)
        total += np.where(is_counted, (s.rrf_k + 1) * weight / (s.rrf_k + ranks), 0)
    return total


def smoothed(corpus: Corpus, s: Settings, points: Array, weighed: Array) -> Array:
    """With what neighbours lend, where there are any."""
    lent = (
        points
        + s.smoothing * within(corpus, points, 1, 1)
        + s.smoothing_far * within(corpus, points, 2, 2)
        + s.smoothing_passage * within(corpus, points, 0, 5)
    ) / (1 + s.smoothing + s.smoothing_far + s.smoothing_passage)
    starts = np.flatnonzero(np.diff(corpus.stream, prepend=-1))
    company = np.add.reduceat(weighed.astype(int), starts, axis=1)[:, corpus.stream]
    return np.where(company > 1, lent, points)


def boosts(corpus: Corpus, s: Settings, weighed: Array) -> Array:
    """Factors of at most 1, for what a question names and for what a memory is."""
    has_days = ~np.isnan(corpus.days_off)
    date = np.where(has_days, s.date_boost, 0)
    uses = np.log1p(np.where(weighed, corpus.uses, 0))
    use = over(uses, uses.max(1, keepdims=True, initial=0))
    fresh = np.exp(np.minimum(-np.log(2) * corpus.age_days / s.recency_half_life_days, 0))
    gained = (
        1
        + date * np.exp(-np.where(has_days, corpus.days_off, 0) / s.date_days)
        + s.recency_boost * fresh
        + s.importance_boost * corpus.importance
        + s.trust_boost * corpus.trust
        + s.access_boost * use
    )
    possible = 1 + date + s.recency_boost + s.importance_boost + s.trust_boost + s.access_boost
    # Where a question names two, it is not asked who of them said it.
    speakers = np.arange(corpus.speaker.max(initial=-1) + 1)
    named = (weighed & corpus.is_named).astype(int) @ (corpus.speaker[:, None] == speakers)
    is_one = ((named > 0).sum(1) == 1)[:, None]
    return np.asarray(
        gained / possible / np.where(is_one & ~corpus.is_named, 1 + s.speaker_boost, 1)
    )


def diversified(corpus: Corpus, s: Settings, scores: Array, k: int) -> Array:
    """Maximal marginal relevance: one after the other the best that is least like those before."""
    result = np.full((len(scores), k), -1)
    for row, pool in enumerate(ordered(corpus, scores, min(5 * k, 1000))):
        pool = pool[pool >= 0]
        similar = corpus.vectors[pool] @ corpus.vectors[pool].T
        likeness = np.zeros(len(pool))
        left = np.ones(len(pool), bool)
        for place in range(min(k, len(pool))):
            worth = (1 - s.diversity) * scores[row, pool] - s.diversity * likeness
            taken = int(np.argmax(np.where(left, worth, -np.inf)))
            result[row, place] = pool[taken]
            left[taken] = False
            likeness = np.maximum(likeness, similar[taken])
    return result
