"""Stopping: waits end at once, work is left when its time is over, two signals end the process."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from memoriesdb.workers.backoff import Backoff
from memoriesdb.workers.stop import GraceOverError, OverdueError, Stop, bounded


def test_a_request_to_stop_ends_a_wait_at_once() -> None:
    stop = Stop(grace=5.0)
    threading.Timer(0.05, stop.request, ["test"]).start()
    began = time.monotonic()
    assert stop.wait(10.0)
    assert time.monotonic() - began < 2.0
    assert 0 < stop.seconds_left() <= 5.0
    stop.request("later", 78)
    assert (stop.reason, stop.exit_code) == ("test", 0)
    stop.close()


def test_bounded_work_gives_its_result_or_its_error() -> None:
    stop = Stop(grace=5.0)
    assert bounded(lambda: 42, 1.0, stop) == 42
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 // 0, 1.0, stop)
    stop.close()


def test_work_that_takes_too_long_is_left() -> None:
    stop, gate = Stop(grace=5.0), threading.Event()
    began = time.monotonic()
    with pytest.raises(OverdueError, match=r"no answer within 0\.2 s"):
        bounded(lambda: gate.wait(10), 0.2, stop)
    assert time.monotonic() - began < 2.0
    gate.set()
    stop.close()


def test_work_is_left_when_the_grace_ends_less_its_reserve() -> None:
    stop, gate = Stop(grace=0.6), threading.Event()
    stop.request("test")
    with pytest.raises(GraceOverError):
        bounded(lambda: gate.wait(10), 10, stop, reserve=0.4)
    assert 0.2 < stop.seconds_left() <= 0.4
    gate.set()
    stop.close()


SCRIPT = """
import sys, time
from memoriesdb.workers.stop import Stop, obey_signals
stop = Stop(grace=30)
obey_signals([stop])
print("ready", flush=True)
stop.wait(30)
print(stop.reason, flush=True)
time.sleep(30 if sys.argv[1] == "stays" else 0)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_asks_and_a_second_ends_the_process_at_once(number: signal.Signals) -> None:
    command = [sys.executable, "-c", SCRIPT, "stays"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.readline() == f"{number.name}\n"
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(5) == 128 + number


def test_waits_double_up_to_the_longest_with_jitter_and_start_again() -> None:
    backoff = Backoff(1.0, 8.0)
    for longest in (1.0, 2.0, 4.0, 8.0, 8.0):
        assert longest / 2 <= backoff.next() <= longest
    backoff.reset()
    assert backoff.next() <= 1.0
    assert len({Backoff(1.0, 8.0).next() for _ in range(10)}) > 1
