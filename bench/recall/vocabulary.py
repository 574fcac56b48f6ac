"""Words as people use them, by how often: what synthetic memories are written with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from pydoc_data import topics
from typing import Any

import numpy as np

from bench.recall import locomo

WORD = re.compile(r"[a-z][a-z']*[a-z]|[ai]")


class Vocabulary:
    """Words with their frequencies, from conversations, else from Python's own documentation."""

    def __init__(self, paths: Sequence[Path]) -> None:
        if paths:
            self.source = "the words of " + ", ".join(path.name for path in paths)
            texts = [
                str(turn["content"])
                for path in paths
                for conversation in locomo.read(path)
                for turn in conversation.turns
            ]
        else:
            self.source = "the words of Python's documentation"
            texts = list(topics.topics.values())
        counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
        self.words = np.array(list(counts))
        weights = np.array(list(counts.values()), np.float64)
        self._cumulative = np.cumsum(weights / weights.sum())

    def draw(self, random: np.random.Generator, count: int) -> Any:
        """Draw numbers of words, each as often as it is used."""
        drawn = np.searchsorted(self._cumulative, random.random(count))
        return np.minimum(drawn, len(self.words) - 1).astype(np.uint16)
