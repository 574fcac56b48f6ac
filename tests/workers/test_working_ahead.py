"""While a batch is embedded, the one before is answered for and the next one is claimed."""

import threading
import time
from typing import Any

import pytest

from memoriesdb.queries import EmbeddingJob
from memoriesdb.workers.db import DatabaseAwayError
from memoriesdb.workers.embedding import Embedding

from .conftest import MakeRuntime
from .fake_queue import FakeQueue, Item
from .provider_server import ProviderServer, provider_server

CLAIM, COMPLETE, RELEASE = "claim_embeddings", "complete_embeddings", "release_embeddings"


@pytest.fixture
def items(queue: FakeQueue, provider: ProviderServer) -> list[Item]:
    return [queue.add(f"text number {number}", provider.url) for number in range(6)]


def test_a_full_queue_is_worked_on_ahead(
    make_runtime: MakeRuntime, queue: FakeQueue, items: list[Item]
) -> None:
    duty = Embedding(make_runtime(batch=2))
    assert duty.tick() == 2
    assert queue.calls == [CLAIM, CLAIM]
    assert [item.state for item in items] == ["claimed"] * 4 + ["pending"] * 2
    assert duty.tick() == 2
    assert queue.calls == [CLAIM, CLAIM, COMPLETE, CLAIM]
    # Nothing is left to claim: the last answers are not kept waiting.
    assert duty.tick() == 2
    assert queue.calls[4:] == [COMPLETE, CLAIM, COMPLETE]
    assert [(item.state, item.attempts) for item in items] == [("stored", 1)] * 6
    assert duty.tick() == 0
    assert duty.runtime.state.counts == (6, 0, 0)


def test_the_next_request_is_sent_before_the_answer_is_read(
    make_runtime: MakeRuntime, items: list[Item], provider: ProviderServer
) -> None:
    duty = Embedding(make_runtime(batch=2))
    duty.tick()
    assert duty._next is not None
    assert duty._next.asked is not None
    duty._next.asked.wait()
    assert [len(texts) for texts in provider.requests] == [2, 2]
    # Its answer is used, and not asked for again.
    duty.tick()
    duty.tick()
    assert [len(texts) for texts in provider.requests] == [2, 2, 2]
    assert {item.state for item in items} == {"stored"}


