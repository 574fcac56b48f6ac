"""Several duties in one process: side by side, and ended together."""

import logging
import threading
import time
from collections.abc import Callable
from typing import ClassVar

import pytest

from memoriesdb.config import WorkerSettings
from memoriesdb.workers import heart, logs, process, runtime
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.process import TOGETHER, run_together

from .fake_queue import FakeQueue


class First(Duty):
    """Does what the test says at each look; the second sees it."""

    name: ClassVar[str] = "first"
    default_batch: ClassVar[int] = 1
    default_lease: ClassVar[float] = 60.0
    steps: ClassVar[list[Callable[[Duty], int]]] = []
    seen: ClassVar[list[str]] = []

    def tick(self) -> int:
        self.seen.append(self.name)
        return self.steps.pop(0)(self) if self.steps else 0

    def settle(self) -> None:
        self.seen.append(f"{self.name} settled")


class Second(First):
    name: ClassVar[str] = "second"
    steps: ClassVar[list[Callable[[Duty], int]]] = []


@pytest.fixture(autouse=True)
def duties(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with nothing to do; signals and the root logger stay the test runner's."""
    for module in (heart, runtime):
        monkeypatch.setattr(module, "connection", lambda *_: queue)
    monkeypatch.setattr(process, "obey_signals", lambda _: None)
    monkeypatch.setattr(logs, "configure", lambda *_, **__: logging.getLogger(logs.LOGGER))
    for duty in (First, Second):
        duty.steps.clear()
    First.seen.clear()


def run(*, once: bool = False) -> int:
    settings = {
        name: WorkerSettings.load(name, dsn="host=nowhere", poll_max_seconds=0.3)
        for name in (TOGETHER, "first", "second")
    }
    return run_together((First, Second), settings, once=once)


def both_work() -> None:
    """Wait until both have looked at their queues: who is stopped before that never begins."""
    end = time.monotonic() + 10
    while not {"first", "second"} <= set(First.seen):
        assert time.monotonic() < end
        time.sleep(0.01)


def stop(duty: Duty) -> int:
    both_work()
    duty.runtime.stop.request("test")
    return 0


def fault(_: Duty) -> int:
    both_work()
    raise ZeroDivisionError("an unforeseen fault")


def test_what_stops_one_stops_all_and_each_settles(queue: FakeQueue) -> None:
    First.steps += [stop]
    assert run() == 0
    assert {"first settled", "second settled"} <= set(First.seen)
    assert queue.beats.count("starting") == queue.beats.count("stopped") == 2


@pytest.mark.parametrize("failing", [First, Second])
def test_a_fault_of_one_ends_the_process_with_1(failing: type[First], queue: FakeQueue) -> None:
    failing.steps += [fault]
    other = "second" if failing is First else "first"
    assert run() == 1
    assert f"{other} settled" in First.seen
    assert f"{failing.name} settled" not in First.seen


def test_a_duty_that_is_slow_does_not_hold_up_the_other() -> None:
    gate = threading.Event()

    def slow(_: Duty) -> int:
        gate.wait(10)
        return 0

    def last(duty: Duty) -> int:
        gate.set()
        return stop(duty)

    First.steps += [slow]
    Second.steps += [lambda _: 1, lambda _: 1, last]
    began = time.monotonic()
    assert run() == 0
    assert time.monotonic() - began < 5


def test_once_drains_one_after_the_other() -> None:
    First.steps += [lambda _: 1]
    Second.steps += [lambda _: 1]
    assert run(once=True) == 0
    assert First.seen == [
        *("first", "first", "first settled"),
        *("second", "second", "second settled"),
    ]


def test_once_gives_the_worst_code_and_goes_on() -> None:
    First.seen.append("second")  # in its turn only, and so not waited for
    First.steps += [fault]
    assert run(once=True) == 1
    assert First.seen[-1] == "second settled"
