"""recall() once more, in plain Python: slow, whole, and without a database."""

from __future__ import annotations

import math
import re
import struct
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

Vector = tuple[float, ...]
Scores = dict[int, float]


@dataclass(frozen=True)
class Settings:
    """Settings of recall, under their names without ``recall_``."""

    keyword_weight: float = 0.45
    vector_weight: float = 0.55
    fuzzy_weight: float = 0.2
    bm25_k1: float = 0.8
    bm25_b: float = 0.4
    fusion: str = "weighted"
    rrf_k: float = 60
    candidates: int = 20
    smoothing: float = 0.5
    smoothing_far: float = 0.25
    smoothing_passage: float = 0.5
    coverage: float = 0.25
    speaker_boost: float = 0.15
    date_boost: float = 0.3
    date_days: float = 5
    importance_boost: float = 0
    trust_boost: float = 0

    @property
    def smooths(self) -> bool:
        return any((self.smoothing, self.smoothing_far, self.smoothing_passage, self.coverage))


@dataclass(frozen=True)
class Item:
    """A memory; ``place`` is the order of arrival, ``owner`` 0 the one who asks."""

    place: int
    owner: int
    words: tuple[str, ...]
    stream: str | None
    kind: str
    colour: str
    occurred_at: datetime
    vector: Vector | None
    speaker: str | None = None
    importance: float = 0.5
    trust: float = 0.5
    is_gone: bool = False
    is_expired: bool = False
    is_indexed: bool = True

    @property
    def content(self) -> str:
        return " ".join(self.words)

    @property
    def terms(self) -> Counter[str]:
        """Lexemes as they are indexed: who and when as well, where there is a speaker."""
        said = list(self.words)
        if self.speaker:
            month = self.occurred_at.strftime("%B").lower()
            said += [self.speaker.lower(), str(self.occurred_at.day), re.sub("y$", "i", month)]
            said.append(str(self.occurred_at.year))
        return Counter(said)

    @property
    def length(self) -> int:
        return self.terms.total()


@dataclass(frozen=True)
class Question:
    """What recall() is asked; ``days`` are the days that it names."""

    terms: frozenset[str]
    k: int
    vector: Vector | None = None
    named: frozenset[str] = frozenset()
    days: tuple[datetime, ...] = ()
    include_shared: bool = True
    passes: Callable[[Item], bool] = field(default=lambda item: True)
    min_score: float | None = None


class Found(NamedTuple):
    """A line of the answer."""

    place: int
    score: float
    keyword_rank: int | None
    vector_rank: int | None
    similarity: float | None
    keyword: float | None


def as_half(vector: Iterable[float]) -> list[float]:
    """The numbers in half precision."""
    halves: list[float] = [struct.unpack("e", struct.pack("e", x))[0] for x in vector]
    return halves


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of the angle between two vectors."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.hypot(*one) * math.hypot(*other))


def likeness(one: str, other: str) -> float:
    """Similarity of two words by trigrams."""
    a, b = ({w[i : i + 3] for i in range(len(w) - 2)} for w in (f"  {one} ", f"  {other} "))
    return len(a & b) / len(a | b)


def ranks(scores: Scores) -> dict[int, int]:
    """Places from 1; equals share one, as by rank()."""
    ordered = sorted(scores.values())
    return {
        place: 1 + len(ordered) - bisect_right(ordered, score + 1e-9)
        for place, score in scores.items()
    }


def similar(own: list[Item], terms: frozenset[str]) -> dict[str, float]:
    """Words of one's own that are spelt like those of the question that are none of one's own."""
    known = {term for item in own for term in item.terms}
    unknown = terms - known
    found: dict[str, float] = {}
    for asked in unknown:
        alike = {
            term: likeness(asked, term)
            for term in known
            # None of another length.
            if len(asked) >= 4 and abs(len(asked) - len(term)) <= 3
        }
        alike = {term: value for term, value in alike.items() if value > 0.4 - 1e-6}
        near = {term: value for term, value in alike.items() if asked[0] == term[0]}
        # By the first letter, unless there is none and nothing else was asked for.
        for term, value in (near or (alike if unknown == terms else {})).items():
            if term not in terms:
                found[term] = max(found.get(term, 0.0), value)
    return found


