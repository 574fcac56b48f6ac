"""The vindexing duty: one slice's failure is its own."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from memoriesdb.workers import vindexing
from memoriesdb.workers.db import DatabaseAwayError
from memoriesdb.workers.stop import Stop
from memoriesdb.workers.vindexing import Vindexing

from .conftest import MakeRuntime
from .fake_queue import FakeQueue, Item


class Refresher(FakeQueue):
    """The connection that a refresh has for itself."""

    def __init__(self, queue: FakeQueue, behave: Callable[[int], None]) -> None:
        super().__init__()
        self.slices, self.behave, self.cancelled = queue.slices, behave, False

    def cancel(self) -> None:
        self.cancelled = True

    def _refresh_graph(self, worker: str, job_id: int, lease_token: int) -> str:
        self.behave(job_id)
        item = self.slices[job_id]
        if item.token != lease_token:
            return "refused"
        item.state = "done"
        return "refreshed"


@pytest.fixture
def refresh(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Refresher]]:
    def install(behave: Callable[[int], None] = lambda _: None) -> list[Refresher]:
        made: list[Refresher] = []

        def connect(*_: Any) -> Refresher:
            made.append(Refresher(queue, behave))
            return made[-1]

        monkeypatch.setattr(vindexing, "connection", connect)
        return made

    return install


def slices(queue: FakeQueue, count: int) -> list[Item]:
    for number in range(count):
        queue.slices[number] = Item(number, "")
    return list(queue.slices.values())


Refresh = Callable[..., list[Refresher]]


def test_each_claim_takes_one_slice(
    make_runtime: MakeRuntime, queue: FakeQueue, refresh: Refresh
) -> None:
    items = slices(queue, 3)
    refresh()
    duty = Vindexing(make_runtime("vindexing"))
    assert [duty.tick() for _ in range(4)] == [1, 1, 1, 0]
    assert {item.state for item in items} == {"done"}
    assert duty.runtime.state.counts == (3, 0, 0)


def test_a_refresh_that_fails_does_not_stop_the_others(
    make_runtime: MakeRuntime, queue: FakeQueue, refresh: Refresh
) -> None:
    def behave(number: int) -> None:
        if number == 1:
            raise psycopg.errors.DivisionByZero("division by zero")

    items = slices(queue, 3)
    refresh(behave)
    duty = Vindexing(make_runtime("vindexing", batch=3))
    assert duty.tick() == 3
    assert [item.state for item in items] == ["done", "pending", "done"]
    assert items[1].error == "22012: division by zero"
    assert duty.runtime.state.counts == (2, 1, 0)


def test_a_refresh_beyond_the_lease_is_cancelled_and_counted(
    make_runtime: MakeRuntime, queue: FakeQueue, refresh: Refresh
) -> None:
    (item,) = slices(queue, 1)
    (made) = refresh(lambda _: time.sleep(3))
    duty = Vindexing(make_runtime("vindexing", lease_seconds=1))
    duty.tick()
    assert made[0].cancelled
    assert item.history == ["failed"]
    assert item.error == "OverdueError: no answer within 0.8 s"


def test_a_stop_cancels_a_refresh_that_outlasts_the_grace(
    make_runtime: MakeRuntime, queue: FakeQueue, refresh: Refresh
) -> None:
    items = slices(queue, 2)
    runtime = make_runtime("vindexing", batch=2)
    runtime.stop = Stop(grace=0.4)

    def behave(_: int) -> None:
        runtime.stop.request("test")
        time.sleep(2)

    made = refresh(behave)
    duty = Vindexing(runtime)
    began = time.monotonic()
    duty.tick()
    assert time.monotonic() - began < 1
    assert made[0].cancelled
    assert [item.error for item in items] == ["a worker that stops gave it back"] * 2
    assert all(item.due <= time.monotonic() for item in items)
    assert len(made) == 1


def test_a_lost_connection_is_left_to_the_lease(
    make_runtime: MakeRuntime, queue: FakeQueue, refresh: Refresh
) -> None:
    def behave(_: int) -> None:
        raise DatabaseAwayError("broke off")

    (item,) = slices(queue, 1)
    refresh(behave)
    with pytest.raises(DatabaseAwayError):
        Vindexing(make_runtime("vindexing")).tick()
    assert item.state == "claimed"
