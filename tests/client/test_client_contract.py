"""The client and the database agree: names of arguments, defaults, columns; and the notices."""

import inspect
import re
import warnings
from collections.abc import Iterator
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import memoriesdb
from acting import Database
from memoriesdb import Client, EmbedderAwayWarning, Session
from memoriesdb.client import Memory
from memoriesdb.client.api import AdminApi, UserApi
from memoriesdb.queries import loader

# What the client does beside the function of the database.
CLIENTS_OWN = {"recall": ["rerank"]}
ARGUMENTS = """
select p.proargnames[:p.pronargs]
from pg_proc p
where p.pronamespace = 'memoriesdb'::regnamespace and p.proname = %s
"""


def named(name: str) -> bytes:
    return loader.load(f"client/{name}", str).sql


def names() -> list[str]:
    """Functions of the database that have a method of the same name."""
    directory = Path(str(resources.files("memoriesdb.queries"))) / "client"
    return sorted(
        file.stem
        for file in directory.glob("*.sql")
        if f"memoriesdb.{file.stem}(".encode() in named(file.stem)
    )


def test_every_argument_of_every_function_is_passed_by_name(database: Database) -> None:
    db = database.superuser()
    assert len(names()) >= 20
    for name in names():
        (arguments,) = db.execute(ARGUMENTS, (name,)).fetchone() or ([],)
        passed = re.findall(rb'"?(\w+)"? => ', named(name))
        assert [argument.decode() for argument in passed] == (arguments or []), name
        api = UserApi if hasattr(UserApi, name) else AdminApi
        method = inspect.signature(getattr(api, name))
        expected = (arguments or []) + CLIENTS_OWN.get(name, [])
        assert list(method.parameters)[1:] == expected, name


def test_defaults_are_those_of_the_database(database: Database) -> None:
    db = database.superuser()
    for name in names():
        if name == "remember_many":
            continue
        row = db.execute(
            "select pg_get_function_arguments(p.oid) from pg_proc p "
            "where p.pronamespace = 'memoriesdb'::regnamespace and p.proname = %s",
            (name,),
        ).fetchone()
        assert row
        api = UserApi if hasattr(UserApi, name) else AdminApi
        given = inspect.signature(getattr(api, name)).parameters
        for argument, default in re.findall(
            r"(\w+) [\w. \[\]]+ DEFAULT ('[^']*'[^,]*|[^,]+)", row[0]
        ):
            mine: Any = given[argument].default
            theirs = re.sub(r"::[\w. \[\]]+$|\(.*\)$", "", default).strip("'")
            if isinstance(mine, tuple):
                assert theirs == f"{{{','.join(mine)}}}", (name, argument)
            elif theirs in {"NULL", "now", "{}"}:
                assert mine is None, (name, argument)
            elif isinstance(mine, str):
                assert theirs == mine, (name, argument)
            elif isinstance(mine, bool):
                assert theirs == str(mine).lower(), (name, argument)
            else:
                assert theirs == str(mine) or float(theirs) == mine, (name, argument)


def test_a_memory_has_every_column_that_is_not_for_searching(database: Database) -> None:
    rows = database.superuser().execute(
        "select attname from pg_attribute where attrelid = 'memoriesdb.memories'::regclass "
        "and attnum > 0 and not attisdropped"
    )
    columns = {name for (name,) in rows} - {"search", "embedding_text_hash"}
    assert {field.name for field in fields(Memory)} == columns


def test_help_shows_the_result_and_not_its_preparation() -> None:
    assert str(inspect.signature(Session.get)).endswith("-> 'rows.Memory | None'")


def test_only_the_clients_own_names_are_exported() -> None:
    for name in memoriesdb.__all__:
        assert getattr(memoriesdb, name)
    with pytest.raises(AttributeError):
        _ = memoriesdb.no_such_name


@pytest.fixture
def away(database: Database) -> Iterator[Client]:
    """A client of a database whose embedder does not answer."""
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 3)
    with memoriesdb.connect(database.dsn("app")) as client:
        yield client


def test_an_absent_embedder_is_a_warning_once_a_session(away: Client, alice: UUID) -> None:
    with away.as_user(alice) as me:
        me.remember("tea at five")
        with pytest.warns(EmbedderAwayWarning) as heard:
            assert len(me.recall("tea")) == 1
        assert heard[0].filename == __file__
        assert me.recall("cake") == []
    with away.as_user(alice) as me, pytest.warns(EmbedderAwayWarning):
        me.recall("tea")


def test_a_warning_made_an_error_leaves_the_transaction_usable(away: Client, alice: UUID) -> None:
    with away.as_user(alice) as me, warnings.catch_warnings():
        warnings.simplefilter("error", EmbedderAwayWarning)
        with pytest.raises(EmbedderAwayWarning):
            me.recall("tea")
        me.remember("tea at five")
        assert len(me.recall("tea")) == 1


def test_nothing_warns_where_no_model_is_active(database: Database, alice: UUID) -> None:
    """Negative control: pytest makes every warning an error."""
    with memoriesdb.connect(database.dsn("app")) as client, client.as_user(alice) as me:
        me.recall("tea")
