"""Errors are a contract: every SQLSTATE of the SQL has its class, and every class its SQLSTATE."""

import json
import pickle
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

import memoriesdb
from acting import Database
from memoriesdb import Session, errors
from memoriesdb.errors import MemoriesError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def me(database: Database, alice: UUID) -> Iterator[Session]:
    with memoriesdb.connect(database.dsn("app")) as client, client.as_user(alice) as session:
        yield session


def test_the_codes_in_the_sql_are_the_codes_in_python() -> None:
    raised = {
        code
        for part in ("sql", "migrations", "plpython")
        for file in (ROOT / part).rglob("*")
        if file.suffix in {".sql", ".py"}
        for code in re.findall(
            r"""(?:errcode\s*=|sqlstate\s*=?)\s*['"](MD\d{3})['"]""", file.read_text(), re.I
        )
    }
    assert len(raised) > 25
    ours = {code: found for code, found in MemoriesError.by_code.items() if code.startswith("MD")}
    assert raised == {code for code, found in ours.items() if not found.is_local}


def test_each_class_says_what_it_means_and_is_a_psycopg_error() -> None:
    for code, found in MemoriesError.by_code.items():
        assert found.__doc__
        assert found.sqlstate in {code, found.code}
        assert issubclass(found, psycopg.DatabaseError)


