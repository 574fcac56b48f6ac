"""One worker process from its settings to its exit code."""

from memoriesdb.config import WorkerSettings
from memoriesdb.workers import logs
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.health import HealthServer
from memoriesdb.workers.loop import EXIT_FAILED, Loop
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.systemd import Systemd


class PortTakenError(Exception):
    """The port of /healthz and /metrics cannot be opened."""


def run(duty_class: type[Duty], settings: WorkerSettings, *, once: bool = False) -> int:
    """Run this duty until it is told to stop, or once until nothing is due."""
    runtime = Runtime.create(duty_class.name, settings)
    server = _serve(runtime)
    runtime.stop.install()
    systemd = Systemd(runtime.state.pulse)
    duty = duty_class(runtime)
    try:
        return Loop(duty, systemd, once=once).run()
    except Exception as error:
        runtime.log.critical("stopped by a fault of the worker", extra={"error": logs.where(error)})
        return EXIT_FAILED
    finally:
        duty.close()
        systemd.close()
        if server is not None:
            server.close()
        runtime.db.close()


def _serve(runtime: Runtime) -> HealthServer | None:
    settings = runtime.settings
    if settings.metrics_port == 0:
        return None
    try:
        server = HealthServer(
            settings.metrics_host, settings.metrics_port, runtime.state, runtime.metrics
        )
    except OSError as error:
        raise PortTakenError(
            f"cannot serve metrics on {settings.metrics_host}:{settings.metrics_port}: "
            f"{error.strerror}"
        ) from None
    server.start()
    return server
