"""/healthz and /metrics over HTTP, and the logs' form."""

import json
import logging
import socket
import struct
from collections.abc import Iterator
from dataclasses import asdict

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from memoriesdb.queries import QueueDepth
from memoriesdb.workers import logs
from memoriesdb.workers.health import HealthServer
from memoriesdb.workers.metrics import Families, Metrics
from memoriesdb.workers.state import CircuitView, State, States

NAMES = {
    "memoriesdb_worker_jobs",
    "memoriesdb_worker_batch_seconds",
    "memoriesdb_worker_provider_errors",
    "memoriesdb_worker_circuit",
    "memoriesdb_queue_jobs",
    "memoriesdb_queue_oldest_seconds",
    "memoriesdb_worker_last_success_timestamp_seconds",
    "memoriesdb_worker_info",
}


@pytest.fixture
def state() -> State:
    return State("embedding", "w1")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("embedding", "0.1.0")


@pytest.fixture
def url(state: State, metrics: Metrics) -> Iterator[str]:
    server = HealthServer("127.0.0.1", 0, state, metrics)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.close()


def test_health_follows_database_provider_and_loop(url: str, state: State) -> None:
    assert requests.get(url + "/healthz", timeout=5).status_code == 503
    state.saw_database(reachable=True)
    state.ticked()
    answer = requests.get(url + "/healthz", timeout=5)
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert answer.json()["provider"] == "unknown"
    assert answer.json()["last_tick_seconds"] >= 0
    limited = CircuitView("second", "open", 3.0, "rate_limited")
    state.providers = lambda: [CircuitView("first", "closed", 0.0, None), limited]
    answer = requests.get(url + "/healthz", timeout=5)
    assert (answer.status_code, answer.json()["provider"]) == (503, "rate_limited")
    assert answer.json()["providers"][1] == asdict(limited)
    state.providers = lambda: [CircuitView("first", "closed", 0.0, None)]
    answer = requests.get(url + "/healthz", timeout=5)
    assert (answer.status_code, answer.json()["provider"]) == (200, "ok")
    state.pulse.allow(-60)
    assert requests.get(url + "/healthz", timeout=5).status_code == 503
    state.pulse.allow(60)
    state.saw_database(reachable=False)
    assert requests.get(url + "/healthz", timeout=5).json()["database"] == "away"


def test_metrics_are_prometheus_text(url: str, metrics: Metrics) -> None:
    metrics.jobs("stored", 3)
    metrics.provider_error("timeout")
    metrics.circuits([CircuitView("first", "half_open", 0.0, "timeout")])
    metrics.batch(0.2)
    metrics.queues([QueueDepth("embedding", 5, 1, 2, 9.5), QueueDepth("vindexing", 0, 0, 0, None)])
    answer = requests.get(url + "/metrics?x=1", timeout=5)
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families.keys() >= NAMES
    jobs = {tuple(s.labels.values()): s.value for s in families["memoriesdb_worker_jobs"].samples}
    assert jobs[("embedding", "stored")] == 3
    depths = {
        (s.labels["queue"], s.labels["state"]): s.value
        for s in families["memoriesdb_queue_jobs"].samples
    }
    assert depths[("embedding", "dead")] == 2
    circuits = {s.labels["state"]: s.value for s in families["memoriesdb_worker_circuit"].samples}
    assert circuits == {"closed": 0, "half_open": 1, "open": 0}
    metrics.circuits([])
    assert "memoriesdb_worker_circuit{" not in metrics.text().decode()


def test_duties_of_one_process_share_one_page_and_one_health() -> None:
    families, states = Families(), [State(duty, "w1") for duty in ("embedding", "sealing")]
    for number, state in enumerate(states):
        Metrics(state.duty, "0.1.0", families).jobs("stored", number + 1)
        state.saw_database(reachable=True)
    server = HealthServer("127.0.0.1", 0, States("all", states), families)
    server.start()
    try:
        url = f"http://127.0.0.1:{server.port}"
        page = requests.get(f"{url}/metrics", timeout=5).text
        found = {
            (sample.name, sample.labels.get("duty")): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }
        assert found["memoriesdb_worker_jobs_total", "embedding"] == 1
        assert found["memoriesdb_worker_jobs_total", "sealing"] == 2
        answer = requests.get(f"{url}/healthz", timeout=5)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        states[1].saw_database(reachable=False)
        answer = requests.get(f"{url}/healthz", timeout=5)
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        assert {d: s["status"] for d, s in answer.json()["duties"].items()} == {
            "embedding": "ok",
            "sealing": "failing",
        }
    finally:
        server.close()


def test_a_scraper_that_hangs_up_leaves_no_traceback(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    for _ in range(3):
        with socket.create_connection((host, int(port))) as connection:
            linger = struct.pack("ii", 1, 0)  # a reset instead of a farewell
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.sendall(b"GET /met")
    assert requests.get(url + "/metrics", timeout=5).status_code == 200
    assert "Traceback" not in capsys.readouterr().err


def test_other_paths_are_not_found(url: str) -> None:
    assert requests.get(url + "/../etc/passwd", timeout=5).status_code == 404


def test_logs_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        log = logs.configure("info", duty="embedding", worker="w1")
        log.info("job failed", extra={"job_id": 4, "error": "Rejected: answered 400"})
        log.debug("not shown")
    finally:
        root.handlers[:], root.level = handlers, level
    (line,) = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert entry.pop("time")
    assert entry == {
        "level": "INFO",
        "event": "job failed",
        "duty": "embedding",
        "worker": "w1",
        "job_id": 4,
        "error": "Rejected: answered 400",
    }


def test_an_unforeseen_error_is_logged_by_place_and_not_by_message() -> None:
    with pytest.raises(UnicodeEncodeError) as raised:
        "canary \ud800".encode()
    said = logs.where(raised.value)
    assert said.startswith("UnicodeEncodeError at test_an_unforeseen_error")
    assert "canary" not in said
