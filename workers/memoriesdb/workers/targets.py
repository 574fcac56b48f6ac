"""The providers that this worker's jobs ask for, one object and one circuit each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from memoriesdb.config import WorkerSettings
from memoriesdb.providers import Provider, Unavailable, make_provider
from memoriesdb.queries import EmbeddingJob
from memoriesdb.workers.circuit import Breaker, Circuit
from memoriesdb.workers.state import CircuitState, CircuitView
from memoriesdb.workers.stop import Bounded, Stop
from memoriesdb.workers.texts import Vector
from memoriesdb.workers.vectors import check_vectors

PROBE = "Hello."
# In which a request is put together and sent.
_LEAVE_SECONDS = 0.004


@dataclass(frozen=True)
class Target:
    """A model at an endpoint, as jobs name it."""

    model_id: UUID
    provider: str
    endpoint: str
    model: str
    dimensions: int
    max_tokens: int


class Asked:
    """A request that was sent."""

    def __init__(self, work: Bounded[bytes], read: Callable[[bytes], Sequence[Vector]]) -> None:
        self.work = work
        self._read = read

    def let_leave(self) -> None:
        """Do nothing for a moment: threads that compute keep others from the interpreter."""
        self.work.wait_at_most(_LEAVE_SECONDS)

    def wait(self) -> None:
        """Wait for the answer, or raise what went wrong with the request."""
        self.work.wait()

    def vectors(self) -> Sequence[Vector]:
        """Return one checked vector an input, or raise what is wrong with the answer."""
        return self._read(self.work.wait())


class Client:
    """Asks one target, each request bounded as a whole, and remembers how that went."""

    def __init__(
        self, target: Target, settings: WorkerSettings, stop: Stop, breaker: Breaker
    ) -> None:
        self.target = target
        self.breaker = breaker
        self.kind: str | None = None
        self.jobless = 0
        self._settings = settings
        self._stop = stop
        self._provider: Provider | None = None
        self._sent: Asked | None = None

    def failed(self, error: Exception, kind: str) -> float:
        """Note that the provider does not work; give the seconds to leave it alone."""
        self.kind = kind
        return self.breaker.failed(error)

    def succeeded(self) -> None:
        """Note that the provider works."""
        self.kind = None
        self.breaker.succeeded()

    def view(self) -> CircuitView:
        """Return how this provider does at this moment."""
        state, seconds = self.breaker.state, round(self.breaker.seconds_left(), 3)
        # What another model of the endpoint met is this one's trouble as well.
        kind = None if state == "closed" else self.kind or "unavailable"
        return CircuitView(self.target.model, state, seconds, kind)

    def begin(self, inputs: Sequence[str], seconds: float) -> "Asked":
        """Send a request; its answer is to be waited for, and read, by whoever gets it."""
        if self._sent is not None and not self._sent.work.is_done:
            # What is still under way keeps its connection.
            self._provider = None
        provider = self._provider or self._connect()
        reserve = min(3.0, self._stop.grace / 4)
        work = Bounded(partial(provider.ask, inputs), seconds, self._stop, reserve)
        self._sent = Asked(work, partial(self._read, provider, len(inputs)))
        return self._sent

    def embed(self, inputs: Sequence[str], seconds: float) -> Sequence[Vector]:
        """Return one checked vector an input, or raise what the provider or the check says."""
        asked = self.begin(inputs, seconds)
        asked.wait()
        return asked.vectors()

    def _read(self, provider: Provider, count: int, answer: bytes) -> Sequence[Vector]:
        vectors = provider.read(answer, count)
        check_vectors(vectors, count, self.target.dimensions)
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
        self._settings, self._stop = settings, stop
        self._clients: dict[Target, Client] = {}
        self._endpoints: dict[str, Circuit] = {}

    def group(self, jobs: Iterable[EmbeddingJob]) -> list[tuple[Client, list[EmbeddingJob]]]:
        """Sort jobs by the client that embeds them."""
        groups: dict[Target, list[EmbeddingJob]] = {}
        for job in jobs:
            target = Target(
                model_id=job.model_id,
                provider=job.provider,
                endpoint=job.endpoint,
                model=job.model,
                dimensions=job.dimensions,
                max_tokens=job.max_tokens,
            )
            groups.setdefault(target, []).append(job)
        for target in groups.keys() - self._clients.keys():
            # Who was registered anew, at another endpoint say, is another target: that the former
            # one failed is no reason to leave it alone. A new dictionary: others read this one.
            kept = {t: c for t, c in self._clients.items() if t.model_id != target.model_id}
            self._clients = {**kept, target: self._make(target)}
        return [(self._clients[target], members) for target, members in groups.items()]

    def _make(self, target: Target) -> Client:
        endpoint = self._settings.endpoint or target.endpoint
        longest = self._settings.pause_max_seconds
        shared = self._endpoints.setdefault(endpoint, Circuit(longest))
        return Client(target, self._settings, self._stop, Breaker(shared, Circuit(longest)))

    def in_state(self, *states: CircuitState) -> list[Client]:
        """Return the clients whose provider is in one of these states now."""
        return [client for client in self._clients.values() if client.breaker.state in states]

    def forget(self, client: Client) -> None:
        """Know nothing of this client any more."""
        self._clients = {t: c for t, c in self._clients.items() if c is not client}

    def views(self) -> list[CircuitView]:
        """Return how each provider does at this moment; may be called from any thread."""
        return [client.view() for client in self._clients.values()]
