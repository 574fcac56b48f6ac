"""What has the wrong type or cannot be meant is refused before anything is sent."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from memoriesdb.client.api import AdminApi, UserApi
from memoriesdb.client.call import Call
from memoriesdb.errors import EmptyContentError, MemoriesError

ID = UUID(int=1)
Act = Callable[[Any], Any]


class SentError(Exception):
    """The call was made."""


class Direct(UserApi, AdminApi):
    def run(self, call: Call[Any], /) -> Any:
        raise SentError


class Awaited(UserApi, AdminApi):
    async def run(self, call: Call[Any], /) -> Any:
        raise SentError


WRONG_TYPE: dict[str, Act] = {
    "a text for kinds": lambda me: me.recall("x", kinds="note"),
    "bytes for kinds": lambda me: me.recall("x", kinds=b"note"),
    "nothing in kinds": lambda me: me.build_context("x", kinds=[None]),
    "a number for kinds": lambda me: me.explain_recall("x", ID, kinds=1),
    "a text for queries": lambda me: me.recall_batch("meeting"),
    "a number in queries": lambda me: me.recall_batch(["meeting", 5]),
    "a text for scopes": lambda me: me.issue_token(ID, scopes="read"),
    "bytes for a query": lambda me: me.recall(b"meeting"),
    "a number for a query": lambda me: me.recall(5),
    "a word for a time": lambda me: me.recall("x", since="yesterday"),
    "a date for a time": lambda me: me.recall("x", until=date(2024, 1, 1)),
    "a date to go back to": lambda me: me.as_of(date(2024, 1, 1)),
    "a date for a change": lambda me: me.update(ID, occurred_at="2024-01-01"),
    "a text for k": lambda me: me.recall("x", k="5"),
    "a fraction for k": lambda me: me.recall("x", k=2.6),
    "a truth value for k": lambda me: me.recall("x", k=True),
    "a text for a score": lambda me: me.recall("x", min_score="0.5"),
    "a text for importance": lambda me: me.remember("x", importance="high"),
    "a truth value for a weight": lambda me: me.link(ID, ID, weight=True),
    "a number for a truth value": lambda me: me.recall("x", include_shared=0),
    "bytes for content": lambda me: me.remember(b"x"),
    "a number for content": lambda me: me.update(ID, content=5),
    "a text for a vector": lambda me: me.recall("x", query_embedding="[1,2]"),
    "a text in a vector": lambda me: me.recall("x", query_embedding=["1"]),
    "a matrix for a vector": lambda me: me.recall("x", query_embedding=[[1.0]]),
}
WRONG_VALUE: dict[str, Act] = {
    "no number for a score": lambda me: me.recall("x", min_score=float("nan")),
    "no number for importance": lambda me: me.remember("x", importance=float("nan")),
    "beyond single precision": lambda me: me.recall("x", query_embedding=[1.0, -1e39]),
    "beyond any precision": lambda me: me.put_embedding(ID, [10**400]),
    "just beyond": lambda me: me.recall_batch(["x"], query_embeddings=[[3.4028236e38]]),
}
RIGHT: dict[str, Act] = {
    "tuples": lambda me: me.recall("x", kinds=("note",), query_embedding=(3.4028234e38, 1)),
    "nothing": lambda me: me.recall(None, query_embedding=[1.0], kinds=None, min_score=None),
    "a whole number": lambda me: me.recall("x", min_score=1),
    "a generator": lambda me: me.recall_batch(q for q in ("a", "b")),
    "a vector without a text": lambda me: me.recall_batch([""], query_embeddings=[[1.0]]),
    "a time": lambda me: me.recall("x", since=datetime.now(UTC), until=datetime.now(UTC)),
}


def refuses(act: Act, expected: type[BaseException]) -> pytest.ExceptionInfo[BaseException]:
    with pytest.raises(expected):
        asyncio.run(act(Awaited()))
    with pytest.raises(expected) as caught:
        act(Direct())
    return caught


@pytest.mark.parametrize("act", WRONG_TYPE.values(), ids=WRONG_TYPE)
def test_a_wrong_type_is_a_type_error_and_nothing_is_sent(act: Act) -> None:
    error = refuses(act, TypeError).value
    assert isinstance(error, MemoriesError)
    assert error.hint


@pytest.mark.parametrize("act", WRONG_VALUE.values(), ids=WRONG_VALUE)
def test_a_number_that_is_none_or_too_large_is_a_value_error(act: Act) -> None:
    error = refuses(act, ValueError).value
    assert isinstance(error, MemoriesError)
    assert error.hint


def test_an_empty_query_of_a_batch_is_named() -> None:
    error = refuses(lambda me: me.recall_batch(["meeting", " \n"]), EmptyContentError).value
    assert "query 2" in str(error)


@pytest.mark.parametrize("act", RIGHT.values(), ids=RIGHT)
def test_what_can_be_meant_is_sent(act: Act) -> None:
    """Negative control."""
    refuses(act, SentError)
