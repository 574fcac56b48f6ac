"""One description of a call for both connections: what is asked, and what is made of the rows.

Each method of the API is written once, as a function that returns a ``Call``. On a session over
a psycopg ``Connection`` it gives the result; over an ``AsyncConnection`` an awaitable of it. The
types follow: see ``method``.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from psycopg.errors import Diagnostic

from memoriesdb.client.parameters import checked
from memoriesdb.errors import MemoryNotFoundError
from memoriesdb.queries import Query

P = ParamSpec("P")
Row = TypeVar("Row")
T = TypeVar("T")


class EmbedderAwayWarning(UserWarning):
    """The embedding endpoint is away: recall goes on with words alone."""


class RerankerAwayWarning(UserWarning):
    """The reranking endpoint is away: recall goes on in the order that it has."""


_WARNINGS: dict[str, type[Warning]] = {"MD502": EmbedderAwayWarning, "MD509": RerankerAwayWarning}


@dataclass(frozen=True)
class Call(Generic[T]):
    """A query, its parameters, and what becomes of its rows."""

    query: Query[Any]
    parameters: dict[str, object]
    result: Callable[[list[Any]], T]
    denied: str | None = None
    """What a login does instead that may not say who its user is."""
    finish: Callable[[T, Notices], T] | None = None
    """What is made of the result afterwards and may take its time, such as reranking it."""


def every(query: Query[Row], /, **parameters: object) -> Call[list[Row]]:
    """All rows."""
    return Call(query, checked(parameters, query.sql), list)


def one(query: Query[Row], /, **parameters: object) -> Call[Row]:
    """The only row, or its only value."""
    return Call(query, checked(parameters, query.sql), _only)


def maybe(query: Query[Row], /, **parameters: object) -> Call[Row | None]:
    """The first row, or None where there is none."""
    return Call(query, checked(parameters, query.sql), _first)


def written(query: Query[Row], /, **parameters: object) -> Call[Row]:
    """The row of the memory that was written. Raises MemoryNotFoundError where there is none."""

    def result(rows: list[Row]) -> Row:
        if not rows:
            raise MemoryNotFoundError(
                "memory not found",
                detail=f"You may not write a memory {parameters['memory_id']}.",
                hint="It does not exist, or it is another user's and not shared for writing.",
            )
        return _only(rows)

    return Call(query, checked(parameters, query.sql), result)


def nothing(query: Query[Any], /, **parameters: object) -> Call[None]:
    """Nothing: it is called for what it does."""
    return Call(query, checked(parameters, query.sql), _none)


def _only(rows: list[Row]) -> Row:
    (row,) = rows
    return row


def _first(rows: list[Row]) -> Row | None:
    return rows[0] if rows else None


def _none(_: list[Any]) -> None:
    return None


class Runs(Protocol):
    """What makes calls over a psycopg ``Connection``."""

    def run(self, call: Call[T], /) -> T:
        """Make the call and return its result."""


class RunsAsync(Protocol):
    """What makes calls over a psycopg ``AsyncConnection``."""

    async def run(self, call: Call[T], /) -> T:
        """Make the call and return its result."""


class method(Generic[P, T]):  # noqa: N801  used like property
    """A method written once for both connections: ``def name(self, …) -> Call[Result]``."""

    def __init__(self, prepare: Callable[Concatenate[Any, P], Call[T]]) -> None:
        @functools.wraps(prepare)
        def direct(runner: Runs, /, *args: P.args, **kwargs: P.kwargs) -> T:
            return runner.run(prepare(runner, *args, **kwargs))

        @functools.wraps(prepare)
        async def awaited(runner: RunsAsync, /, *args: P.args, **kwargs: P.kwargs) -> T:
            return await runner.run(prepare(runner, *args, **kwargs))

        self.__doc__ = prepare.__doc__
        self._direct = _show_result(direct)
        self._awaited = _show_result(awaited)

    @overload
    def __get__(
        self, instance: None, owner: type
    ) -> Callable[Concatenate[Any, P], T | Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, instance: Runs, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: RunsAsync, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: object, owner: type) -> Any:
        """Bind it to a session or client, for the kind of connection that it has."""
        is_async = inspect.iscoroutinefunction(getattr(owner, "run", None))
        function: Any = self._awaited if is_async else self._direct
        return function if instance is None else MethodType(function, instance)


def _show_result(function: Any) -> Any:
    """Let help() show the result's type and not that of its preparation."""
    signature = inspect.signature(function)
    annotation = str(signature.return_annotation).removeprefix("Call[").removesuffix("]")
    function.__signature__ = signature.replace(return_annotation=annotation)
    return function


class Notices:
    """Collects what a session's calls say beside their answers, to warn once of each kind."""

    def __init__(self) -> None:
        self._heard: dict[type[Warning], str] = {}
        self._warned: set[type[Warning]] = set()

    def hear(self, diagnostic: Diagnostic) -> None:
        """Take a notice. No warning from here: psycopg would swallow one made an error."""
        kind = _WARNINGS.get(diagnostic.sqlstate or "")
        if kind is not None:
            self.add(
                kind, f"{diagnostic.message_primary}\n{diagnostic.message_hint or ''}".rstrip()
            )

    def add(self, kind: type[Warning], text: str) -> None:
        """Take something to warn of once the call is done."""
        self._heard[kind] = text

    def warn(self) -> None:
        """Warn of what is new, at the line that called the session's method."""
        new = [kind for kind in self._heard if kind not in self._warned]
        self._warned.update(new)
        for kind in new:
            warnings.warn(self._heard[kind], kind, stacklevel=4)


def options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return psycopg's options: what is safe behind a pool in transaction mode, unless given."""
    refused = {"autocommit", "row_factory", "cursor_factory"} & set(given)
    if refused:
        raise TypeError(f"the client sets {', '.join(sorted(refused))} itself: leave it out")
    # Prepared statements stay in one server connection, and the next transaction gets another.
    return {"prepare_threshold": None, **given, "autocommit": True}
