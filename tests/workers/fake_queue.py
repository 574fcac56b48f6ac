"""The queue functions' contract in memory: leases, fencing tokens, attempts, due times.

For the duties' own logic only. What the SQL functions do is tested in the database.
"""

import itertools
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from memoriesdb.queries import Completion, EmbeddingJob, VindexingJob
from memoriesdb.workers.db import Db
from memoriesdb.workers.protocol import PROTOCOL

MAX_ATTEMPTS = 3


@dataclass
class Item:
    job_id: int
    text: str
    endpoint: str = ""
    model: str = "test"
    max_tokens: int = 256
    is_limited: bool = False
    state: str = "pending"
    attempts: int = 0
    due: float = 0.0
    token: int = 0
    lease_until: float = 0.0
    vector: list[float] | None = None
    error: str | None = None
    history: list[str] = field(default_factory=list)

    @property
    def model_id(self) -> uuid.UUID:
        """One for each model."""
        return uuid.uuid5(uuid.NAMESPACE_DNS, self.model)


class FakeQueue(Db):
    """Answers the workers' queries by their names."""

    def __init__(self) -> None:
        super().__init__("host=nowhere", application_name="fake")
        self.items: dict[int, Item] = {}
        self.calls: list[str] = []
        self.sizes: list[int] = []
        self.beats: list[str] = []
        self.raises: dict[str, list[Exception]] = {}
        self.slices: dict[int, Item] = {}
        self._tokens = itertools.count(1)

    def add(self, text: str, endpoint: str = "", **more: Any) -> Item:
        item = Item(len(self.items) + 1, text, endpoint, **more)
        self.items[item.job_id] = item
        return item

    def rows(self, query: Any, /, **parameters: Any) -> list[Any]:
        for name in ("timeout", "patience"):
            parameters.pop(name, None)
        self.calls.append(query.name)
        if self.raises.get(query.name):
            raise self.raises[query.name].pop(0)
        answer = getattr(self, f"_{query.name}")(**parameters)
        return answer if isinstance(answer, list) else [answer]

    def value(self, query: Any, /, **parameters: Any) -> Any:
        (answer,) = self.rows(query, **parameters)
        return answer

    def close(self) -> None: ...

    def _claim(self, items: Iterable[Item], batch: int, lease: float) -> list[Item]:
        now = time.monotonic()
        claimed: list[Item] = []
        for item in items:
            lapsed = item.state == "claimed" and item.lease_until <= now
            if len(claimed) < batch and (lapsed or (item.state == "pending" and item.due <= now)):
                item.state, item.token = "claimed", next(self._tokens)
                item.attempts += 1
                item.lease_until = now + lease
                claimed.append(item)
        return claimed

    def _claim_embeddings(
        self,
        worker: str,
        batch: int,
        lease: float,
        paused: Sequence[uuid.UUID] = (),
        is_ahead: bool = False,
    ) -> list[EmbeddingJob]:
        self.sizes.append(batch)
        due = [
            item
            for item in self.items.values()
            if item.model_id not in paused and not (is_ahead and item.is_limited)
        ]
        return [
            EmbeddingJob(
                job_id=item.job_id,
                lease_token=item.token,
                owner_id=uuid.UUID(int=7),
                memory_id=uuid.UUID(int=item.job_id),
                model_id=item.model_id,
                model=item.model,
                provider="ollama",
                endpoint=item.endpoint,
                dimensions=4,
                max_tokens=item.max_tokens,
                input=item.text,
                text_hash=b"hash",
                attempt=item.attempts,
                lease_until=datetime.now(UTC) + timedelta(seconds=lease),
            )
            for item in self._claim(due, batch, lease)
        ]

    def _held(self, job_id: int, token: int) -> Item | None:
        item = self.items[job_id]
        held = item.state == "claimed" and item.token == token
        return item if held and item.lease_until > time.monotonic() else None

    def _complete_embeddings(
        self,
        worker: str,
        job_ids: list[int],
        lease_tokens: list[int],
        text_hashes: list[bytes],
        embeddings: str,
    ) -> list[Completion]:
        assert len(job_ids) == len(lease_tokens) == len(text_hashes)
        vectors = embeddings.strip("{}").strip('"').split('","')
        completions = []
        for job_id, token, vector in zip(job_ids, lease_tokens, vectors, strict=True):
            item = self._held(job_id, token)
            if item is not None:
                item.state = "stored"
                item.vector = [float(part) for part in vector.strip("[]").split(",")]
            completions.append(Completion(job_id, "refused" if item is None else "stored"))
        return completions

    def _fail_embedding(
        self,
        worker: str,
        job_id: int,
        lease_token: int,
        error: str,
        permanent: bool,
        retry_after: float | None,
    ) -> str:
        return _failed(self._held(job_id, lease_token), error, permanent, retry_after)

    def _release_embeddings(
        self,
        worker: str,
        job_ids: list[int],
        lease_tokens: list[int],
        error: str | None,
        retry_after: float,
    ) -> int:
        count = 0
        for job_id, token in zip(job_ids, lease_tokens, strict=True):
            item = self._held(job_id, token)
            if item is not None:
                item.state, item.error = "pending", error
                item.attempts -= 1
                item.due = time.monotonic() + retry_after
                item.history.append("released")
                count += 1
        return count

    def _claim_vindexing(self, worker: str, batch: int, lease: float) -> list[VindexingJob]:
        until = datetime.now(UTC) + timedelta(seconds=lease)
        return [
            VindexingJob(item.job_id, item.token, item.job_id, 1, item.attempts, until)
            for item in self._claim(list(self.slices.values()), batch, lease)
        ]

    def _fail_vindexing(
        self,
        worker: str,
        job_id: int,
        lease_token: int,
        error: str,
        permanent: bool,
        retry_after: float | None,
    ) -> str:
        return _failed(self.slices[job_id], error, permanent, retry_after)

    def _plan_vector_indexes(self) -> int:
        return 0

    def _index_memories(self, most: int) -> int:
        return 0

    def _worker_heartbeat(self, state: str, **_: Any) -> str:
        self.beats.append(state)
        return ""

    def _worker_protocol(self) -> int:
        return PROTOCOL

    def _worker_metrics(self) -> list[Any]:
        return []


def _failed(item: Item | None, error: str, permanent: bool, retry_after: float | None) -> str:
    if item is None:
        return "refused"
    item.error = error
    if permanent or item.attempts >= MAX_ATTEMPTS:
        item.state = "dead"
        return "dead"
    item.state = "pending"
    item.due = time.monotonic() + (60.0 if retry_after is None else retry_after)
    item.history.append("failed")
    return "retry"
