"""One built model for all tests of a run."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memoriesdb.embedder import Model, ModelUnavailableError, load
from memoriesdb.embedder.server import Server
from memoriesdb.embedder.weights import find_model


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        find_model()
    except ModelUnavailableError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    return tmp_path_factory.mktemp("model-cache")


@pytest.fixture(scope="session")
def model(cache_dir: Path) -> Model:
    return load(cache_dir)


@pytest.fixture(scope="session")
def server(model: Model) -> Iterator[Server]:
    with Server("127.0.0.1", 0, model, max_body_bytes=200_000) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
