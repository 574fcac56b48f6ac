"""Leave a provider alone for a while after it failed, and try it again with one text."""

import math
import time

from memoriesdb.providers import RateLimited, TimedOut, Unavailable
from memoriesdb.workers.backoff import Backoff
from memoriesdb.workers.state import CIRCUIT_STATES, CircuitState

# A Retry-After beyond this is taken for a mistake.
_LONGEST = 3600.0
# Refusals of whoever asks, by HTTP: no model of the endpoint would answer.
_OF_WHOEVER_ASKS = frozenset({None, 401, 403, 407})


class Circuit:
    """Closed while a provider works, open after it failed, and half open once its pause is over.

    The pauses grow until it answers. While it is half open one text tries it.
    """

    def __init__(self, longest_pause: float) -> None:
        self._backoff = Backoff(1.0, longest_pause)
        self._open_until = -math.inf
        self._has_failed = False

    @property
    def state(self) -> CircuitState:
        """Whether anything, one text, or nothing may be asked now."""
        if not self._has_failed:
            return "closed"
        return "open" if self.seconds_left() > 0 else "half_open"

    def seconds_left(self) -> float:
        """Seconds until the provider may be asked again; 0 when it may."""
        return max(0.0, self._open_until - time.monotonic())

    def failed(self, retry_after: float | None) -> float:
        """Open the circuit, for as long as the provider asks or for the next pause."""
        pause = self._backoff.next()
        if retry_after is not None and math.isfinite(retry_after) and retry_after >= 0:
            pause = max(0.05, min(retry_after, _LONGEST))
        self._open_until = time.monotonic() + pause
        self._has_failed = True
        return pause

    def succeeded(self) -> None:
        """Close it: the provider answered."""
        self._backoff.reset()
        self._open_until = -math.inf
        self._has_failed = False


class Breaker:
    """The two circuits on the way to a model: of its endpoint, which others share, and its own."""

    def __init__(self, endpoint: Circuit, model: Circuit) -> None:
        self._circuits = (endpoint, model)

    @property
    def state(self) -> CircuitState:
        """The state of the one that is further open."""
        return max((circuit.state for circuit in self._circuits), key=CIRCUIT_STATES.index)

    def seconds_left(self) -> float:
        """Seconds until the model may be asked again; 0 when it may."""
        return max(circuit.seconds_left() for circuit in self._circuits)

    def failed(self, error: Exception) -> float:
        """Open the circuit of whom this error is about; give the pause."""
        endpoint, model = self._circuits
        about = endpoint if is_the_endpoints(error) else model
        return about.failed(getattr(error, "retry_after", None))

    def succeeded(self) -> None:
        """Close both: the model answered."""
        for circuit in self._circuits:
            circuit.succeeded()


def is_the_endpoints(error: Exception) -> bool:
    """Whether an endpoint would fail like this for any of its models.

    A model that hangs, crashes or is missing leaves the endpoint's others alone.
    """
    if isinstance(error, RateLimited):
        return True
    away = isinstance(error, Unavailable) and not isinstance(error, TimedOut)
    return away and getattr(error, "status", None) in _OF_WHOEVER_ASKS
