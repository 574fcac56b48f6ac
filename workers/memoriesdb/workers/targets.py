"""The providers that this worker's jobs ask for, one object and one circuit each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from memoriesdb.config import WorkerSettings
from memoriesdb.providers import Provider, Unavailable, make_provider
from memoriesdb.queries import EmbeddingJob
from memoriesdb.workers.circuit import Circuit
from memoriesdb.workers.stop import OverdueError, Stop, bounded
from memoriesdb.workers.texts import Vector
from memoriesdb.workers.vectors import check_vectors

PROBE = "Hello."


@dataclass(frozen=True)
class Target:
    """A model at an endpoint, as jobs name it."""

    provider: str
    endpoint: str
    model: str
    dimensions: int
    max_tokens: int


class Client:
    """Asks one target, each request bounded as a whole, and remembers how that went."""

    def __init__(self, target: Target, settings: WorkerSettings, stop: Stop) -> None:
        self.target = target
        self.circuit = Circuit(settings.pause_max_seconds)
        self._settings = settings
        self._stop = stop
        self._provider: Provider | None = None

    def embed(self, inputs: Sequence[str], seconds: float) -> Sequence[Vector]:
        """Return one checked vector an input, or raise what the provider or the check says."""
        provider = self._provider or self._connect()
        try:
            vectors = bounded(
                lambda: provider.embed(inputs),
                seconds,
                self._stop,
                reserve=min(3.0, self._stop.grace / 4),
            )
        except OverdueError:
            # The thread left behind still uses this one's connection.
            self._provider = None
            raise
        check_vectors(vectors, len(inputs), self.target.dimensions)
        return vectors

    def probe(self, seconds: float) -> None:
        """Embed a short harmless text; raise if even that fails."""
        self.embed([PROBE], seconds)

    def _connect(self) -> Provider:
        endpoint = self._settings.endpoint or self.target.endpoint
        try:
            self._provider = make_provider(
                self.target.provider,
                endpoint,
                self.target.model,
                dimensions=self.target.dimensions,
                timeout=self._settings.request_timeout_seconds,
                api_key=self._key_for(endpoint),
            )
        except ValueError as error:
            raise Unavailable(str(error)) from error
        return self._provider

    def _key_for(self, endpoint: str) -> str | None:
        """Return the API key, unless it is kept for another endpoint."""
        key, only = self._settings.api_key, self._settings.api_key_endpoint
        if key is None or (only is not None and only.rstrip("/") != endpoint.rstrip("/")):
            return None
        return key.get_secret_value()


class Targets:
    """All clients of this process."""

    def __init__(self, settings: WorkerSettings, stop: Stop) -> None:
        self._make: Callable[[Target], Client] = lambda target: Client(target, settings, stop)
        self._clients: dict[Target, Client] = {}

    def group(self, jobs: Iterable[EmbeddingJob]) -> list[tuple[Client, list[EmbeddingJob]]]:
        """Sort jobs by the client that embeds them."""
        groups: dict[Target, list[EmbeddingJob]] = {}
        for job in jobs:
            target = Target(job.provider, job.endpoint, job.model, job.dimensions, job.max_tokens)
            groups.setdefault(target, []).append(job)
        for target in groups.keys() - self._clients.keys():
            self._clients[target] = self._make(target)
        return [(self._clients[target], members) for target, members in groups.items()]
