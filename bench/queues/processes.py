"""Run a step in several processes that begin together."""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError
from typing import Any

from bench.queues.system import Record, System

LIMIT = 300.0
_CONTEXT = multiprocessing.get_context("forkserver")


class StepError(Exception):
    """A process has failed, has ended without a word, or has not ended."""


@dataclass(frozen=True)
class Report:
    """What one process did."""

    began: float
    ended: float
    numbers: array[int]
    error: str


def preload(systems: Sequence[System]) -> None:
    """Let what the systems import be imported once: a process of a step is a fork with it."""
    modules = sorted({type(system).__module__ for system in systems})
    _CONTEXT.set_forkserver_preload(["__main__", *modules])


def enqueue(system: System, parts: Sequence[Sequence[int]]) -> list[Report]:
    """Let a process hand over each part."""
    return _run(system, "enqueue", parts, sum(map(len, parts)))


def drain(system: System, workers: int, expected: int) -> list[Report]:
    """Let processes with so many connections together do all jobs."""
    processes = system.processes(workers)
    return _run(system, "drain", [workers // processes] * processes, expected)


def _run(system: System, step: str, given: Sequence[Any], expected: int) -> list[Report]:
    barrier = _CONTEXT.Barrier(len(given))
    count = _CONTEXT.Value("q", 0)
    pairs = [_CONTEXT.Pipe(duplex=False) for _ in given]
    processes = [
        _CONTEXT.Process(
            target=_step, args=(system, step, part, barrier, count, expected, end), daemon=True
        )
        for part, (_, end) in zip(given, pairs, strict=True)
    ]
    try:
        for process, (_, end) in zip(processes, pairs, strict=True):
            process.start()
            end.close()
        return _reports([start for start, _ in pairs], f"{system.name}, {step}")
    finally:
        for process in processes:
            if process.pid is not None:
                process.terminate()
                process.join()
        for start, _ in pairs:
            start.close()


def _reports(pipes: list[Connection], what: str) -> list[Report]:
    reports: list[Report] = []
    open_pipes = list(pipes)
    end = time.monotonic() + LIMIT
    while open_pipes:
        ready = wait(open_pipes, max(0.0, end - time.monotonic()))
        if not ready:
            raise StepError(f"{what}: not done within {LIMIT:g} seconds")
        for pipe in ready:
            assert isinstance(pipe, Connection)
            open_pipes.remove(pipe)
            try:
                reports.append(Report(*pipe.recv()))
            except EOFError:
                raise StepError(f"{what}: a process ended without a word") from None
    failed = [report.error for report in reports if report.error]
    if failed:
        # What waited for the one that failed says less than that one.
        first = min(failed, key=lambda error: BrokenBarrierError.__name__ in error)
        raise StepError(f"{what}: {first}")
    return reports


def _step(
    system: System,
    step: str,
    given: Any,
    barrier: Barrier,
    count: Any,
    expected: int,
    end: Connection,
) -> None:
    # A Ctrl-C reaches all processes of the terminal: the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    record = Record(barrier, count, expected)
    error = ""
    try:
        if step == "enqueue":
            system.enqueue(given, record)
        else:
            system.drain(record, given)
    except Exception:
        error = traceback.format_exc()
        barrier.abort()
    end.send((record.began, record.ended, record.numbers, error))
    end.close()
