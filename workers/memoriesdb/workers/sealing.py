"""Seal what was audited into blocks, and hand out signed digests to keep elsewhere."""

import math
import time
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from memoriesdb import queries
from memoriesdb.config import SettingsError
from memoriesdb.ledger.digest import Digest, Kept, load_key
from memoriesdb.ledger.encoding import parse_json
from memoriesdb.ledger.errors import ContradictionError, LedgerError
from memoriesdb.ledger.keeping import append, hand_over
from memoriesdb.queries import LedgerStatus
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.metrics import LedgerMetrics
from memoriesdb.workers.runtime import Runtime

# Of one call: a few seconds' work, so that a stop finds it finished within its grace.
MOST_ENTRIES = 100_000
# Entries of access_log removed in one call, and seconds between two looks at what is too old.
_PRUNED_AT_ONCE = 10_000
_PRUNE_SECONDS = 300.0
_RETRY_SECONDS = 60.0


class Sealing(Duty):
    """Call seal_ledger() at an interval, and in between see to digests and old access entries."""

    name: ClassVar[str] = "sealing"
    default_batch: ClassVar[int] = 1
    default_lease: ClassVar[float] = 120.0

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        settings = runtime.settings
        self._metrics = LedgerMetrics(runtime.metrics.registry)
        self._key = _load(settings.digest_key_file)
        self._keeps = bool(settings.digest_file or settings.digest_command)
        self._handed: Digest | None = None
        self._digest_due = self._prune_due = self._status_due = -math.inf
        self._pause = 0.0

    def tick(self) -> int:
        """Seal what can be sealed; when all is, do what is due besides."""
        began = time.monotonic()
        runtime = self.runtime
        sealed = runtime.db.value(queries.seal_ledger, timeout=self.lease, max_entries=MOST_ENTRIES)
        runtime.count("sealed", sealed)
        if sealed:
            runtime.metrics.batch(time.monotonic() - began)
        is_full = sealed >= MOST_ENTRIES
        # A block a second, and not one for each transaction that ended meanwhile.
        self._pause = 0.0 if is_full or not sealed else runtime.settings.seal_interval_seconds
        if not is_full:
            self._look_after(time.monotonic())
        return sealed

    def pause(self) -> float:
        """Let entries gather for the next block."""
        return self._pause

    def _look_after(self, now: float) -> None:
        settings = self.runtime.settings
        if now >= self._status_due:
            self._report()
            self._status_due = now + settings.heartbeat_seconds
        if now >= self._prune_due:
            pruned = self.runtime.db.value(queries.prune_access_log, max_entries=_PRUNED_AT_ONCE)
            self._prune_due = now + (0.0 if pruned == _PRUNED_AT_ONCE else _PRUNE_SECONDS)
        if self._keeps and now >= self._digest_due:
            wait = settings.digest_interval_seconds
            self._digest_due = now + (wait if self._hand_out() else min(wait, _RETRY_SECONDS))

    def _report(self) -> None:
        """Set the metrics, and name whoever has held up sealing for long."""
        runtime = self.runtime
        found: LedgerStatus = runtime.db.value(queries.ledger_status)
        self._metrics.status(found)
        if found.lag_seconds < runtime.settings.seal_lag_alarm_seconds:
            return
        runtime.log.warning(
            "sealing is held up",
            extra={
                "lag_seconds": round(found.lag_seconds, 1),
                "unsealed_entries": found.unsealed_entries,
                "blocking_pid": found.blocking_pid,
                "blocking_database": found.blocking_database,
                "blocking_login": found.blocking_login,
                "blocking_application": found.blocking_application,
                "hint": "end that transaction: select pg_terminate_backend(pid)."
                if found.blocking_pid
                else "see the view ledger_status.",
            },
        )

    def _hand_out(self) -> bool:
        """Keep a digest where the settings say; False where that failed."""
        settings, log = self.runtime.settings, self.runtime.log
        try:
            content = parse_json(self.runtime.db.value(queries.ledger_digest), "the digest")
            kept = Kept.signed(Digest.from_json(content), self._key)
            self._compare(kept.digest)
            if settings.digest_file:
                append(Path(settings.digest_file), kept)
            if settings.digest_command and kept.digest != self._handed:
                hand_over(settings.digest_command, kept)
        except (LedgerError, OSError) as error:
            is_alarm = isinstance(error, ContradictionError)
            self.runtime.count("error")
            self._metrics.digest_failed("contradiction" if is_alarm else "not_kept")
            hint = (
                error.hint if isinstance(error, LedgerError) else "check the path and its rights."
            )
            event = "THE LEDGER CONTRADICTS A KEPT DIGEST" if is_alarm else "digest not kept"
            log.error(event, extra={"error": str(error), "hint": hint})
            return False
        self._handed = kept.digest
        self._metrics.digest_kept(kept.digest.block_no)
        log.debug("digest kept", extra={"block_no": kept.digest.block_no})
        return True

    def _compare(self, digest: Digest) -> None:
        """Refuse what cannot follow the digest before: a command's past is not there to read."""
        reason = self._handed.contradicts(digest) if self._handed else None
        if reason is not None:
            raise ContradictionError(
                f"the digest contradicts the one before: {reason}",
                "`memoriesdb ledger verify --digest FILE` says where the ledger differs.",
            )


def _load(path: str | None) -> Ed25519PrivateKey | None:
    """Read the key that signs; without one, digests are kept unsigned."""
    if path is None:
        return None
    try:
        return load_key(Path(path))
    except (LedgerError, OSError) as error:
        raise SettingsError(f"digest_key_file (MEMORIESDB_DIGEST_KEY_FILE): {error}") from None
