"""Owners, their synthetic memories in order of arrival, and questions about them.

Vectors have the shape that all-MiniLM-L6-v2 gives to the turns of conversations: those of one owner
have a mean cosine of about 0.5 among them, of different owners about 0.4, the nearest of some
hundreds about 0.8 and the tenth about 0.73, and near a vector they spread in some 16 directions,
not in 384. They are rounded to half precision once, so that every system has the very same.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from rich.progress import Progress

from bench.recall import zipf
from bench.recall.vocabulary import Vocabulary

DIMENSIONS = 384
# Shares of a vector's square length: common to all, the owner's, the topic's, what is said about
# it, and noise.
COMMON, OWNER, TOPIC, MATTER, NOISE = 0.38, 0.07, 0.15, 0.34, 0.06
# A question shares its topic with the answers, and is worded differently.
WORDING = 0.25
TOPICS = 2_000
DIRECTIONS = 20

KINDS = ("message", "fact", "note")
KIND_SHARES = (0.7, 0.2, 0.1)
SPEAKERS = ("Ada", "Grace", "Edsger", "Barbara")
STREAM_LENGTH = 20
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 730
# What the filtered variant asks for: the kinds below of the last year, about a seventh.
FILTER_KINDS = ["fact", "note"]
FILTER_SINCE = datetime(2025, 1, 1, tzinfo=UTC)

# Owners who have the same memories whatever the total is.
GROWTH_SIZES = (100, 1_000, 3_000)
LARGE_GROWTH_SIZE = 10_000


@dataclass(frozen=True)
class Owner:
    """A user, the memories' numbers in order of arrival, and whether the growth part asks it."""

    number: int
    name: str
    size: int
    is_growth: bool

    @property
    def decade(self) -> str:
        """The decade of its size."""
        return zipf.decade(self.size)


@dataclass(frozen=True)
class Query:
    """A question of one owner: a text, and a vector as pgvector reads it."""

    owner: Owner
    text: str
    vector: Any
    vector_text: str


def _seed(*parts: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(parts).encode()))


def _unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


