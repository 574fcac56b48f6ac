"""recall with a reranker: over HTTP or one's own, and what becomes of its faults."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest

import memoriesdb
from acting import Database
from memoriesdb import Client, HttpReranker, Reranker, RerankerAwayWarning
from memoriesdb.errors import InvalidCountError, UsageError
from memoriesdb_pl.reranking import RerankingError
from providers.conftest import Serve, serve
from providers.endpoint import Behaviour, hangs, says_json
from reranking.endpoint import FAULTS, reranks

__all__ = ["serve"]

SECRET = "canary-3316"
TEXTS = [f"violin {n} of {SECRET}" + " very old" * n for n in range(8)]


class Shortest:
    """A reranker of one's own: it likes short texts, and notes what it was given."""

    def __init__(self, candidates: int = 5) -> None:
        self.candidates = candidates
        self.given: list[list[str]] = []
        self.threads: set[str] = set()

    def rerank(self, query: str, documents: Sequence[str]) -> list[float]:
        assert query == "violin"
        self.given.append(list(documents))
        self.threads.add(threading.current_thread().name)
        return [-len(document) for document in documents]


@pytest.fixture
def client(database: Database, alice: UUID) -> Iterator[Client]:
    with memoriesdb.connect(database.dsn("app")) as connected:
        with connected.as_user(alice) as me:
            me.remember_many([{"content": text} for text in TEXTS])
        yield connected


def test_candidates_are_reranked_and_cut(client: Client, alice: UUID) -> None:
    reranker: Reranker = Shortest(8)
    with client.as_user(alice) as me:
        found = me.recall("violin", 2, rerank=reranker)
        plain = me.recall("violin", 8)
    assert isinstance(reranker, Shortest)
    assert [f.content for f in found] == TEXTS[:2]
    assert reranker.given == [[f.content for f in plain]], "in the database's order"
    before = [f.content for f in plain]
    assert [f.why["rerank"] for f in found] == [
        {"rank": 1, "score": -len(TEXTS[0]), "before": before.index(TEXTS[0]) + 1},
        {"rank": 2, "score": -len(TEXTS[1]), "before": before.index(TEXTS[1]) + 1},
    ]
    assert {f.memory_id: f.score for f in plain}[found[0].memory_id] == found[0].score
    assert not any("rerank" in f.why for f in plain), "off by default"


def test_as_many_candidates_are_asked_for_as_are_wanted(client: Client, alice: UUID) -> None:
    reranker = Shortest(5)
    with client.as_user(alice) as me:
        assert len(me.recall("violin", 2, rerank=reranker)) == 2
        assert len(me.recall("violin", 7, rerank=reranker)) == 7
        assert me.recall("violin", kinds=["fact"], rerank=reranker) == []
    assert [len(given) for given in reranker.given] == [5, 7], "nothing is not reranked"


@pytest.mark.parametrize("protocol", ["cohere", "tei"])
def test_an_endpoint_reranks(client: Client, alice: UUID, serve: Serve, protocol: str) -> None:
    endpoint = serve(reranks)
    reranker = HttpReranker(endpoint.url, protocol, "m", api_key=SECRET)
    assert SECRET not in repr(reranker)
    with client.as_user(alice) as me:
        found = me.recall("violin 6 very", 3, rerank=reranker)
    assert found[0].content == TEXTS[6]
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    "behaviour", [FAULTS["NaN"], FAULTS["twice the same"], says_json({}, "500 Broken"), hangs]
)
def test_a_fault_is_a_warning_once_a_session_and_the_order_stays(
    client: Client, alice: UUID, serve: Serve, behaviour: Behaviour
) -> None:
    reranker = HttpReranker(serve(behaviour).url, timeout=0.2)
    with client.as_user(alice) as me:
        plain = me.recall("violin", 3)
        with pytest.warns(RerankerAwayWarning) as heard:
            assert me.recall("violin", 3, rerank=reranker) == plain
        assert me.recall("violin", 3, rerank=reranker) == plain
    assert len(heard) == 1
    assert heard[0].filename == __file__
    assert SECRET not in str(heard[0].message)


class Wrong(Shortest):
    """Gives what is not one finite score for each text."""

    def __init__(self, scores: list[float]) -> None:
        super().__init__()
        self.scores = scores

    def rerank(self, query: str, documents: Sequence[str]) -> list[float]:
        return self.scores


def test_misuse_is_refused(client: Client, alice: UUID) -> None:
    with client.as_user(alice) as me:
        for scores in ([], [1.0], [float("nan")] * 5):
            with pytest.raises(UsageError, match="finite score"):
                me.recall("violin", rerank=Wrong(scores))
        with pytest.raises(UsageError, match="text of the query"):
            me.recall(None, query_embedding=[1.0], rerank=Shortest())
        with pytest.raises(InvalidCountError), me.savepoint():
            me.recall("violin", 0, rerank=Shortest())
        with pytest.raises(InvalidCountError), me.savepoint():
            me.recall("violin", 1001, rerank=Shortest())
    for arguments in (("localhost",), ("http://u:p@h",), ("http://h", "jina")):
        with pytest.raises(UsageError) as caught:
            HttpReranker(*arguments)
        assert caught.value.hint


class Failing(Shortest):
    """Fails by a fault of its own."""

    def rerank(self, query: str, documents: Sequence[str]) -> list[float]:
        raise ZeroDivisionError


def test_a_fault_of_ones_own_reranker_is_ones_own(client: Client, alice: UUID) -> None:
    with pytest.raises(ZeroDivisionError), client.as_user(alice) as me:
        me.recall("violin", rerank=Failing())
    with pytest.raises(RerankingError):
        HttpReranker("http://127.0.0.1:9").rerank("q", ["a"])


def test_the_same_is_awaited(database: Database, client: Client, alice: UUID, serve: Serve) -> None:
    """Reranking is left to a thread: other tasks go on meanwhile."""
    reranker = Shortest(8)
    broken = HttpReranker(serve(FAULTS["NaN"]).url)

    async def main() -> None:
        async with (
            await memoriesdb.aconnect(database.dsn("app")) as connected,
            connected.as_user(alice) as me,
        ):
            found = await me.recall("violin", 2, rerank=reranker)
            assert [f.content for f in found] == TEXTS[:2]
            with pytest.warns(RerankerAwayWarning):
                assert len(await me.recall("violin", 2, rerank=broken)) == 2

    asyncio.run(main())
    assert threading.current_thread().name not in reranker.threads
