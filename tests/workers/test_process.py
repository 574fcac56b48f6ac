"""Worker processes: signals, systemd's notifications, and the command's exit codes."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from memoriesdb.workers.cli import app

from .provider_server import ProviderServer

TESTS = Path(__file__).parents[1]
COMMAND = [sys.executable, "-c", "from memoriesdb.workers.cli import app; app()"]
NOWHERE = "host=127.0.0.1 port=1 dbname=memoriesdb password=hunter2"

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process with these settings; it is killed if the test leaves it."""
    with contextlib.ExitStack() as stack:

        def run(command: list[str], **settings: str) -> subprocess.Popen[str]:
            environment = {
                **{k: v for k, v in os.environ.items() if not k.startswith("MEMORIESDB_")},
                "PYTHONPATH": str(TESTS),
                "MEMORIESDB_DSN": NOWHERE,
                "MEMORIESDB_WORKER_NAME": "w1",
                **settings,
            }
            process = subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.callback(_end, process)
            return process

        yield run


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=10)


@pytest.fixture
def notifications(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(10)
        yield listener


def heard_until(listener: socket.socket, word: str) -> list[str]:
    heard: list[str] = []
    while not any(word in message for message in heard):
        heard.append(listener.recv(4096).decode())
    return heard


def fake(url: str, *texts: str) -> list[str]:
    return [sys.executable, "-m", "workers.fake_worker", url, *texts]


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_sigterm_finishes_the_batch_in_hand(start: Start, provider: ProviderServer) -> None:
    provider.delay = 1.0
    process = start(fake(provider.url, "one", "two"))
    until(lambda: provider.requests)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0, err
    assert out.splitlines() == ["one stored 1 ", "two stored 1 ", "beats starting stopped"]
    last = json.loads(err.splitlines()[-1])
    assert (last["event"], last["reason"], last["done"]) == ("stopped", "SIGTERM", 2)


def test_sigterm_gives_back_what_does_not_finish_in_the_grace(
    start: Start, provider: ProviderServer
) -> None:
    process = start(fake(provider.url, "HANG"), MEMORIESDB_SHUTDOWN_GRACE_SECONDS="1")
    until(lambda: provider.requests)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0, err
    assert time.monotonic() - began < 5
    assert out.splitlines()[0] == "HANG pending 0 released"


def test_a_second_signal_ends_the_process_at_once(start: Start, provider: ProviderServer) -> None:
    process = start(fake(provider.url, "HANG"))
    until(lambda: provider.requests)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(3) == 128 + signal.SIGTERM


def test_systemd_hears_ready_watchdog_and_stopping(
    start: Start, provider: ProviderServer, notifications: socket.socket
) -> None:
    process = start(
        fake(provider.url),
        NOTIFY_SOCKET=notifications.getsockname(),
        WATCHDOG_USEC="200000",
    )
    heard = heard_until(notifications, "WATCHDOG=1")
    assert "READY=1" in heard[0]
    heard_until(notifications, "WATCHDOG=1")
    process.send_signal(signal.SIGTERM)
    heard_until(notifications, "STOPPING=1")
    assert process.wait(10) == 0


def test_without_its_database_a_worker_is_not_ready_and_keeps_trying(
    start: Start, notifications: socket.socket
) -> None:
    port = free_port()
    process = start(
        [*COMMAND, "embedding"],
        NOTIFY_SOCKET=notifications.getsockname(),
        MEMORIESDB_METRICS_PORT=str(port),
    )
    heard = heard_until(notifications, "STATUS=database away")
    heard += heard_until(notifications, "STATUS=database away")
    assert not any("READY" in message for message in heard)
    answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
    assert (answer.status_code, answer.json()["database"]) == (503, "away")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=15)
    assert process.returncode == 0
    events = [json.loads(line) for line in err.splitlines()]
    assert {"database away", "stopped"} <= {event["event"] for event in events}
    assert "hunter2" not in err


@pytest.mark.parametrize("duty", ["embedding", "vindexing", "sealing", "all"])
def test_once_without_a_database_ends_with_3(start: Start, duty: str) -> None:
    process = start([*COMMAND, duty, "--once"])
    process.communicate(timeout=20)
    assert process.returncode == 3


def test_a_taken_port_says_what_to_do(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start([*COMMAND, "vindexing", "--metrics-port", str(port)])
        _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"127.0.0.1:{port}" in err
    assert "What to do next: give --metrics-port another port" in err


@pytest.mark.parametrize("duty", ["embedding", "vindexing", "sealing", "all"])
def test_a_missing_dsn_is_a_usage_error(duty: str) -> None:
    result = CliRunner().invoke(app, [duty])
    assert result.exit_code == 2
    assert "give --dsn or set MEMORIESDB_DSN" in result.stderr
    assert "What to do next" in result.stderr


@pytest.mark.parametrize("duty", ["embedding", "vindexing", "sealing", "all"])
def test_help_has_an_example(duty: str) -> None:
    result = CliRunner().invoke(app, [duty, "--help"])
    assert result.exit_code == 0
    assert "Examples: export MEMORIESDB_DSN=" in " ".join(result.stdout.split())
