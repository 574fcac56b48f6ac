"""Find an embedding endpoint: Ollama where it runs, our own local model otherwise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import requests

from memoriesdb.cluster.errors import ClusterError, log_tail
from memoriesdb.cluster.processes import Daemon

OLLAMA = "http://127.0.0.1:11434"
PROVIDER = "ollama"
# The first start of our own builds the model file from the weights.
FIRST_START_SECONDS = 300


@dataclass(frozen=True)
class Traits:
    """What a model asks of its callers."""

    max_tokens: int = 256
    query_prefix: str = ""
    passage_prefix: str = ""


# In the order in which they are preferred.
MODELS: Final[dict[str, Traits]] = {
    "nomic-embed-text": Traits(2048, "search_query: ", "search_document: "),
    "all-minilm": Traits(),
}


@dataclass(frozen=True)
class Endpoint:
    """A model at an address, as the database registers it."""

    name: str
    endpoint: str
    model: str
    dimensions: int
    traits: Traits

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of ``register_embedding_model``."""
        own = asdict(self)
        return {**own.pop("traits"), **own, "provider": PROVIDER}


def answers(address: str) -> bool:
    """Whether an endpoint that speaks Ollama's protocol is there."""
    try:
        return "version" in _call("GET", f"{address}/api/version", seconds=2)
    except (requests.RequestException, ValueError, TypeError):
        return False


def find_ollama(address: str = OLLAMA) -> Endpoint | None:
    """Return Ollama's embedding model; None when Ollama, or such a model, is not there."""
    if not answers(address):
        return None
    return _probe(address)


def start_own(embedder: Daemon, port: int) -> tuple[Endpoint, bool]:
    """Start our own endpoint unless it runs; raise when this machine has no model for it."""
    address = f"http://127.0.0.1:{port}"
    started = embedder.start(lambda: answers(address), FIRST_START_SECONDS)
    endpoint = _probe(address)
    if endpoint is None:
        if started:
            embedder.stop()
        raise ClusterError(
            f"the embedder runs but embeds nothing. The end of {embedder.log}:\n"
            f"{log_tail(embedder.log)}",
            "repair what the log names, then run `memoriesdb up` again.",
        )
    return endpoint, started


def _probe(address: str) -> Endpoint | None:
    """Choose a model by name and ask it for one vector, whose length is the dimension."""
    try:
        tags = _call("GET", f"{address}/api/tags", seconds=5)
        served = {str(each["name"]): str(each["name"]).split(":")[0] for each in tags["models"]}
        for family, traits in MODELS.items():
            for model, its_family in served.items():
                if its_family == family:
                    request = {"model": model, "input": ["how many dimensions?"]}
                    # A model that was idle is loaded first, which takes its time.
                    answer = _call("POST", f"{address}/api/embed", seconds=60, json=request)
                    size = len(answer["embeddings"][0])
                    return Endpoint(family, address, model, size, traits)
    except (requests.RequestException, ValueError, LookupError, TypeError):
        return None
    return None


def _call(method: str, address: str, *, seconds: float, json: object = None) -> Any:
    with requests.Session() as session:
        session.trust_env = False  # a proxy cannot reach this machine's loopback address
        response = session.request(method, address, json=json, timeout=seconds)
        response.raise_for_status()
        return response.json()
