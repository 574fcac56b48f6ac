"""Prometheus metrics of one worker process."""

from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from memoriesdb.queries import LedgerStatus, QueueDepth
from memoriesdb.workers.state import CIRCUIT_STATES, CircuitView


class Families:
    """The metrics that every duty has, in one registry for all duties of a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ["duty"]
        self.jobs = Counter(
            "memoriesdb_worker_jobs",
            "Jobs by what became of them.",
            ["duty", "outcome"],
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "memoriesdb_worker_batch_seconds",
            "Seconds from the claim of a batch to its last answer.",
            labels,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
            registry=self.registry,
        )
        self.provider_errors = Counter(
            "memoriesdb_worker_provider_errors",
            "Requests to the embedding provider that failed, by kind.",
            ["duty", "kind"],
            registry=self.registry,
        )
        self.circuit = Gauge(
            "memoriesdb_worker_circuit",
            "1 for the state of a model's provider: closed (it works), open (left alone after a "
            "failure) or half_open (to be tried with one text).",
            ["duty", "model", "state"],
            registry=self.registry,
        )
        self.queue_jobs = Gauge(
            "memoriesdb_queue_jobs",
            "Jobs in a queue by state: pending, claimed or dead.",
            ["queue", "state"],
            registry=self.registry,
        )
        self.queue_oldest = Gauge(
            "memoriesdb_queue_oldest_seconds",
            "How long the oldest due job of a queue has waited.",
            ["queue"],
            registry=self.registry,
        )
        self.last_success = Gauge(
            "memoriesdb_worker_last_success_timestamp_seconds",
            "When a job was last done, as Unix time; 0 until the first.",
            labels,
            registry=self.registry,
        )
        self.info = Gauge(
            "memoriesdb_worker_info",
            "1, labelled with the version of the package.",
            ["duty", "version"],
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class Metrics:
    """One duty's counters and gauges."""

    def __init__(self, duty: str, version: str, families: Families | None = None) -> None:
        self._families = families or Families()
        self.registry = self._families.registry
        self._duty = duty
        self._families.info.labels(duty, version).set(1)
        self._models: set[str] = set()
        self._batch_seconds = self._families.batch_seconds.labels(duty)
        self._last_success = self._families.last_success.labels(duty)

    def jobs(self, outcome: str, count: int) -> None:
        """Count jobs with this outcome."""
        self._families.jobs.labels(self._duty, outcome).inc(count)

    def batch(self, seconds: float) -> None:
        """Note how long a batch took."""
        self._batch_seconds.observe(seconds)

    def succeeded(self) -> None:
        """Note that a job was done just now."""
        self._last_success.set_to_current_time()

    def provider_error(self, kind: str) -> None:
        """Count a failed request to the provider."""
        self._families.provider_errors.labels(self._duty, kind).inc()

    def circuits(self, views: Iterable[CircuitView]) -> None:
        """Set how each model's provider does; those that are not told of are forgotten."""
        gauge, states = self._families.circuit, {view.model: view.state for view in views}
        for state in CIRCUIT_STATES:
            for model in self._models - states.keys():
                gauge.remove(self._duty, model, state)
            for model, found in states.items():
                gauge.labels(self._duty, model, state).set(float(found == state))
        self._models = set(states)

    def queues(self, depths: Iterable[QueueDepth]) -> None:
        """Set the depth of the queues."""
        for depth in depths:
            for state in ("pending", "claimed", "dead"):
                self._families.queue_jobs.labels(depth.queue, state).set(getattr(depth, state))
            self._families.queue_oldest.labels(depth.queue).set(depth.oldest_seconds or 0.0)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return self._families.text()


class VectorIndexMetrics:
    """What the vindexing worker adds to the metrics of every worker."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._build = Gauge(
            "memoriesdb_vector_index_build_ratio",
            "Part of the vector index in hand that is built, 0 while there is none (vindexing "
            "worker).",
            registry=registry,
        )

    def build(self, part: float) -> None:
        """Set how far the build is."""
        self._build.set(part)


class LedgerMetrics:
    """What the sealing worker adds to the metrics of every worker."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"memoriesdb_ledger_{name}", text, registry=registry)

        self._blocks = gauge("blocks", "Blocks of the ledger (sealing worker).")
        self._sealed = gauge("sealed_entries", "Audit entries that are sealed (sealing worker).")
        self._unsealed = gauge(
            "unsealed_entries", "Committed audit entries that are not sealed yet (sealing worker)."
        )
        self._lag = gauge(
            "lag_seconds", "Age of the oldest entry that is not sealed yet (sealing worker)."
        )
        self._digest_at = gauge(
            "last_digest_timestamp_seconds",
            "When a digest was last kept or handed out, as Unix time; 0 until the first (sealing "
            "worker).",
        )
        self._digest_block = gauge(
            "last_digest_block", "Block of the last digest kept or handed out (sealing worker)."
        )
        self._digest_failures = Counter(
            "memoriesdb_ledger_digest_failures",
            "Digests that were not kept, by reason: not_kept, or contradiction: the ledger was "
            "tampered with (sealing worker).",
            ["reason"],
            registry=registry,
        )

    def status(self, found: LedgerStatus) -> None:
        """Set how far the ledger is."""
        self._blocks.set(found.blocks)
        self._sealed.set(found.sealed_entries)
        self._unsealed.set(found.unsealed_entries)
        self._lag.set(found.lag_seconds)

    def digest_kept(self, block_no: int) -> None:
        """Note that a digest is where it belongs."""
        self._digest_at.set_to_current_time()
        self._digest_block.set(block_no)

    def digest_failed(self, reason: str) -> None:
        """Count a digest that is not."""
        self._digest_failures.labels(reason).inc()
