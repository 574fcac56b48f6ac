"""A worker without a process: its parts, a queue in memory and a provider over HTTP."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from memoriesdb.config import WorkerSettings
from memoriesdb.workers import heart, logs
from memoriesdb.workers.runtime import Runtime

from .fake_queue import FakeQueue
from .provider_server import ProviderServer, provider_server

MakeRuntime = Callable[..., Runtime]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DSN", "API_KEY", "SECRETS_DIR", "METRICS_PORT"):
        monkeypatch.delenv(f"MEMORIESDB_{name}", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with provider_server() as server:
        yield server


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def make_runtime(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeRuntime]:
    """Make a runtime over the queue in memory; the root logger is left as it is."""
    made: list[Runtime] = []
    monkeypatch.setattr(logs, "configure", lambda *_, **__: logging.getLogger(logs.LOGGER))
    monkeypatch.setattr(heart, "connection", lambda *_: queue)

    def make(duty: str = "embedding", **settings: Any) -> Runtime:
        given = {"dsn": "host=nowhere", "worker_name": "w1", "poll_max_seconds": 0.3, **settings}
        runtime = Runtime.create(duty, WorkerSettings.load(duty, **given))
        runtime.db = queue
        made.append(runtime)
        return runtime

    yield make
    for runtime in made:
        runtime.stop.close()
