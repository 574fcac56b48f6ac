"""A worker process from its settings to its exit code: one duty, or several side by side."""

import contextlib
import threading
from collections.abc import Mapping, Sequence

from memoriesdb.config import WorkerSettings
from memoriesdb.workers import logs
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.health import HealthServer, Healthy, Measured
from memoriesdb.workers.loop import EXIT_FAILED, Loop
from memoriesdb.workers.metrics import Families
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.state import States
from memoriesdb.workers.stop import obey_signals
from memoriesdb.workers.systemd import Systemd

# What the process of several duties goes by, in its settings and its health.
TOGETHER = "all"


class PortTakenError(Exception):
    """The port of /healthz and /metrics cannot be opened."""


def run(duty_class: type[Duty], settings: WorkerSettings, *, once: bool = False) -> int:
    """Run this duty until it is told to stop, or once until nothing is due."""
    runtime = Runtime.create(duty_class.name, settings)
    with contextlib.ExitStack() as stack:
        stack.callback(runtime.db.close)
        _serve(stack, settings, runtime.state, runtime.metrics)
        obey_signals([runtime.stop])
        systemd = Systemd(runtime.state.pulse)
        stack.callback(systemd.close)
        duty = duty_class(runtime)
        stack.callback(duty.close)
        return _work(duty, systemd, once=once)


def run_together(
    duty_classes: Sequence[type[Duty]],
    settings: Mapping[str, WorkerSettings],
    *,
    once: bool = False,
) -> int:
    """Run these duties in one process until it is told to stop; ``once``: one after the other.

    A duty that ends by a fault, or for good, ends the others as a signal does; the exit code is
    its. ``settings`` are by the duty's name; those of the process are TOGETHER's.
    """
    own, families = settings[TOGETHER], Families()
    runtimes = [Runtime.create(each.name, settings[each.name], families) for each in duty_classes]
    states = States(own.name_for(TOGETHER), [runtime.state for runtime in runtimes])
    with contextlib.ExitStack() as stack:
        for runtime in runtimes:
            stack.callback(runtime.db.close)
        _serve(stack, own, states, families)
        obey_signals([runtime.stop for runtime in runtimes])
        systemd = Systemd(states, duties=1 if once else len(runtimes))
        stack.callback(systemd.close)
        duties = []
        for duty_class, runtime in zip(duty_classes, runtimes, strict=True):
            duties.append(duty_class(runtime))
            stack.callback(duties[-1].close)
        if once:
            # In this order: what is embedded is sealed as well.
            return max([_work(duty, systemd, once=True) for duty in duties])
        return _side_by_side(duties, systemd)


def _side_by_side(duties: Sequence[Duty], systemd: Systemd) -> int:
    codes: dict[str, int] = {}

    def work(duty: Duty) -> None:
        codes[duty.name] = _work(duty, systemd, once=False)
        for other in duties:
            other.runtime.stop.request(f"{duty.name} has stopped")

    threads = [
        threading.Thread(target=work, args=(duty,), name=duty.name, daemon=True) for duty in duties
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(codes.values())


def _work(duty: Duty, systemd: Systemd, *, once: bool) -> int:
    """Run one duty's loop; an unforeseen fault ends it with 1."""
    try:
        return Loop(duty, systemd, once=once).run()
    except Exception as error:
        where = logs.where(error)
        duty.runtime.log.critical("stopped by a fault of the worker", extra={"error": where})
        duty.runtime.stop.request("fault", EXIT_FAILED)
        return EXIT_FAILED


def _serve(
    stack: contextlib.ExitStack, settings: WorkerSettings, state: Healthy, metrics: Measured
) -> None:
    if settings.metrics_port == 0:
        return
    try:
        server = HealthServer(settings.metrics_host, settings.metrics_port, state, metrics)
    except OSError as error:
        raise PortTakenError(
            f"cannot serve metrics on {settings.metrics_host}:{settings.metrics_port}: "
            f"{error.strerror}"
        ) from None
    server.start()
    stack.callback(server.close)
