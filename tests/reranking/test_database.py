"""The database asks a reranker that an admin has named, in time, and goes on without it."""

import time
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database, one, refused
from providers.conftest import Serve
from providers.endpoint import Behaviour, floods, hangs, says_json
from queues.support import set_setting
from recall.test_query_embedding import noticing

from .endpoint import FAULTS, reranks, words_shared

SECRET = "canary-7741"
TEXTS = ["the key", f"the violin {SECRET}", "", None]


def ask(db: Connection, query: str | None = "the violin") -> list[float] | None:
    row = db.execute("select memoriesdb._rerank(%s, %s)", (query, TEXTS)).fetchone()
    assert row
    scores: list[float] | None = row[0]
    return scores


@pytest.mark.parametrize("protocol", ["cohere", "tei"])
def test_scores_come_in_the_order_of_the_texts(
    database: Database, serve: Serve, protocol: str
) -> None:
    endpoint = serve(reranks)
    set_setting(database, "rerank_endpoint", f'"{endpoint.url}"')
    set_setting(database, "rerank_protocol", f'"{protocol}"')
    set_setting(database, "rerank_model", '"a model"')
    with database.superuser() as db, noticing(db) as heard:
        expected = [words_shared("the violin", text or "") for text in TEXTS]
        assert ask(db) == pytest.approx(expected, rel=1e-6)
    assert heard == []
    assert endpoint.requests[0].json.get("model") == ("a model" if protocol == "cohere" else None)
    assert "authorization" not in endpoint.requests[0].headers


def test_it_is_off_until_an_endpoint_is_named(database: Database, serve: Serve) -> None:
    endpoint = serve(reranks)
    with database.superuser() as db, noticing(db) as heard:
        assert ask(db) is None
        set_setting(database, "rerank_endpoint", f'"{endpoint.url}"')
        assert ask(db, None) is None
        assert ask(db, " \n") is None
        none = db.execute("select memoriesdb._rerank('violin', '{}')").fetchone()
        assert none == (None,)
        assert endpoint.requests == []
        assert ask(db) is not None
        set_setting(database, "rerank_endpoint", '""')
        assert ask(db) is None
    assert heard == []


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(FAULTS["an index beyond the end"], id="index"),
        pytest.param(FAULTS["NaN"], id="NaN"),
        pytest.param(FAULTS["a score that no real holds"], id="range"),
        pytest.param(says_json({"message": SECRET}, f"500 {SECRET}"), id="500"),
        pytest.param(floods(b"HTTP/1.1 200 OK\r\n\r\n"), id="huge"),
    ],
)
def test_a_fault_is_a_notice_without_a_text_and_the_transaction_goes_on(
    database: Database, serve: Serve, behaviour: Behaviour
) -> None:
    set_setting(database, "rerank_endpoint", f'"{serve(behaviour).url}"')
    with (
        psycopg.connect(database.dsn("superuser")) as db,
        noticing(db) as heard,
    ):
        assert ask(db) is None
        assert db.execute("select 1").fetchone() == (1,)
    assert [notice.sqlstate for notice in heard] == ["MD509"]
    assert SECRET not in str(heard)
    assert heard[0].hint


def test_a_hanging_endpoint_costs_the_timeout_and_no_more(database: Database, serve: Serve) -> None:
    set_setting(database, "rerank_endpoint", f'"{serve(hangs).url}"')
    set_setting(database, "rerank_timeout_seconds", "0.3")
    with database.superuser() as db, noticing(db) as heard:
        began = time.monotonic()
        assert ask(db) is None
        assert time.monotonic() - began < 1.5
    assert [notice.sqlstate for notice in heard] == ["MD509"]


def test_recall_is_in_the_order_of_the_reranker(
    database: Database, serve: Serve, alice: UUID, bob: UUID
) -> None:
    """And sends it nothing that this user may not see, nor what is not a candidate."""
    texts = ["violin", "violin and its bow", "the violin and its bow in the attic"]
    for text in texts:
        database.remember(alice, text)
    database.remember(alice, "no words of the question, canary-1")
    database.remember(bob, "violin of canary-2")
    recall = "select content, why from memoriesdb.recall('violin bow in the attic', k => 2)"
    with database.acting(alice) as db:
        plain = db.execute(recall).fetchall()
    assert not any("rerank" in why for _, why in plain)
    endpoint = serve(reranks)
    set_setting(database, "rerank_endpoint", f'"{endpoint.url}"')
    with database.acting(alice) as db, noticing(db) as heard:
        found = db.execute(recall).fetchall()
    assert heard == []
    assert [text for text, _ in found] == [texts[2], texts[1]]
    assert [why["rerank"]["rank"] for _, why in found] == [1, 2]
    sent = endpoint.requests[0].json
    assert sent["query"] == "violin bow in the attic"
    assert sorted(sent["documents"]) == sorted(texts)
    set_setting(database, "rerank_endpoint", f'"{serve(FAULTS["NaN"]).url}"')
    with database.acting(alice) as db, noticing(db) as heard:
        assert db.execute(recall).fetchall() == plain
    assert [notice.sqlstate for notice in heard] == ["MD509"]


