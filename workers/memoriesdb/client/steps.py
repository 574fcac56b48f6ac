"""What takes several calls, written once for both connections: a generator that yields them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from memoriesdb.client.call import Call

T = TypeVar("T")


@dataclass(frozen=True)
class Work(Generic[T]):
    """Something that may take its time, as asking a provider over the network does."""

    do: Callable[[], T]


Steps = Generator[Call[Any] | Work[Any], Any, T]


def ask(call: Call[T]) -> Steps[T]:
    """Make a call within steps: ``rows = yield from ask(call)``."""
    result: T = yield call
    return result


def work(do: Callable[[], T]) -> Steps[T]:
    """Do something within steps that may take its time."""
    result: T = yield Work(do)
    return result


def drive(steps: Steps[T], run: Callable[[Call[Any]], Any]) -> T:
    """Take the steps over a psycopg ``Connection``."""
    try:
        step = next(steps)
        while True:
            step = steps.send(step.do() if isinstance(step, Work) else run(step))
    except StopIteration as end:
        result: T = end.value
        return result


async def adrive(steps: Steps[T], run: Callable[[Call[Any]], Awaitable[Any]]) -> T:
    """Take the steps over a psycopg ``AsyncConnection``; work is done in a thread."""
    try:
        step = next(steps)
        while True:
            if isinstance(step, Work):
                step = steps.send(await asyncio.to_thread(step.do))
            else:
                step = steps.send(await run(step))
    except StopIteration as end:
        result: T = end.value
        return result