Act = Callable[[Session], object]
NOW = datetime.now(UTC)
BAD: list[tuple[str, Act, type[MemoriesError]]] = [
    ("no content", lambda me: me.remember("\n "), errors.EmptyContentError),
    ("long content", lambda me: me.remember("x" * 300_000), errors.TooLongError),
    ("kind", lambda me: me.remember("x", "No Word"), errors.InvalidWordError),
    ("array", lambda me: me.remember("x", metadata=[1]), errors.InvalidMetadataError),  # type: ignore[arg-type]
    ("importance", lambda me: me.remember("x", importance=1.5), errors.OutOfRangeError),
    ("NaN", lambda me: me.remember("x", importance=float("nan")), errors.OutOfRangeError),
    ("naive", lambda me: me.remember("x", occurred_at=datetime(2024, 1, 1)), errors.InvalidTimeError),  # noqa: E501
    ("naive in a list", lambda me: me.remember_many([{"content": "x", "occurred_at": datetime(2024, 1, 1)}]), errors.InvalidTimeError),  # noqa: E501
    ("key", lambda me: me.remember_many([{"content": "x", "colour": 1}]), errors.InvalidItemError),
    ("stream", lambda me: me.remember("x", stream=""), errors.InvalidArgumentError),
    ("object", lambda me: me.remember("x", metadata={"a": object()}), errors.InvalidArgumentError),
    ("NaN in JSON", lambda me: me.remember("x", metadata={"a": float("nan")}), errors.InvalidArgumentError),  # noqa: E501
    ("k", lambda me: me.recall("x", 0), errors.InvalidCountError),
    ("huge k", lambda me: me.recall("x", 2**40), errors.InvalidCountError),
    ("no query", lambda me: me.recall(None), errors.EmptyContentError),
    ("filter", lambda me: me.recall("x", metadata_filter=["a"]), errors.InvalidMetadataError),  # type: ignore[arg-type]
    ("no numbers", lambda me: me.recall("x", query_embedding=[]), errors.WrongDimensionError),
    ("infinity", lambda me: me.recall("x", query_embedding=[float("inf")]), errors.InvalidArgumentError),  # noqa: E501
    ("nothing", lambda me: me.update(uuid4()), errors.InvalidArgumentError),
    ("unknown", lambda me: me.share(uuid4(), uuid4()), errors.MemoryNotFoundError),
    ("depth", lambda me: me.neighbors(me.remember("x"), 11), errors.InvalidCountError),
    ("oneself", lambda me: me.share(me.remember("x"), me.id), errors.SelfShareError),
    ("nobody", lambda me: me.share(me.remember("x"), uuid4()), errors.UnknownUserError),
    ("past", lambda me: me.share(me.remember("x"), uuid4(), expires_at=NOW), errors.MemoriesError),
    ("own already", lambda me: me.transfer(me.remember("x"), me.id), errors.SelfTransferError),
    ("loop", lambda me: (m := me.remember("x"), me.link(m, m)), errors.SelfLinkError),
    ("NUL", lambda me: me.remember("a\0b"), errors.InvalidTextError),
    ("NUL in JSON", lambda me: me.remember("x", metadata={"a": "\0"}), errors.InvalidTextError),
    ("NUL in a list", lambda me: me.remember_many([{"content": "\0"}]), errors.InvalidTextError),
    ("NUL in kinds", lambda me: me.recall("x", kinds=["\0"]), errors.InvalidTextError),
    ("NUL in a change", lambda me: me.update(me.remember("x"), content="\0"), errors.InvalidTextError),  # noqa: E501
    ("surrogate", lambda me: me.remember("\ud83d"), errors.InvalidTextError),
    ("surrogate in JSON", lambda me: me.remember("x", metadata={"\udc00": 1}), errors.InvalidTextError),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("act", "expected"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_gets_its_class_and_a_hint(
    me: Session, act: Act, expected: type[MemoriesError]
) -> None:
    with pytest.raises(expected) as caught, me.savepoint():
        act(me)
    assert caught.value.hint
    assert caught.value.__cause__ is None
    assert me.remember("and it goes on")


def test_text_that_looks_like_an_escaped_nul_is_kept(me: Session) -> None:
    """Negative control of the test above: only NUL itself is refused, not how JSON writes it."""
    text = r"\u0000 and \ud800 and \\u0000"
    (memory_id,) = me.remember_many([{"content": text, "metadata": {"a": text}}])
    memory = me.get(memory_id)
    assert memory is not None
    assert (memory.content, memory.metadata["a"]) == (text, text)


def test_an_error_carries_what_the_server_said_also_when_pickled(me: Session) -> None:
    with pytest.raises(errors.TooLongError) as caught, me.savepoint():
        me.remember("x" * 300_000)
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert isinstance(error, errors.TooLongError)
        assert (error.sqlstate, error.diag.sqlstate) == ("MD102", "MD102")
        assert error.detail
        assert "300000" in error.detail
        assert error.diag.message_hint == error.hint
    local = errors.UsageError("no", hint="yes")
    assert pickle.loads(pickle.dumps(local)).hint == "yes"


def test_errors_of_sql_of_ones_own_are_translated_too(database: Database, alice: UUID) -> None:
    with memoriesdb.connect(database.dsn("app")) as client:
        with pytest.raises(errors.ImmutableError), client.as_user(alice) as me:
            me.connection.execute("do $$ begin raise exception 'x' using errcode = 'MD202'; end $$")
        with pytest.raises(psycopg.errors.UndefinedTable), client.as_user(alice) as me:
            me.connection.execute("select * from no_such_table")


def test_admins_errors_are_typed(database: Database, alice: UUID) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        for act, expected in (
            (lambda: admin.create_user("alice"), errors.AlreadyExistsError),
            (lambda: admin.create_user("x", role="king"), errors.UnknownRoleError),
            (lambda: admin.create_user("x\0"), errors.InvalidTextError),
            (lambda: admin.map_db_role(alice, "nobody_here"), errors.UnknownLoginError),
            (lambda: admin.deactivate_user(uuid4()), errors.UnknownUserError),
            (lambda: admin.set_setting("no_such", 1), errors.UnknownSettingError),
            (lambda: admin.set_setting("query_cache_size", "x"), errors.InvalidArgumentError),
        ):
            with pytest.raises(expected):
                act()
    app = memoriesdb.connect(database.dsn("app"))
    with app:
        with pytest.raises(errors.NotAllowedError):
            app.create_user("x")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.set_setting("query_cache_size", 1)


def test_an_expired_share_and_a_wrong_dimension(database: Database, alice: UUID, bob: UUID) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 3)
    with memoriesdb.connect(database.dsn("app")) as client, client.as_user(alice) as me:
        memory_id = me.remember("x")
        with pytest.raises(errors.InvalidTimeError), me.savepoint():
            me.share(memory_id, bob, expires_at=NOW - timedelta(days=1))
        with pytest.raises(errors.UnknownPrivilegeError), me.savepoint():
            me.share(memory_id, bob, "own")
        with pytest.raises(errors.WrongDimensionError), me.savepoint():
            me.recall("x", query_embedding=[1.0, 2.0])
        assert len(me.recall("x", query_embedding=(1, 2, 3))) == 1


def test_values_within_json_are_plain(me: Session) -> None:
    thing: dict[str, Any] = {"at": NOW, "id": me.id, "n": 2**60}
    memory = me.get(me.remember("x", metadata=thing))
    assert memory is not None
    assert memory.metadata == {"at": NOW.isoformat(), "id": str(me.id), "n": 2**60}
    assert json.dumps(memory.metadata)


BY_ID: list[Act] = [
    lambda me: me.get("bad"),  # type: ignore[arg-type]
    lambda me: me.get(None),  # type: ignore[arg-type]
    lambda me: me.get(5),  # type: ignore[arg-type]
    lambda me: me.forget("bad"),  # type: ignore[arg-type]
    lambda me: me.update("bad", kind="note"),  # type: ignore[arg-type]
    lambda me: me.share("bad", uuid4()),  # type: ignore[arg-type]
    lambda me: me.share(uuid4(), "bad"),  # type: ignore[arg-type]
    lambda me: me.link(uuid4(), "bad"),  # type: ignore[arg-type]
    lambda me: me.transfer(uuid4(), "bad"),  # type: ignore[arg-type]
    lambda me: me.issue_token("bad"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("act", BY_ID)
def test_what_is_no_id_is_refused_before_the_server_is_asked(me: Session, act: Act) -> None:
    with pytest.raises(errors.UsageError, match="is an id") as caught:
        act(me)
    assert caught.value.hint
    assert me.remember("and it goes on")


def test_the_text_of_an_id_is_one(me: Session) -> None:
    memory_id = me.remember("x")
    memory = me.get(str(memory_id))  # type: ignore[arg-type]
    assert memory is not None
    assert memory.id == memory_id
    assert me.forget(str(memory_id)) is True  # type: ignore[arg-type]


def test_user_names_are_one_line(database: Database) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        for name in ("a\nb", "a\tb", "\x1b[31mred", "a\x7fb", "a\x9bb", "a\u2028b", "a\u202eb"):
            with pytest.raises(errors.InvalidArgumentError, match="control characters"):
                admin.create_user(name)
            with pytest.raises(psycopg.errors.CheckViolation):
                database.superuser().execute(
                    "insert into memoriesdb.users (id, username, created_at) "
                    "values (gen_random_uuid(), %s, now())",
                    (name,),
                )
        for name in ("Zoë", "李 明", "o'neil-2 \\ u0001", "🙂"):
            assert admin.create_user(name)