def streams(scope: Iterable[Item]) -> dict[int, list[int | None]]:
    """For each memory of a stream what stands 5 steps before it to 5 after, in its middle."""
    lines: dict[tuple[int, str], list[Item]] = {}
    for item in scope:
        if item.stream is not None:
            lines.setdefault((item.owner, item.stream), []).append(item)
    around: dict[int, list[int | None]] = {}
    for line in lines.values():
        line.sort(key=lambda item: (item.occurred_at, item.place))
        padded = [None] * 5 + [item.place for item in line] + [None] * 5
        for number, item in enumerate(line):
            around[item.place] = padded[number : number + 11]
    return around


class Recall:
    """One question over all memories, those of others and what is gone among them."""

    def __init__(self, memories: list[Item], asked: Question, settings: Settings) -> None:
        self.asked, self.set = asked, settings
        own = [item for item in memories if item.owner == 0 and not item.is_gone]
        shared = [
            item
            for item in memories
            if asked.include_shared and item.owner == 1 and not item.is_gone
            if not item.is_expired and asked.passes(item)
        ]
        # Weights are by all of one's own, and what others share as far as it passes.
        self.weigh(own, shared)
        self.scope = shared + [i for i in own if not i.is_expired and asked.passes(i)]
        self.by_meaning: Scores = {}
        if asked.vector is not None:
            length = math.hypot(*asked.vector)
            vector = as_half([x / length for x in asked.vector])
            self.by_meaning = {
                i.place: cosine(i.vector, vector) for i in self.scope if i.vector is not None
            }
        self.around = streams(self.scope)

    def weigh(self, own: list[Item], shared: list[Item]) -> None:
        """BM25 of each word in each memory, and of words that are spelt alike."""
        s, everything = self.set, own + shared
        mean = sum(item.length for item in everything) / max(1, len(everything))
        self.hits: dict[str, Scores] = {}
        for term in self.asked.terms:
            have = [item for item in everything if item.terms[term]]
            idf = self.idf(len(everything), len(have))
            self.hits[term] = {
                item.place: idf
                * item.terms[term]
                * (s.bm25_k1 + 1)
                / (item.terms[term] + s.bm25_k1 * (1 - s.bm25_b + s.bm25_b * item.length / mean))
                for item in have
            }
        self.alike: Scores = {}
        if s.fuzzy_weight:
            for term, alike in similar(own, self.asked.terms).items():
                have = [item for item in everything if item.terms[term]]
                for item in have:
                    weight = alike * self.idf(len(everything), len(have))
                    self.alike[item.place] = self.alike.get(item.place, 0.0) + weight

    @staticmethod
    def idf(total: int, count: int) -> float:
        return math.log(1 + (total - count + 0.5) / (count + 0.5))

    def by_words(self, place: int) -> float:
        return sum(hits.get(place, 0.0) for hits in self.hits.values())

    def near(self, place: int, steps: int) -> int | None:
        """What stands so many steps away, if it is weighed."""
        line = self.around.get(place)
        other = place if steps == 0 else line[5 + steps] if line else None
        return other if other in self.weighed else None

    def covered(self, place: int) -> float:
        """Each word by its best within three steps."""
        passage = [self.near(place, steps) for steps in range(-3, 4)]
        return sum(
            max(hits.get(other, 0.0) if other is not None else 0.0 for other in passage)
            for hits in self.hits.values()
        )

    def fused(self, arms: dict[str, dict[int, int]]) -> Scores:
        """Arms divided by their best and weighted, or by their ranks."""
        s, points = self.set, dict.fromkeys(self.weighed, 0.0)
        weights = {
            "keyword": s.keyword_weight if self.asked.terms else 0.0,
            "vector": 0.0 if self.asked.vector is None else s.vector_weight,
            "fuzzy": s.fuzzy_weight,
        }
        keyword = {p: self.by_words(p) + s.coverage * self.covered(p) for p in self.weighed}
        meaning = {p: max(0.0, self.by_meaning.get(p, 0.0)) for p in self.weighed}
        fuzzy = {p: self.alike.get(p, 0.0) for p in self.weighed}
        for arm, scores in (("keyword", keyword), ("vector", meaning), ("fuzzy", fuzzy)):
            best = max(scores.values(), default=0.0)
            for place in self.weighed:
                if s.fusion == "rrf":
                    rank = arms[arm].get(place) if place in self.candidates else None
                    points[place] += (s.rrf_k + 1) * weights[arm] / (s.rrf_k + rank) if rank else 0
                elif best > 0:
                    points[place] += weights[arm] * scores[place] / best
        if not any(fuzzy.values()):
            weights["fuzzy"] = 0.0
        return {place: value / sum(weights.values()) for place, value in points.items()}

    def smoothed(self, points: Scores, place: int) -> float:
        """With what the neighbours lend."""
        s = self.set

        def best(*steps: int) -> float:
            found = (self.near(place, step) for step in steps)
            return max((points[p] for p in found if p is not None), default=0.0)

        if not self.has_company(place):
            return points[place]
        lent = (
            s.smoothing * best(-1, 1)
            + s.smoothing_far * best(-2, 2)
            + s.smoothing_passage * best(*range(-5, 6))
        )
        return (points[place] + lent) / (1 + s.smoothing + s.smoothing_far + s.smoothing_passage)

    def has_company(self, place: int) -> bool:
        """Whether there is another one in its stream: then that one is weighed, too."""
        line = self.around.get(place, [])
        return any(other not in (None, place) for other in line)

    def boost(self, item: Item, named: set[str]) -> float:
        s, gain, most = self.set, 1.0, 1.0
        if self.asked.days:
            day = timedelta(days=1)
            away = min(
                max(start - item.occurred_at, item.occurred_at - start - day, timedelta(0))
                for start in self.asked.days
            )
            gain += s.date_boost * math.exp(-(away / day) / s.date_days)
            most += s.date_boost
        # What others share counts for no more than what is given away for good.
        most_shared = 1.0 if item.owner == 0 else 0.5
        gain += s.importance_boost * min(item.importance, most_shared)
        gain += s.trust_boost * min(item.trust, most_shared)
        most += s.importance_boost + s.trust_boost
        if len(named) == 1 and (item.speaker or "").lower() not in named:
            most *= 1 + s.speaker_boost
        return gain / most

    def answer(self) -> list[Found]:
        """All that is weighed, best first: those that are equal to the last of k as well."""
        words = {i.place: self.by_words(i.place) for i in self.scope}
        visible = {i.place for i in self.scope}
        found = {
            "keyword": {p: w for p, w in words.items() if w > 0},
            "vector": self.by_meaning,
            "fuzzy": {p: a for p, a in self.alike.items() if p in visible},
        }
        arms = {arm: ranks(scores) for arm, scores in found.items()}
        # Of equals the later ones.
        self.candidates = {
            place
            for scores in found.values()
            for place in sorted(scores, key=lambda p: (-round(scores[p], 9), -p))[
                : max(self.set.candidates, self.asked.k)
            ]
        }
        reach = range(-2, 3) if self.set.smooths else range(1)
        self.weighed = {
            p
            for c in self.candidates
            for p in [c, *(self.around[c][5 + d] for d in reach if c in self.around)]
            if p is not None
        }
        self.items = {i.place: i for i in self.scope if i.place in self.weighed}
        points = self.fused(arms)
        speakers = {(i.speaker or "").lower() for i in self.items.values()}
        named = speakers & self.asked.named
        scores = {
            p: self.smoothed(points, p) * self.boost(item, named) for p, item in self.items.items()
        }
        order = sorted(scores, key=lambda p: (-round(scores[p], 9), -p))
        if self.asked.min_score is not None:
            order = [p for p in order if scores[p] >= self.asked.min_score]
        return [
            Found(
                p,
                scores[p],
                arms["keyword"].get(p) if p in self.candidates else None,
                arms["vector"].get(p) if p in self.candidates else None,
                self.by_meaning.get(p),
                words[p] or None,
            )
            for n, p in enumerate(order)
            if n < self.asked.k or scores[p] > scores[order[self.asked.k - 1]] - 1e-6
        ]


def midnight(year: int, month: int, day: int) -> datetime:
    """The beginning of a day in UTC."""
    return datetime(year, month, day, tzinfo=UTC)
