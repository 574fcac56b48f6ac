"""BM25 in its plain form, over given tokens."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping


class Bm25:
    """An index of documents, each given as its terms' frequencies."""

    def __init__(
        self, documents: Mapping[str, Mapping[str, int]], k1: float = 1.2, b: float = 0.75
    ) -> None:
        self._k1 = k1
        lengths = {name: sum(terms.values()) for name, terms in documents.items()}
        average = sum(lengths.values()) / max(1, len(lengths)) or 1
        self._norm = {name: k1 * (1 - b + b * n / average) for name, n in lengths.items()}
        self._postings: dict[str, dict[str, int]] = defaultdict(dict)
        for name, terms in documents.items():
            for term, frequency in terms.items():
                self._postings[term][name] = frequency

    def scores(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the scores of those documents that have any of the terms."""
        total: dict[str, float] = defaultdict(float)
        for term in terms:
            postings = self._postings.get(term, {})
            df = len(postings)
            idf = math.log(1 + (len(self._norm) - df + 0.5) / (df + 0.5))
            for name, frequency in postings.items():
                total[name] += idf * frequency * (self._k1 + 1) / (frequency + self._norm[name])
        return dict(total)
