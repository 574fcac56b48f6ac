"""The server answers as Ollama and OpenAI do, over real sockets."""

import base64
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from memoriesdb.embedder import MODEL_NAME, Model
from memoriesdb.embedder.server import Server


@pytest.fixture
def http_session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def embed(session: requests.Session, server: Server, **fields: Any) -> requests.Response:
    body = {"model": MODEL_NAME, **fields}
    return session.post(f"{server.url}/api/embed", json=body, timeout=30)


def test_ollama_embed_gives_one_vector_for_each_text(
    http_session: requests.Session, server: Server, model: Model
) -> None:
    answer = embed(http_session, server, input=["one", "another text"]).json()
    assert answer["embeddings"] == model.embed(["one", "another text"]).vectors
    assert answer["model"] == MODEL_NAME
    assert answer["prompt_eval_count"] == 7
    assert answer["total_duration"] > 0
    assert answer["load_duration"] == 0


def test_ollama_embed_takes_a_single_text(http_session: requests.Session, server: Server) -> None:
    answer = embed(http_session, server, input="one").json()
    assert [len(vector) for vector in answer["embeddings"]] == [384]


@pytest.mark.parametrize("empty", ["", [], None])
def test_nothing_to_embed_gives_no_vectors(
    http_session: requests.Session, server: Server, empty: object
) -> None:
    response = embed(http_session, server, input=empty)
    assert response.status_code == 200
    assert response.json()["embeddings"] == []


@pytest.mark.parametrize(
    "name", ["all-minilm", "all-minilm:latest", "all-minilm:l6-v2", "all-MiniLM-L6-v2"]
)
def test_the_model_is_known_by_its_names(
    http_session: requests.Session, server: Server, name: str
) -> None:
    assert embed(http_session, server, model=name, input="x").json()["model"] == name


def test_another_model_is_not_found(http_session: requests.Session, server: Server) -> None:
    response = embed(http_session, server, model="nomic-embed-text", input="x")
    assert response.status_code == 404
    assert "nomic-embed-text" in response.json()["error"]


def test_too_long_a_text_is_cut_unless_truncate_is_false(
    http_session: requests.Session, server: Server
) -> None:
    long = "memory " * 1000
    assert embed(http_session, server, input=long).json()["prompt_eval_count"] == 256
    refused = embed(http_session, server, input=long, truncate=False)
    assert refused.status_code == 400
    assert "256 tokens" in refused.json()["error"]


WRONG_INPUTS: list[object] = [5, {}, [1], ["x", None], [["x"]]]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000, b'{"input": "x"}', b'{"model": 5}']
    + [json.dumps({"model": MODEL_NAME, "input": wrong}).encode() for wrong in WRONG_INPUTS],
)
def test_what_is_no_request_gets_400_and_an_error(
    http_session: requests.Session, server: Server, body: bytes
) -> None:
    response = http_session.post(f"{server.url}/api/embed", data=body, timeout=10)
    assert response.status_code == 400
    assert isinstance(response.json()["error"], str)


