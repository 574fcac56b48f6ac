"""The loop: drains, waits, keeps trying, stops; its exit codes."""

import threading
import time
from typing import ClassVar

import psycopg
import pytest

from memoriesdb.workers.db import DatabaseAwayError
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.loop import Loop
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.systemd import Systemd

from .conftest import MakeRuntime
from .fake_queue import FakeQueue


class OutdatedError(psycopg.DatabaseError):
    sqlstate = "MD506"


class Scripted(Duty):
    """Gives these results one after the other, then nothing; an error is raised."""

    name: ClassVar[str] = "embedding"
    default_batch: ClassVar[int] = 1
    default_lease: ClassVar[float] = 60.0

    def __init__(self, runtime: Runtime, *results: int | Exception) -> None:
        super().__init__(runtime)
        self.results = list(results)
        self.ticks: list[float] = []
        self.pauses: list[float] = []

    def tick(self) -> int:
        self.ticks.append(time.monotonic())
        result = self.results.pop(0) if self.results else 0
        if isinstance(result, Exception):
            raise result
        return result

    def pause(self) -> float:
        return self.pauses.pop(0) if self.pauses else 0.0


def run(duty: Scripted, *, once: bool = True) -> int:
    return Loop(duty, Systemd(duty.runtime.state.pulse), once=once).run()


def test_once_drains_what_is_due_and_ends_with_0(
    make_runtime: MakeRuntime, queue: FakeQueue
) -> None:
    duty = Scripted(make_runtime(), 3, 3, 1)
    assert run(duty) == 0
    assert len(duty.ticks) == 4
    assert queue.beats[0] == "starting"
    assert queue.beats[-1] == "stopped"


@pytest.mark.parametrize("outcome", ["retry", "dead", "invalid", "released"])
def test_once_ends_with_1_when_a_job_failed(make_runtime: MakeRuntime, outcome: str) -> None:
    duty = Scripted(make_runtime(), 1)
    duty.runtime.count(outcome)
    assert run(duty) == 1


@pytest.mark.parametrize("outcome", ["stored", "changed", "refused", "given_back"])
def test_other_outcomes_are_no_failures(make_runtime: MakeRuntime, outcome: str) -> None:
    duty = Scripted(make_runtime(), 1)
    duty.runtime.count(outcome)
    assert run(duty) == 0


def test_once_does_not_wait_for_a_provider_that_wants_a_pause(make_runtime: MakeRuntime) -> None:
    duty = Scripted(make_runtime(), 4, 4)
    duty.pauses = [30.0]
    duty.runtime.count("released", 4)
    began = time.monotonic()
    assert run(duty) == 1
    assert time.monotonic() - began < 5
    assert len(duty.ticks) == 1


def test_once_gives_up_on_a_database_that_is_away(make_runtime: MakeRuntime) -> None:
    away = [DatabaseAwayError("connection refused")] * 9
    assert run(Scripted(make_runtime(), *away)) == 3


def test_a_database_that_refuses_counts_as_a_failure(make_runtime: MakeRuntime) -> None:
    duty = Scripted(make_runtime(), psycopg.errors.InsufficientPrivilege("no"))
    assert run(duty) == 1
    assert duty.runtime.state.counts.failed == 1


def test_a_database_that_comes_back_is_worked_for_again(
    make_runtime: MakeRuntime, queue: FakeQueue
) -> None:
    queue.raises["worker_heartbeat"] = [DatabaseAwayError("refused"), DatabaseAwayError("refused")]
    runtime = make_runtime(reconnect_max_seconds=0.1)
    duty = Scripted(runtime, 1, DatabaseAwayError("broke off"), 1)
    threading.Timer(1.0, runtime.stop.request, ["test"]).start()
    assert run(duty, once=False) == 0
    assert queue.beats[0] == "starting"
    assert len(duty.ticks) >= 4
    assert runtime.state.snapshot().database == "ok"


def test_an_idle_worker_looks_less_and_less_often(make_runtime: MakeRuntime) -> None:
    runtime = make_runtime(poll_min_seconds=0.02, poll_max_seconds=0.4)
    duty = Scripted(runtime)
    threading.Timer(1.2, runtime.stop.request, ["test"]).start()
    run(duty, once=False)
    gaps = [later - sooner for sooner, later in zip(duty.ticks, duty.ticks[1:], strict=False)]
    assert gaps[0] < 0.1
    assert max(gaps) > 0.15
    assert len(gaps) < 15


def test_work_makes_it_look_again_at_once(make_runtime: MakeRuntime) -> None:
    duty = Scripted(make_runtime(poll_min_seconds=5, poll_max_seconds=5), *[1] * 50)
    began = time.monotonic()
    assert run(duty) == 0
    assert time.monotonic() - began < 2


def test_the_pause_of_a_provider_holds_the_claims(make_runtime: MakeRuntime) -> None:
    runtime = make_runtime()
    duty = Scripted(runtime, 4, 4)
    duty.pauses = [0.5]
    threading.Timer(0.8, runtime.stop.request, ["test"]).start()
    run(duty, once=False)
    assert duty.ticks[1] - duty.ticks[0] >= 0.5


def test_an_outdated_worker_stops_with_its_own_code(
    make_runtime: MakeRuntime, queue: FakeQueue, caplog: pytest.LogCaptureFixture
) -> None:
    queue.raises["worker_heartbeat"] = [OutdatedError("too old")]
    duty = Scripted(make_runtime(), 1, 1)
    assert run(duty, once=False) == 78
    assert duty.ticks == []
    (record,) = [r for r in caplog.records if "too old for the database" in r.message]
    assert "pip install --upgrade memoriesdb" in vars(record)["hint"]


def test_an_upgrade_of_the_database_stops_a_running_worker(
    make_runtime: MakeRuntime, queue: FakeQueue
) -> None:
    runtime = make_runtime(heartbeat_seconds=0.1)
    duty = Scripted(runtime)
    threading.Timer(
        0.3, lambda: queue.raises.update(worker_heartbeat=[OutdatedError("too old")])
    ).start()
    assert run(duty, once=False) == 78


def test_the_heart_beats_while_a_batch_is_worked_on(
    make_runtime: MakeRuntime, queue: FakeQueue
) -> None:
    class Slow(Scripted):
        def tick(self) -> int:
            time.sleep(0.6)
            return super().tick()

    assert run(Slow(make_runtime(heartbeat_seconds=0.1))) == 0
    assert queue.beats.count("running") >= 4