def results(db: Connection, **arguments: object) -> dict[UUID, tuple[str, int | None]]:
    """Of every memory what explain_recall() says, having compared it with what recall() does."""
    names = "".join(f", {name} => %({name})s" for name in arguments)
    found = db.execute(
        f"select memory_id, score from memoriesdb.recall('heron'{names})".encode(), arguments
    ).fetchall()
    ids = db.execute("select id from memoriesdb.memories order by seq").fetchall()
    told = {}
    for (memory_id,) in ids:
        steps = db.execute(
            "select outcome, rank, score from memoriesdb.explain_recall("
            f"'heron', %(memory_id)s{names}) where step = 'result'".encode(),
            {"memory_id": memory_id, **arguments},
        ).fetchall()
        assert len(steps) == 1
        told[memory_id] = steps[0][:2]
        assert (steps[0][0] == "returned") == (memory_id in {row[0] for row in found}), steps
    returned = {memory_id: rank for memory_id, (outcome, rank) in told.items() if outcome[2] == "t"}
    assert returned == {memory_id: place for place, (memory_id, _) in enumerate(found, start=1)}
    lowest = arguments.get("min_score")
    assert lowest is None or all(score >= lowest for _, score in found)
    return told


def test_as_many_are_reranked_as_the_setting_says(
    database: Database, serve: Serve, alice: UUID
) -> None:
    """What is returned is cut by the scores that it has then, and explained as it is returned."""
    endpoint = serve(reranks)
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'heron' || repeat(' reed', n) from generate_series(1, 60) as n"
        )
    with database.superuser() as db:
        db.execute("select memoriesdb.index_memories()")
    set_setting(database, "rerank_endpoint", f'"{endpoint.url}"')
    with database.acting(alice) as db:
        told = results(db)
        # The longest of those that it is given, as this endpoint judges.
        assert [len(r.json["documents"]) for r in endpoint.requests] == [50] * 61
        assert sum(outcome == "returned" for outcome, _ in told.values()) == 10
        told = results(db, k=40, min_score=0.5)
        assert 10 < sum(outcome == "returned" for outcome, _ in told.values()) < 40


def test_a_read_only_transaction_may_ask(database: Database, serve: Serve) -> None:
    set_setting(database, "rerank_endpoint", f'"{serve(reranks).url}"')
    with psycopg.connect(database.dsn("superuser")) as db:
        db.read_only = True
        assert ask(db) is not None


def test_nobody_calls_it_but_the_definers_functions(database: Database) -> None:
    """Else whoever may connect could let the server call any address."""
    for role in ("app", "client", "admin", "worker"):
        for call in (
            "_rerank('q', '{a}')",
            "_rerank_texts('tei', 'http://127.0.0.1:9', '', 'q', '{a}', 1)",
        ):
            with database.connect(role, pooled=False) as db:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    db.execute(f"select memoriesdb.{call}".encode())
                db.rollback()


def test_settings_are_checked(database: Database) -> None:
    endpoints = [
        "localhost:80",
        "ftp://h",
        "http://u:p@h",
        "http://",
        "http://h h",
        "http://h/?k=v",
    ]
    bad = [("rerank_endpoint", f'"{endpoint}"') for endpoint in endpoints]
    bad += [
        ("rerank_protocol", '"jina"'),
        ("rerank_protocol", '""'),
        ("rerank_candidates", "0"),
        ("rerank_candidates", "1001"),
        ("rerank_timeout_seconds", "31"),
        ("rerank_model", "1"),
        ("recall_fusion", '"best"'),
    ]
    for key, value in bad:
        with pytest.raises(psycopg.DatabaseError) as caught:
            set_setting(database, key, value)
        assert caught.value.sqlstate == "MD110", (key, value)
        assert caught.value.diag.message_hint
    for key, value in (
        ("rerank_endpoint", '"https://api.jina.ai/v1"'),
        ("rerank_endpoint", '"http://[::1]:8080"'),
        ("rerank_protocol", '"tei"'),
        ("recall_fusion", '"rrf"'),
    ):
        set_setting(database, key, value)


def test_users_do_not_see_the_endpoint(database: Database, alice: UUID) -> None:
    set_setting(database, "rerank_endpoint", '"http://reranker.internal"')
    with database.acting(alice) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("select value from memoriesdb.settings where key = 'rerank_endpoint'")


@pytest.mark.parametrize("function", ["_setting", "_shown_setting"])
@pytest.mark.parametrize("key", ["rerank_endpoint", "rerank_model", "breaking_version"])
def test_functions_that_users_call_do_not_tell_the_endpoint(
    database: Database, alice: UUID, function: str, key: str
) -> None:
    set_setting(database, "rerank_endpoint", '"http://reranker.internal"')
    for login in (database.acting(alice), database.with_token(database.issue_token(alice))):
        with login as db:
            # Negative control: what their own functions go by is told.
            ask = f"select memoriesdb.{function}(%s)"
            assert one(db, ask, "max_content_bytes") == 262144
            if function == "_setting":
                assert refused(db, ask, key).sqlstate == "MD507"
            else:
                assert one(db, ask, key) is None
