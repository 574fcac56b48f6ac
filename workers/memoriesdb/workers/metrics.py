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

from memoriesdb.queries import QueueDepth


class Metrics:
    """Counters and gauges in a registry of their own; ``text()`` is what /metrics serves."""

    def __init__(self, duty: str, version: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ["duty"]
        self._jobs = Counter(
            "memoriesdb_worker_jobs",
            "Jobs by what became of them.",
            ["duty", "outcome"],
            registry=self.registry,
        )
        batch_seconds = Histogram(
            "memoriesdb_worker_batch_seconds",
            "Seconds from the claim of a batch to its last answer.",
            labels,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
            registry=self.registry,
        )
        self._provider_errors = Counter(
            "memoriesdb_worker_provider_errors",
            "Requests to the embedding provider that failed, by kind.",
            ["duty", "kind"],
            registry=self.registry,
        )
        self._queue_jobs = Gauge(
            "memoriesdb_queue_jobs",
            "Jobs in a queue by state: pending, claimed or dead.",
            ["queue", "state"],
            registry=self.registry,
        )
        self._queue_oldest = Gauge(
            "memoriesdb_queue_oldest_seconds",
            "How long the oldest due job of a queue has waited.",
            ["queue"],
            registry=self.registry,
        )
        last_success = Gauge(
            "memoriesdb_worker_last_success_timestamp_seconds",
            "When a job was last done, as Unix time; 0 until the first.",
            labels,
            registry=self.registry,
        )
        Gauge(
            "memoriesdb_worker_info",
            "1, labelled with the version of the package.",
            ["duty", "version"],
            registry=self.registry,
        ).labels(duty, version).set(1)
        self._duty = duty
        self._batch_seconds = batch_seconds.labels(duty)
        self._last_success = last_success.labels(duty)

    def jobs(self, outcome: str, count: int) -> None:
        """Count jobs with this outcome."""
        self._jobs.labels(self._duty, outcome).inc(count)

    def batch(self, seconds: float) -> None:
        """Note how long a batch took."""
        self._batch_seconds.observe(seconds)

    def succeeded(self) -> None:
        """Note that a job was done just now."""
        self._last_success.set_to_current_time()

    def provider_error(self, kind: str) -> None:
        """Count a failed request to the provider."""
        self._provider_errors.labels(self._duty, kind).inc()

    def queues(self, depths: Iterable[QueueDepth]) -> None:
        """Set the depth of the queues."""
        for depth in depths:
            for state in ("pending", "claimed", "dead"):
                self._queue_jobs.labels(depth.queue, state).set(getattr(depth, state))
            self._queue_oldest.labels(depth.queue).set(depth.oldest_seconds or 0.0)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
