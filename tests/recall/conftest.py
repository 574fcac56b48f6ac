"""The real local model behind the real endpoint, once a run, and worker processes."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from acting import Database
from memoriesdb.embedder import ModelUnavailableError, load
from memoriesdb.embedder.server import Server
from memoriesdb.embedder.weights import find_model
from queues import endpoint as endpoints
from queues.endpoint import Endpoint
from queues.support import Start, worker_processes


@pytest.fixture(scope="session")
def meaning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an endpoint with the local model."""
    try:
        find_model()
    except ModelUnavailableError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    model = load(tmp_path_factory.mktemp("model-cache"))
    with Server("127.0.0.1", 0, model) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An embedding endpoint of this test's own, without a model."""
    with endpoints.endpoint() as opened:
        yield opened


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    """Starts worker processes that end with the test."""
    with worker_processes(database) as started:
        yield started


@pytest.fixture
def data() -> Path:
    """The folder of data that lies beside the repository on some machines."""
    path = Path(__file__).parents[3] / "shared" / "data"
    if not path.is_dir():
        pytest.skip("no folder of test data beside the repository")
    return path
