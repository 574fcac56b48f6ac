"""What a few users should see of their memories, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class State(NamedTuple):
    """One version of a memory, and who made it."""

    content: str
    kind: str
    importance: float
    is_forgotten: bool
    by: int


@dataclass
class Memory:
    """A memory with all its versions. Users are numbers here."""

    maker: int
    owner: int
    # The step of the test in which each version began, and how the version before it ended.
    versions: list[tuple[int, State]]
    endings: list[str] = field(default_factory=list)
    # Who has had it, in order.
    stays: list[int] = field(default_factory=list)
    deleted_in: int | None = None

    @property
    def state(self) -> State:
        return self.versions[-1][1]

    @property
    def is_here(self) -> bool:
        return self.deleted_in is None

    def change(self, step: int, by: int, **values: Any) -> None:
        """Add a version."""
        self.versions.append((step, self.state._replace(by=by, **values)))
        self.endings.append("UPDATE")

    def at(self, step: int) -> State | None:
        """Its state when this step was over."""
        if self.deleted_in is not None and self.deleted_in <= step:
            return None
        past = [state for began, state in self.versions if began <= step]
        return past[-1] if past else None

    def history(self) -> list[tuple[int, State, str | None]]:
        """Versions with the operation that ended each."""
        endings: list[str | None] = [*self.endings, None if self.is_here else "DELETE"]
        return [
            (number, state, ending)
            for number, ((_, state), ending) in enumerate(
                zip(self.versions, endings, strict=True), start=1
            )
        ]

    def custody(self, user: int) -> list[int]:
        """The chain up to this user's last stay."""
        if user not in self.stays:
            return []
        last = len(self.stays) - 1 - self.stays[::-1].index(user)
        return self.stays[: last + 1]


@dataclass
class Model:
    """All memories, grants and edges, by the index of the memory."""

    memories: list[Memory] = field(default_factory=list)
    grants: dict[tuple[int, int], str] = field(default_factory=dict)
    edges: dict[tuple[int, int], float] = field(default_factory=dict)

    def remember(self, step: int, user: int, content: str, kind: str) -> None:
        state = State(content, kind, 0.5, False, user)
        self.memories.append(Memory(user, user, [(step, state)], stays=[user]))

    def owns(self, user: int, index: int) -> bool:
        memory = self.memories[index]
        return memory.is_here and memory.owner == user

    def reads(self, user: int, index: int) -> bool:
        return self.owns(user, index) or (index, user) in self.grants

    def writes(self, user: int, index: int) -> bool:
        return self.owns(user, index) or self.grants.get((index, user)) == "write"

    def end_ties(self, index: int) -> None:
        """Grants and edges end with the row that they hang on."""
        self.grants = {key: kept for key, kept in self.grants.items() if key[0] != index}
        self.edges = {key: kept for key, kept in self.edges.items() if index not in key}

    def delete(self, step: int, index: int) -> None:
        self.memories[index].deleted_in = step
        self.end_ties(index)

    def transfer(self, step: int, index: int, new_owner: int) -> None:
        memory = self.memories[index]
        memory.change(step, memory.owner)
        memory.endings[-1] = "TRANSFER"
        memory.owner = new_owner
        memory.stays.append(new_owner)
        self.end_ties(index)
