"""Growing, jittered waits."""

import random


class Backoff:
    """Waits that double from ``least`` to ``most``, each shortened at random by up to half.

    The jitter keeps workers that started together, or lost the same server together, from
    knocking at the same moment.
    """

    def __init__(self, least: float, most: float) -> None:
        self.least = min(least, most)
        self.most = most
        self._next = self.least

    def next(self) -> float:
        """Return the next wait in seconds."""
        wait = self._next
        self._next = min(self.most, wait * 2)
        return wait * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret

    def reset(self) -> None:
        """Begin again at the shortest wait."""
        self._next = self.least
