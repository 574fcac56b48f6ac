"""The embedding duty over a real provider's HTTP: who is blamed, and what is written."""

import logging
import time

import pytest

from memoriesdb.workers.embedding import Embedding
from memoriesdb.workers.stop import Stop

from .conftest import MakeRuntime
from .fake_queue import FakeQueue
from .provider_server import ProviderServer


def test_a_batch_is_one_request_and_one_write(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    items = [queue.add(f"text number {n}", provider.url) for n in range(10)]
    duty = Embedding(make_runtime())
    assert duty.tick() == 10
    assert {item.state for item in items} == {"stored"}
    assert items[3].vector == [len("text number 3"), 1.0, 0.5, 0.25]
    assert len(provider.requests) == 1
    assert queue.calls == ["claim_embeddings", "complete_embeddings"]
    assert duty.tick() == 0


@pytest.mark.parametrize(
    ("word", "state", "said"),
    [
        ("REJECT", "dead", "Rejected: "),
        ("NAN", "pending", "BadAnswer: "),
        ("ZERO", "pending", "BadVectorError: a zero vector"),
        ("NARROW", "pending", "BadAnswer: "),
        ("CRASH", "pending", "Unavailable: "),
    ],
)
def test_one_poison_text_fails_alone(
    make_runtime: MakeRuntime,
    queue: FakeQueue,
    provider: ProviderServer,
    word: str,
    state: str,
    said: str,
) -> None:
    good = [queue.add(f"a harmless text, the {n}th", provider.url) for n in range(6)]
    poison = queue.add(f"this one is to {word} and secret", provider.url)
    good += [queue.add(f"another text, the {n}th", provider.url) for n in range(6)]
    duty = Embedding(make_runtime())
    assert duty.tick() == 13
    assert {item.state for item in good} == {"stored"}
    assert poison.state == state
    assert poison.attempts == 1
    assert poison.error is not None
    assert poison.error.startswith(said)
    assert "secret" not in poison.error
    assert duty.runtime.state.snapshot().provider == "ok"
    assert duty.runtime.state.counts == (12, 1, 0)


def test_a_text_that_hangs_the_provider_fails_alone(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    good = [queue.add(f"text {n}", provider.url) for n in range(3)]
    poison = queue.add("HANG", provider.url)
    duty = Embedding(make_runtime(request_timeout_seconds=0.3, lease_seconds=20))
    duty.tick()
    assert {item.state for item in good} == {"stored"}
    assert (poison.state, poison.attempts, poison.history) == ("pending", 1, ["failed"])


def test_a_hang_beyond_the_lease_is_narrowed_down_over_several_claims(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    items = [queue.add(f"text {n}", provider.url) for n in range(3)]
    poison = queue.add("HANG", provider.url)
    duty = Embedding(make_runtime(request_timeout_seconds=60, lease_seconds=1, batch=4))
    for _ in range(12):
        if duty.tick() == 0:
            break
    assert {item.state for item in items} == {"stored"}
    assert poison.history[-1] == "failed"
    assert poison.attempts == 1
    assert duty.batch > 1


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("busy", "rate_limited"),
        ("broken", "unavailable"),
        ("half", "unavailable"),
        ("hangs", "timeout"),
        ("unauthorized", "unavailable"),
        ("no model", "rejected"),
        ("narrow", "bad_answer"),
    ],
)
def test_the_providers_trouble_is_not_counted_against_texts(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer, mode: str, kind: str
) -> None:
    provider.mode = mode
    items = [queue.add(f"text {n}", provider.url) for n in range(4)]
    runtime = make_runtime(request_timeout_seconds=0.4, probe_timeout_seconds=0.3)
    duty = Embedding(runtime)
    assert duty.tick() == 4
    assert [(item.state, item.attempts) for item in items] == [("pending", 0)] * 4
    (view,) = runtime.state.snapshot().providers
    assert (view.state, view.kind) == ("open", kind)
    assert view.seconds_left > 0.3
    assert all(item.due > time.monotonic() for item in items)
    assert runtime.state.counts == (0, 0, 4)
    assert runtime.state.snapshot().provider == kind
    assert f'kind="{kind}"' in runtime.metrics.text().decode()
    assert 'memoriesdb_worker_circuit{duty="embedding",model="test",state="open"} 1.0' in (
        runtime.metrics.text().decode()
    )

    # Until its time has come, the provider is not asked again, and nothing is claimed for it.
    provider.mode = "works"
    for item in items:
        item.due = 0
    requests = len(provider.requests)
    assert duty.tick() == 0
    assert len(provider.requests) == requests
    assert [(item.state, item.history) for item in items] == [("pending", ["released"])] * 4


def test_retry_after_is_obeyed(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    provider.mode = "busy"
    item = queue.add("text", provider.url)
    duty = Embedding(make_runtime())
    duty.tick()
    (view,) = duty.runtime.state.snapshot().providers
    assert 6 < view.seconds_left <= 7
    assert 6 < item.due - time.monotonic() <= 7


def test_a_refused_connection_gives_the_jobs_back(
    make_runtime: MakeRuntime, queue: FakeQueue
) -> None:
    item = queue.add("text", "http://127.0.0.1:1")
    duty = Embedding(make_runtime())
    duty.tick()
    assert (item.state, item.attempts) == ("pending", 0)
    assert item.error is not None
    assert item.error.startswith("Unavailable")


def test_a_working_model_goes_on_while_another_is_away(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    away = queue.add("text", "http://127.0.0.1:1", model="away")
    works = queue.add("text", provider.url)
    duty = Embedding(make_runtime())
    duty.tick()
    assert (away.state, works.state) == ("pending", "stored")
    away.due = 0
    more = queue.add("more", provider.url)
    assert duty.tick() == 1
    assert (away.history, more.state) == (["released"], "stored")
    assert duty.runtime.state.snapshot().provider == "unavailable"


def test_an_endpoint_of_the_settings_replaces_the_registered_one(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    item = queue.add("text", "http://registered.invalid")
    Embedding(make_runtime(endpoint=provider.url)).tick()
    assert item.state == "stored"


def test_long_texts_are_embedded_in_pieces_of_one_request(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    short = queue.add("a short text", provider.url, max_tokens=16)
    long = queue.add("many words of a long story. " * 40, provider.url, max_tokens=16)
    Embedding(make_runtime()).tick()
    assert (short.state, long.state) == ("stored", "stored")
    (inputs,) = provider.requests
    assert len(inputs) > 3
    assert inputs[0] == "a short text"
    assert long.vector is not None
    assert sum(value * value for value in long.vector) == pytest.approx(1.0)


def test_nothing_is_written_after_the_lease(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    item = queue.add("text", provider.url)
    provider.delay = 0.5
    duty = Embedding(make_runtime(lease_seconds=1))
    duty.lease = 0.3  # less than the settings allow: the request outlives it
    duty._probe_seconds = duty._write_seconds = -1.0
    duty.tick()
    assert item.state == "claimed"
    assert queue.calls == ["claim_embeddings"]
    assert 'outcome="lost"' in duty.runtime.metrics.text().decode()


def test_a_stop_gives_back_what_cannot_be_finished_in_its_grace(
    make_runtime: MakeRuntime, queue: FakeQueue, provider: ProviderServer
) -> None:
    provider.mode = "hangs"
    items = [queue.add(f"text {n}", provider.url) for n in range(4)]
    runtime = make_runtime()
    runtime.stop = Stop(grace=0.8)
    duty = Embedding(runtime)
    runtime.stop.request("test")
    began = time.monotonic()
    duty.tick()
    assert time.monotonic() - began < 0.8
    assert [(item.state, item.attempts) for item in items] == [("pending", 0)] * 4
    assert runtime.state.counts == (0, 0, 0)


def test_texts_are_never_logged(
    make_runtime: MakeRuntime,
    queue: FakeQueue,
    provider: ProviderServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    queue.add("canary-words stay here", provider.url)
    queue.add("canary-words to REJECT", provider.url)
    queue.add("canary-words to CRASH", provider.url)
    Embedding(make_runtime()).tick()
    assert len(caplog.records) > 4
    assert not [record for record in caplog.records if "canary" in str(vars(record))]
    failed = [record for record in caplog.records if record.message == "job failed"]
    assert {vars(record)["job_id"] for record in failed} == {2, 3}
    assert all(vars(record)["owner_id"] for record in failed)


@pytest.mark.parametrize(
    ("only", "sent"),
    [(None, True), ("the provider", True), ("https://elsewhere.example", False)],
)
def test_the_api_key_goes_only_where_it_may(
    make_runtime: MakeRuntime,
    queue: FakeQueue,
    provider: ProviderServer,
    monkeypatch: pytest.MonkeyPatch,
    only: str | None,
    sent: bool,
) -> None:
    monkeypatch.setenv("MEMORIESDB_API_KEY", "sk-secret")
    queue.add("text", provider.url)
    allowed = provider.url + "/" if only == "the provider" else only
    duty = Embedding(make_runtime(api_key_endpoint=allowed))
    ((client, _),) = duty._targets.group(queue._claim_embeddings("w1", 1, 60))
    assert client._key_for(provider.url) == ("sk-secret" if sent else None)
