"""The generated pages say what the database and the package say, and nothing lacks a comment."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from acting import Database

DOCS = Path(__file__).resolve().parents[2] / "docs"
REFERENCE = DOCS / "reference"


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("generator")


def test_no_page_of_the_reference_is_out_of_date(database: Database, generator: Any) -> None:
    """When this fails: `make docs`, and look at what has changed."""
    if database.superuser().info.server_version >= 180000:
        pytest.skip("the pages are generated with an older server, which has other functions")
    pages: dict[str, str] = generator.pages(database.dsn("superuser"))
    assert {path.name for path in REFERENCE.glob("*.md")} == pages.keys()
    stale = [
        name
        for name, text in pages.items()
        if (REFERENCE / name).read_text(encoding="utf-8") != text
    ]
    assert not stale


def test_everything_in_the_database_has_a_comment(database: Database, generator: Any) -> None:
    assert generator.uncommented(database.dsn("superuser")) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("alter table memoriesdb.users add nickname text", "column users.nickname"),
        ("create table memoriesdb.more ()", "relation more"),
        ("create function memoriesdb.f() returns int return 1", "function memoriesdb.f()"),
        (
            "comment on policy users_select_self on memoriesdb.users is ''",
            "policy users_select_self",
        ),
    ],
)
def test_a_missing_comment_is_noticed(
    database: Database, generator: Any, statement: str, what: str
) -> None:
    database.superuser().execute(statement)
    assert generator.uncommented(database.dsn("superuser")) == [what]


def test_a_page_shows_what_a_comment_says(database: Database, generator: Any) -> None:
    database.superuser().execute(
        "comment on function memoriesdb.forget(uuid) is 'Something else altogether.'"
    )
    pages: dict[str, str] = generator.pages(database.dsn("superuser"))
    assert "Something else altogether." in pages["functions.md"]


def test_every_role_is_described(database: Database, generator: Any) -> None:
    roles = database.superuser().execute(
        r"select rolname from pg_roles where rolname like 'memoriesdb\_%'"
    )
    described = importlib.import_module("generator.database_pages").ROLES
    assert {row[0] for row in roles} == described.keys()


def test_every_error_that_sql_raises_is_listed_with_a_hint(generator: Any) -> None:
    page: str = importlib.import_module("generator.package_pages").errors()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `MD")]
    listed = {row[0].strip("| `"): row[3].strip(" |") for row in rows}
    sources = (path.read_text(encoding="utf-8") for path in (DOCS.parent / "sql").rglob("*.sql"))
    raised = {code for text in sources for code in re.findall(r"errcode = '(MD\d{3})'", text)}
    assert raised
    assert raised <= listed.keys()
    assert [code for code in raised if not listed[code]] == []