def test_a_body_over_the_limit_gets_413_unread(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.putrequest("POST", "/api/embed")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert "exceeds" in json.loads(response.read())["error"]
    connection.close()


def test_too_many_inputs_get_413(http_session: requests.Session, server: Server) -> None:
    assert embed(http_session, server, input=["x"] * 2049).status_code == 413


def test_a_body_without_its_length_gets_411(http_session: requests.Session, server: Server) -> None:
    response = http_session.post(f"{server.url}/api/embed", data=iter([b"{}"]), timeout=10)
    assert response.status_code == 411


def test_a_client_that_asks_before_it_sends_is_told_at_once(server: Server) -> None:
    body = json.dumps({"model": MODEL_NAME, "input": "x"}).encode()
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as client:
        head = f"POST /api/embed HTTP/1.1\r\nContent-Length: {len(body)}\r\n"
        client.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 100")
        client.sendall(body)
        assert b"HTTP/1.1 200" in client.recv(1000)


def test_unknown_paths_and_methods_are_refused(
    http_session: requests.Session, server: Server
) -> None:
    assert http_session.get(f"{server.url}/api/nothing", timeout=10).status_code == 404
    assert http_session.post(f"{server.url}/api/nothing", json={}, timeout=10).status_code == 404
    assert http_session.get(f"{server.url}/api/embed", timeout=10).status_code == 405


def test_the_server_presents_itself_and_its_model(
    http_session: requests.Session, server: Server, model: Model
) -> None:
    def get(path: str) -> requests.Response:
        return http_session.get(f"{server.url}{path}", timeout=10)

    assert "running" in get("/").text
    assert http_session.head(server.url, timeout=10).status_code == 200
    assert get("/api/version").json()["version"]
    (entry,) = get("/api/tags").json()["models"]
    assert entry["name"] == "all-minilm:latest"
    assert entry["digest"] == model.files.sha256
    assert get("/v1/models").json()["data"][0]["id"] == MODEL_NAME


def test_openai_embeddings_come_as_floats_or_base64(
    http_session: requests.Session, server: Server, model: Model
) -> None:
    def post(**fields: Any) -> requests.Response:
        body = {"model": MODEL_NAME, "input": ["one", "two"], **fields}
        return http_session.post(f"{server.url}/v1/embeddings", json=body, timeout=10)

    expected = model.embed(["one", "two"]).vectors
    answer = post().json()
    assert [entry["embedding"] for entry in answer["data"]] == expected
    assert [entry["index"] for entry in answer["data"]] == [0, 1]
    assert answer["usage"] == {"prompt_tokens": 6, "total_tokens": 6}
    packed = base64.b64decode(post(encoding_format="base64").json()["data"][0]["embedding"])
    assert struct.unpack("<384f", packed) == pytest.approx(expected[0], abs=1e-7)
    wrongs: list[dict[str, Any]] = [
        {"input": []},
        {"dimensions": 5},
        {"encoding_format": "x"},
        {"input": [[1, 2]]},
    ]
    for wrong in wrongs:
        refused = post(**wrong)
        assert refused.status_code == 400
        assert refused.json()["error"]["type"] == "invalid_request_error"
    assert post(model="gpt").status_code == 404


def test_a_client_that_leaves_half_way_harms_nobody(
    http_session: requests.Session, server: Server
) -> None:
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.server_port)) as client:
            client.sendall(b"POST /api/embed HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    assert embed(http_session, server, input="still here").status_code == 200


def test_many_clients_are_answered_at_the_same_time(server: Server, model: Model) -> None:
    expected = model.embed(["a text of one client"]).vectors

    def one(_: int) -> object:
        with requests.Session() as session:
            session.trust_env = False
            return embed(session, server, input="a text of one client").json()["embeddings"]

    with ThreadPoolExecutor(16) as pool:
        assert all(answer == expected for answer in pool.map(one, range(64)))


def test_connections_are_kept_and_answers_are_not_delayed(
    http_session: requests.Session, server: Server
) -> None:
    embed(http_session, server, input="warm up")
    started = time.perf_counter()
    for _ in range(10):
        embed(http_session, server, input="x")
    # Head and body in two segments would cost 40 ms each time.
    assert time.perf_counter() - started < 0.35


COMMAND = "from memoriesdb.embedder.cli import app; app()"


def start(cache_dir: Path, ready: Path, *options: str) -> subprocess.Popen[str]:
    arguments = ["serve", "--cache-dir", str(cache_dir), "--ready-file", str(ready), *options]
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_a_signal_and_leaves_cleanly(
    cache_dir: Path, tmp_path: Path, model: Model, number: signal.Signals
) -> None:
    ready = tmp_path / "ready.json"
    with start(cache_dir, ready, "--port", "0") as process:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        said = json.loads(ready.read_text())
        assert said["pid"] == process.pid
        url = said["url"]
        secret = "canary-7391"
        body = {"model": MODEL_NAME, "input": secret}
        with requests.Session() as session:
            session.trust_env = False
            assert session.post(f"{url}/api/embed", json=body, timeout=10).status_code == 200
            os.kill(process.pid, number)  # with a connection that is still open
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert not ready.exists()
    assert f"ready at {url}" in errors
    assert secret not in errors
    assert "Traceback" not in errors


def test_a_port_that_is_taken_is_an_error_with_a_next_step(
    cache_dir: Path, tmp_path: Path, server: Server
) -> None:
    with start(cache_dir, tmp_path / "r", "--port", str(server.server_port)) as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "--port 0" in errors
    assert "Traceback" not in errors