class Population:
    """All memories, numbered from 0 in order of arrival: owners arrive in each other's midst."""

    def __init__(self, size: int, vocabulary: Vocabulary, progress: Progress) -> None:
        self.size = size
        self.vocabulary = vocabulary
        grown = list(GROWTH_SIZES)
        if size >= 5 * LARGE_GROWTH_SIZE:
            grown.append(LARGE_GROWTH_SIZE)
        others = zipf.sizes(size - sum(grown), zipf.owner_count(size), zipf.top_size(size))
        self.owners = [
            Owner(i, f"growing {n}" if i < len(grown) else f"owner {i}", n, i < len(grown))
            for i, n in enumerate([*grown, *others])
        ]
        self._common = _unit(_seed("common").standard_normal(DIMENSIONS)).astype(np.float32)
        self._topics = _unit(_seed("topics").standard_normal((TOPICS, DIMENSIONS))).astype(
            np.float32
        )
        self._basis = np.linalg.qr(_seed("basis").standard_normal((DIMENSIONS, DIRECTIONS)))[
            0
        ].T.astype(np.float32)
        self.owner_of, self.position = self._arrivals()
        self.vectors = np.empty((size, DIMENSIONS), np.float16)
        self._starts = np.empty(size, np.int64)
        self._lengths = np.empty(size, np.uint8)
        self._kinds = np.empty(size, np.uint8)
        words = []
        start = 0
        for owner in progress.track(self.owners, description="make memories"):
            random, rows = _seed(owner.name, "memories"), self.rows_of(owner)
            self.vectors[rows] = self._vectors(owner, random, owner.size)
            lengths = random.integers(8, 41, owner.size)
            self._lengths[rows] = lengths
            self._starts[rows] = start + np.cumsum(lengths) - lengths
            start += int(lengths.sum())
            words.append(vocabulary.draw(random, int(lengths.sum())))
            self._kinds[rows] = random.choice(len(KINDS), owner.size, p=KIND_SHARES)
        self._words = np.concatenate(words)

    def _arrivals(self) -> tuple[Any, Any]:
        """Let each owner's memories come in exchanges of two to six, among the others'."""
        times, owners, positions = [], [], []
        for owner in self.owners:
            random = _seed(owner.name, "arrivals")
            bursts = np.repeat(np.arange(owner.size), random.integers(2, 7, owner.size))
            bursts = bursts[: owner.size]
            moments = np.sort(random.random(int(bursts[-1]) + 1))
            times.append(moments[bursts])
            owners.append(np.full(owner.size, owner.number, np.int32))
            positions.append(np.arange(owner.size, dtype=np.int32))
        order = np.argsort(np.concatenate(times), kind="stable")
        return np.concatenate(owners)[order], np.concatenate(positions)[order]

    @cached_property
    def _rows(self) -> Any:
        order = np.argsort(self.owner_of, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.owner_of))[:-1])

    def rows_of(self, owner: Owner) -> Any:
        """Return the numbers of an owner's memories, in order of arrival."""
        return self._rows[owner.number]

    def _vectors(
        self, owner: Owner, random: np.random.Generator, count: int, noise: float = 0.0
    ) -> Any:
        own = _seed(owner.name, "topics")
        centre = _unit(own.standard_normal(DIMENSIONS))
        topics = own.integers(0, TOPICS, max(3, min(300, int(owner.size**0.5))))
        rows = np.sqrt(COMMON) * self._common + np.sqrt(OWNER) * centre
        rows = rows + np.sqrt(TOPIC) * self._topics[random.choice(topics, count)]
        matter = random.standard_normal((count, DIRECTIONS), np.float32) / np.sqrt(DIRECTIONS)
        rows = rows + np.sqrt(MATTER) * (matter @ self._basis)
        scattered = random.standard_normal((count, DIMENSIONS), np.float32)
        rows = rows + np.sqrt((NOISE + noise) / DIMENSIONS) * scattered
        return _unit(rows).astype(np.float16)

    def text(self, number: int) -> str:
        """Return the text of a memory."""
        start = self._starts[number]
        words = self._words[start : start + self._lengths[number]]
        return " ".join(self.vocabulary.words[words])

    def item(self, number: int) -> dict[str, Any]:
        """Return a memory as an item of remember_many(); its number is in the metadata."""
        owner = self.owners[self.owner_of[number]]
        position = int(self.position[number])
        when = BEGIN + timedelta(days=DAYS) * (position / owner.size)
        return {
            "content": self.text(number),
            "kind": KINDS[self._kinds[number]],
            "metadata": {"n": int(number), "speaker": SPEAKERS[position % 2]},
            "stream": f"session {position // STREAM_LENGTH}",
            "occurred_at": when.isoformat(),
        }

    def filtered_count(self, owner: Owner) -> int:
        """Return how many of an owner's memories pass the filter."""
        rows = self.rows_of(owner)
        days = np.arange(owner.size) / owner.size * DAYS
        is_kind = np.isin(self._kinds[rows], [KINDS.index(kind) for kind in FILTER_KINDS])
        return int((is_kind & (days >= (FILTER_SINCE - BEGIN).days)).sum())

    def bursts(self) -> Iterator[range]:
        """Yield what arrives together: runs of numbers of one owner."""
        ends = np.flatnonzero(np.diff(self.owner_of)) + 1
        starts = [0, *ends.tolist()]
        for start, end in zip(starts, [*ends.tolist(), self.size], strict=True):
            yield range(start, end)

    def queries(self, owner: Owner, count: int, what: str) -> list[Query]:
        """Return questions of an owner: half of a question's words are those of one memory."""
        random = _seed(owner.name, what)
        vectors = self._vectors(owner, random, count, noise=WORDING)
        found = []
        for vector, number in zip(vectors, random.choice(self.rows_of(owner), count), strict=True):
            words = random.permutation(self.text(number).split())[:4].tolist()
            words += self.vocabulary.words[self.vocabulary.draw(random, 4)].tolist()
            text = " ".join(words) + "?"
            vector_text = "[" + ",".join(f"{x:.7g}" for x in vector.tolist()) + "]"
            found.append(Query(owner, text, vector, vector_text))
        return found

    def nearest(self, queries: list[Query], k: int) -> list[list[int]]:
        """Return the true nearest of one owner's questions, by cosine, nearest first."""
        rows = self.rows_of(queries[0].owner)
        matrix = _unit(self.vectors[rows].astype(np.float32))
        asked = _unit(np.array([query.vector for query in queries], np.float32))
        similarity = asked @ matrix.T
        best = np.argsort(-similarity, axis=1)[:, :k]
        return [rows[line].tolist() for line in best]
