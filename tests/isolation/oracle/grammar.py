"""Queries out of everything that may stand in them, written once for the user and the model.

Relations are written as ``{memories}``, ids as ``{user0}`` and ``{memory3}``: both are filled in
later, differently for the two sides. Orders are by whole keys, so that a limit cuts alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from oracle.relations import RELATIONS, Column, Relation
from oracle.world import KINDS, MEMORIES, USERS, WORDS

TEXTS = (*KINDS, *WORDS, "s", "near", "INSERT", "UPDATE", "memories", "read", "recall", "user 1")
JOINS = ("join", "left join", "right join", "full join")


@dataclass(frozen=True)
class Source:
    """What stands in FROM, with the columns it has and the key that orders it."""

    sql: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A statement that reads; its rows have an order, or have none."""

    sql: str
    is_ordered: bool = False


class Grammar:
    """Draws the parts of one query."""

    def __init__(self, draw: st.DrawFn, relations: Sequence[Relation] = RELATIONS) -> None:
        self.draw = draw
        self.relations = relations
        self.aliases = 0

    def choose(self, *choices: str) -> str:
        """Draw one of these."""
        return self.draw(st.sampled_from(choices))

    def number(self, most: int) -> int:
        """Draw a number from 0 to ``most``."""
        return self.draw(st.integers(0, most))

    def chance(self) -> bool:
        """Draw yes or no."""
        return self.draw(st.booleans())

    def alias(self) -> str:
        """Make a name that no other source of the query has."""
        self.aliases += 1
        return f"a{self.aliases}"

    def literal(self, kind: str) -> str:
        """Draw a value of this kind, others' ids among them."""
        if kind == "uuid":
            count = self.number(len(USERS) + MEMORIES - 1)
            return f"{{user{count}}}" if count in USERS else f"{{memory{count - len(USERS)}}}"
        if kind == "text":
            quoted = self.choose(*TEXTS).replace("'", "''")
            return f"'{quoted}'"
        if kind == "time":
            return self.choose("statement_timestamp()", "'infinity'::timestamptz")
        return str(self.number(4)) if kind == "integer" else self.choose("0.25", "0.5", "1.0")

    def relation(self) -> Source:
        """Draw a relation under an alias of its own."""
        return self.named(self.draw(st.sampled_from(self.relations)))

    def named(self, relation: Relation) -> Source:
        """Give a relation an alias."""
        alias = self.alias()
        return Source(
            f"{{{relation.name}}} as {alias}",
            tuple(Column(_of(alias, c.sql), c.kind) for c in relation.columns),
            tuple(f"{alias}.{column}" for column in relation.key),
        )

    def column(self, columns: Sequence[Column], *kinds: str) -> Column | None:
        """Draw a column, of one of these kinds where kinds are named."""
        fit = [c for c in columns if not kinds or c.kind in kinds]
        return self.draw(st.sampled_from(fit)) if fit else None

    def matched(self, outer: Sequence[Column]) -> tuple[Source, str]:
        """Draw a relation with a condition that ties it to the columns outside."""
        inner = self.relation()
        left, right = self.column(inner.columns, "uuid"), self.column(outer, "uuid")
        return inner, f"{left.sql} = {right.sql}" if left and right else "true"

    def predicate(self, columns: Sequence[Column], depth: int = 2) -> str:
        """Draw a condition on these columns."""
        shape = self.number(12 if depth else 6)
        if shape == 0:
            return "true"
        column = self.column(columns)
        assert column is not None
        if shape == 1:
            return f"{column.sql} {self.choose('=', '<>', '<', '>=')} {self.literal(column.kind)}"
        if shape == 2:
            return f"{column.sql} is {self.choose('null', 'not null')}"
        if shape == 3:
            values = ", ".join(self.literal(column.kind) for _ in range(self.number(2) + 1))
            return f"{column.sql} {self.choose('in', 'not in')} ({values})"
        if shape == 4:
            other = self.column(columns, column.kind)
            return f"{column.sql} is distinct from {other.sql if other else 'null'}"
        if shape == 5:
            text = self.column(columns, "text")
            return f"{text.sql} like '%e%'" if text else "true"
        if shape == 6:
            joined = f" {self.choose('and', 'or')} ".join(
                self.predicate(columns, depth - 1) for _ in range(2)
            )
            return f"({joined})"
        if shape == 7:
            return f"not ({self.predicate(columns, depth - 1)})"
        return self.subquery(columns, depth - 1)

    def subquery(self, columns: Sequence[Column], depth: int) -> str:
        """Draw a condition that asks another relation."""
        inner, tie = self.matched(columns)
        where = f"{inner.sql} where {tie} and {self.predicate(inner.columns, depth)}"
        shape = self.number(4)
        if shape in (0, 1):
            return f"{self.choose('exists', 'not exists')} (select from {where})"
        if shape == 2:
            return f"(select count(*) from {where}) {self.choose('=', '>', '<=')} {self.number(2)}"
        mine, theirs = self.column(columns, "uuid"), self.column(inner.columns, "uuid")
        if not mine or not theirs:
            return "true"
        of = f"select {theirs.sql} from {inner.sql} where {self.predicate(inner.columns, depth)}"
        return f"{mine.sql} {self.choose('in', 'not in')} ({of})"

    def source(self) -> Source:
        """Draw what one query reads: a relation, a subquery, or several joined."""
        first = self.relation()
        shape = self.number(6)
        if shape in (0, 1):
            return first
        if shape == 2:
            return self.derived(first)
        second, tie = self.matched(first.columns)
        columns = first.columns + second.columns
        if shape == 3:
            limit = f"order by {', '.join(second.key)} limit {self.number(2) + 1}"
            names = {c: f"c{n}" for n, c in enumerate(second.columns)}
            listed = ", ".join(f"{c.sql} as {name}" for c, name in names.items())
            alias = self.alias()
            return Source(
                f"{first.sql} {self.choose('cross join lateral', ', lateral')} "
                f"(select {listed} from {second.sql} where {tie} {limit}) as {alias}",
                first.columns + tuple(Column(f"{alias}.{n}", c.kind) for c, n in names.items()),
                (),
            )
        joined = f"{first.sql} {self.choose(*JOINS)} {second.sql} on {tie}"
        return Source(
            joined.replace("full join", "left join") if tie == "true" else joined,
            columns,
            first.key + second.key,
        )

    def derived(self, inner: Source) -> Source:
        """Wrap a source into a subquery."""
        alias = self.alias()
        names = {c: f"c{n}" for n, c in enumerate(inner.columns)}
        listed = ", ".join(f"{c.sql} as {name}" for c, name in names.items())
        cut = f"order by {', '.join(inner.key)} {self.choose('', 'limit 3', 'offset 2')}"
        return Source(
            f"(select {listed} from {inner.sql} where {self.predicate(inner.columns)} {cut}) "
            f"as {alias}",
            tuple(Column(f"{alias}.{name}", c.kind) for c, name in names.items()),
            (),
        )

    def listed(self, columns: Sequence[Column]) -> list[Column]:
        """Draw some columns for the select list."""
        return self.draw(st.lists(st.sampled_from(columns), min_size=1, max_size=4))


def _of(alias: str, column: str) -> str:
    """Write a column, or an expression of one, with the alias it belongs to."""
    if column.startswith("("):
        return f"({alias}.{column[1:]}"
    if column.startswith("encode("):
        return column.replace("encode(", f"encode({alias}.")
    return f"{alias}.{column}"