def test_an_answer_that_is_none_is_found_out_beside_the_next_request(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    texts = ["fine", "to be NAN", *("text" for _ in range(4))]
    items = [queue.add(text, provider.url) for text in texts]
    duty = Embedding(make_runtime(batch=2))
    while duty.tick():
        pass
    assert [item.state for item in items] == ["stored", "pending", *["stored"] * 4]
    assert [item.attempts for item in items] == [1] * 6


def test_a_queue_that_is_soon_empty_is_not(
    make_runtime: MakeRuntime, queue: FakeQueue, items: list[Item]
) -> None:
    assert Embedding(make_runtime(batch=7)).tick() == 6
    assert queue.calls == [CLAIM, COMPLETE]
    assert {item.state for item in items} == {"stored"}


def test_the_claim_comes_shortly_before_its_turn(
    make_runtime: MakeRuntime, queue: FakeQueue, items: list[Item], provider: ProviderServer
) -> None:
    """Jobs that lie with a worker are kept from the others."""
    duty = Embedding(make_runtime(batch=1))
    provider.delay = 0.8
    duty.tick()
    claimed: list[float] = []
    claim = queue._claim_embeddings

    def noted(*arguments: Any, **more: Any) -> list[EmbeddingJob]:
        claimed.append(time.monotonic())
        return claim(*arguments, **more)

    queue._claim_embeddings = noted  # type: ignore[method-assign]
    began = time.monotonic()
    duty.tick()
    assert claimed[0] - began > 0.15
    assert items[0].state == "stored"


def test_a_stop_stores_what_is_embedded_and_gives_back_what_is_not(
    make_runtime: MakeRuntime, items: list[Item]
) -> None:
    duty = Embedding(make_runtime(batch=2))
    duty.tick()
    duty.runtime.stop.request("test")
    duty.settle()
    states = [(item.state, item.attempts) for item in items]
    assert states == [("stored", 1)] * 2 + [("pending", 0)] * 4
    assert items[2].history == ["released"]


def test_a_stop_in_the_middle_claims_nothing_more(
    make_runtime: MakeRuntime, queue: FakeQueue, items: list[Item], provider: ProviderServer
) -> None:
    duty = Embedding(make_runtime(batch=2))
    duty._took = 60.0  # so that the claim would wait for the batch in hand
    provider.delay = 0.3
    threading.Timer(0.1, duty.runtime.stop.request, ["test"]).start()
    duty.tick()
    assert queue.calls == [CLAIM, COMPLETE]
    assert [item.state for item in items] == ["stored"] * 2 + ["pending"] * 4


def test_what_lay_too_long_is_given_back_and_claimed_anew(
    make_runtime: MakeRuntime, queue: FakeQueue, items: list[Item]
) -> None:
    duty = Embedding(make_runtime(batch=2, lease_seconds=1))
    duty.tick()
    time.sleep(0.6)
    assert duty.tick() == 2
    assert queue.calls[:5] == [CLAIM, CLAIM, COMPLETE, RELEASE, CLAIM]
    assert items[2].history == ["released"]
    assert items[2].attempts == 1


def test_a_database_that_is_lost_ahead_costs_no_vectors(
    make_runtime: MakeRuntime, queue: FakeQueue, items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = Embedding(make_runtime(batch=2))
    claim = queue._claim_embeddings

    def lost(*arguments: Any, **more: Any) -> list[EmbeddingJob]:
        if queue.sizes:
            raise DatabaseAwayError("broke off")
        return claim(*arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(queue, "_claim_embeddings", lost)
        with pytest.raises(DatabaseAwayError):
            duty.tick()
    assert duty.tick() == 2
    assert [item.state for item in items[:2]] == ["stored"] * 2
    assert [item.attempts for item in items[:2]] == [1, 1]


def end_the_pauses(duty: Embedding, queue: FakeQueue) -> None:
    for client in duty._targets._clients.values():
        for circuit in client.breaker._circuits:
            circuit._open_until = 0.0
    for item in queue.items.values():
        item.due = 0.0


@pytest.mark.usefixtures("items")
def test_one_job_tries_a_provider_that_failed(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    duty = Embedding(make_runtime(batch=4))
    provider.mode = "broken"
    # What was claimed ahead is given back unasked, and then nothing is claimed.
    assert [duty.tick(), duty.tick(), duty.tick()] == [4, 2, 0]
    assert provider.batches_with("text number") == [4]
    end_the_pauses(duty, queue)
    assert [duty.tick(), duty.tick()] == [1, 0]
    assert provider.batches_with("text number") == [4, 1]
    assert {(item.state, item.attempts) for item in queue.items.values()} == {("pending", 0)}
    provider.mode = "works"
    end_the_pauses(duty, queue)
    assert [duty.tick(), duty.tick(), duty.tick()] == [1, 4, 1]
    assert queue.sizes == [4, 4, 4, 1, 4, 1, 4, 4]
    assert {(item.state, item.attempts) for item in queue.items.values()} == {("stored", 1)}
    assert duty.runtime.state.snapshot().provider == "ok"


def test_beside_the_jobs_of_another_one_job_tries_it_as_well(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    with provider_server() as other:
        other.mode = "broken"
        fails = [queue.add(f"text {number}", other.url, model="other") for number in range(3)]
        works = [queue.add("fine", provider.url)]
        duty = Embedding(make_runtime())
        assert duty.tick() == 4
        end_the_pauses(duty, queue)
        works.append(queue.add("fine as well", provider.url))
        assert [duty.tick(), duty.tick()] == [1, 1]
        assert other.batches_with("text") == [3, 1]
        assert {item.state for item in works} == {"stored"}
        assert [(item.state, item.attempts) for item in fails] == [("pending", 0)] * 3
        other.mode = "works"
        end_the_pauses(duty, queue)
        assert [duty.tick(), duty.tick()] == [1, 2]
        assert other.batches_with("text") == [3, 1, 1, 2]
        assert {item.state for item in fails} == {"stored"}


def test_without_a_job_a_provider_is_tried_by_itself(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    """Another worker may have done them all: it must not look broken for ever."""
    item = queue.add("text", provider.url)
    duty = Embedding(make_runtime())
    provider.mode = "broken"
    assert duty.tick() == 1
    item.state = "stored"
    end_the_pauses(duty, queue)
    assert duty.tick() == 0
    assert duty.runtime.state.snapshot().provider == "unavailable"
    provider.mode = "works"
    end_the_pauses(duty, queue)
    assert duty.tick() == 0
    assert duty.runtime.state.snapshot().provider == "ok"


def test_a_provider_that_nobody_asks_for_any_more_is_forgotten(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    """The model may have been dropped, with its jobs."""
    item = queue.add("text", provider.url)
    duty = Embedding(make_runtime())
    provider.mode = "no model"
    assert duty.tick() == 1
    item.state = "stored"
    for _ in range(5):
        assert duty.runtime.state.snapshot().provider == "rejected"
        end_the_pauses(duty, queue)
        assert duty.tick() == 0
    assert duty.runtime.state.snapshot().provider == "unknown"


def test_nothing_is_claimed_ahead_of_a_model_with_a_limit(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    """What lies with a worker would keep others below the limit."""
    for number in range(4):
        queue.add(f"text {number}", provider.url, is_limited=True)
    duty = Embedding(make_runtime(batch=2))
    assert [duty.tick(), duty.tick(), duty.tick()] == [2, 2, 0]
    assert queue.calls == [*[CLAIM, CLAIM, COMPLETE] * 2, CLAIM]
    assert {item.state for item in queue.items.values()} == {"stored"}
