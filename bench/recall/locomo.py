"""Conversations in LoCoMo's format: turns that become memories, and questions about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
# Its evidence is mostly what the other speaker said: it stands aside.
ASIDE = 5


@dataclass(frozen=True)
class Question:
    """A question and the turns that answer it."""

    text: str
    category: int
    evidence: frozenset[str]


@dataclass(frozen=True)
class Conversation:
    """One conversation: a user's memories, as items of remember_many(), and the questions."""

    data_set: str
    name: str
    turns: list[dict[str, Any]]
    questions: list[Question]


def read(path: Path) -> list[Conversation]:
    """Read all conversations of a file."""
    conversations = []
    for sample in json.loads(path.read_text(encoding="utf-8")):
        turns = list(_turns(sample["conversation"]))
        conversations.append(
            Conversation(path.stem, sample["sample_id"], turns, list(_questions(sample, turns)))
        )
    return conversations


def _turns(conversation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    number = 1
    while f"session_{number}" in conversation:
        when = datetime.strptime(
            conversation[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y"
        ).replace(tzinfo=UTC)
        for turn in conversation[f"session_{number}"]:
            yield {
                "content": turn["text"],
                "metadata": {"speaker": turn["speaker"], "turn": turn["dia_id"]},
                "stream": f"session {number}",
                "occurred_at": when.isoformat(),
            }
        number += 1


def _questions(sample: dict[str, Any], turns: list[dict[str, Any]]) -> Iterator[Question]:
    known = {turn["metadata"]["turn"] for turn in turns}
    for qa in sample["qa"]:
        evidence = frozenset(qa.get("evidence", ())) & known
        if evidence:
            yield Question(qa["question"], qa["category"], evidence)
