"""Leave a provider alone for a while after it failed."""

import math
import time

from memoriesdb.workers.backoff import Backoff

# A Retry-After beyond this is taken for a mistake.
_LONGEST = 3600.0


class Circuit:
    """Open while nothing should be asked of a provider; the pauses grow until it answers."""

    def __init__(self, longest_pause: float) -> None:
        self._backoff = Backoff(1.0, longest_pause)
        self._opens_until = -math.inf

    def seconds_left(self) -> float:
        """Seconds until the provider may be asked again; 0 when it may."""
        return max(0.0, self._opens_until - time.monotonic())

    def failed(self, retry_after: float | None) -> float:
        """Open the circuit, for as long as the provider asks or for the next pause."""
        pause = self._backoff.next()
        if retry_after is not None and math.isfinite(retry_after) and retry_after >= 0:
            pause = max(0.05, min(retry_after, _LONGEST))
        self._opens_until = time.monotonic() + pause
        return pause

    def succeeded(self) -> None:
        """Close it: the provider answered."""
        self._backoff.reset()
        self._opens_until = -math.inf
