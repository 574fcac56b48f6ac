"""What the database is needed for, done while a batch is embedded, so that the embedder is busy."""

import threading
import time
from collections.abc import Callable

from memoriesdb.workers.batch import Batch


class Ahead:
    """Answers for the batch before, and then claims the next one, in a thread of its own.

    Meanwhile nobody else uses the worker's connection. The claim waits for ``seconds`` first, or
    until the batch in hand is embedded: jobs that are claimed long before their turn are kept from
    other workers, and their leases run.
    """

    def __init__(
        self, before: Batch | None, claim: Callable[[], Batch | None], seconds: float
    ) -> None:
        self._before, self._claim = before, claim
        self._claim_at = time.monotonic() + seconds
        self._is_embedded = threading.Event()
        self._claimed: Batch | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            if self._before is not None:
                self._before.settle()
            self._is_embedded.wait(self._claim_at - time.monotonic())
            self._claimed = self._claim()
        except BaseException as error:
            self._error = error

    def wait(self) -> Batch | None:
        """Wait for both; return the next batch, if there is one, and keep what went wrong."""
        self._is_embedded.set()
        self._thread.join()
        return self._claimed

    def finish(self) -> Batch | None:
        """Wait for both; return the next batch, if there is one, or raise what went wrong."""
        claimed = self.wait()
        if self._error is not None:
            raise self._error
        return claimed
