"""What a verification found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from memoriesdb.ledger.digest import Digest

MOST_PROBLEMS = 100

Verdict = Literal["intact", "incomplete", "tampered"]


@dataclass(frozen=True)
class Problem:
    """Something that differs, in words, and in which block and entry where that can be told."""

    problem: str
    detail: str = ""
    block_no: int | None = None
    audit_id: int | None = None

    @property
    def place(self) -> tuple[float, float]:
        """What problems are sorted by: the first block, and in it the first entry."""
        last = float("inf")
        return (
            last if self.block_no is None else self.block_no,
            last if self.audit_id is None else self.audit_id,
        )

    def __str__(self) -> str:
        where = [
            f"{what} {number}"
            for what, number in (("block", self.block_no), ("entry", self.audit_id))
            if number is not None
        ]
        said = f"{self.problem} ({self.detail})" if self.detail else self.problem
        return f"{', '.join(where)}: {said}" if where else said


@dataclass
class Report:
    """The result of a verification: intact where there is no problem.

    That is not the same as complete: what is in archives that were not given was not compared, and
    what waits to be sealed can be changed unseen.
    """

    blocks: int = 0
    entries: int = 0
    unsealed: int = 0
    oldest_unsealed_at: str | None = None
    # How long the oldest has waited.
    lag_seconds: float = 0.0
    archived_unchecked: int = 0
    digests_agreed: int = 0
    payloads_checked: int | None = None
    payloads_unchecked: int = 0
    payloads_erased: int = 0
    head: Digest | None = None
    notes: list[str] = field(default_factory=list)
    # What was not compared, and no file of an archive was left out on purpose for it.
    unproven: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    more_problems: int = 0

    @property
    def is_intact(self) -> bool:
        """Whether nothing differs."""
        return not self.problems

    def verdict(self, *, without_archives: bool = False) -> Verdict:
        """Return the result in a word; archives may be left out on purpose."""
        if not self.is_intact:
            return "tampered"
        left_out = self.archived_unchecked and not without_archives
        return "incomplete" if left_out or self.unproven else "intact"

    @property
    def first(self) -> Problem | None:
        """The problem in the first block, and in it of the first entry."""
        return self.problems[0] if self.problems else None

    def add(self, problem: Problem) -> None:
        """Note a problem; beyond a number of them only the first of a kind, and their count."""
        noted = len(self.problems)
        is_new = noted < 2 * MOST_PROBLEMS and all(
            known.problem != problem.problem for known in self.problems
        )
        if noted < MOST_PROBLEMS or is_new:
            self.problems.append(problem)
        else:
            self.more_problems += 1

    def as_json(self, *, without_archives: bool = False) -> dict[str, Any]:
        """Return it as plain values for ``json.dumps``."""
        content = asdict(self)
        content["head"] = self.head.as_json() if self.head else None
        return {"verdict": self.verdict(without_archives=without_archives), **content}
