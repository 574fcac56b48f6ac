"""What a backslash means is not for the session to say that happens to call a function first.

PL/pgSQL keeps what it has parsed for all who come after on a connection, and in a plain literal
``standard_conforming_strings`` decides what a backslash is. ``E'…'`` does not ask it.
"""

from __future__ import annotations

import re

import pytest

from memoriesdb.installer.sources import SQL

# A comment, a quoted name, or a literal with what stands before it.
TOKENS = re.compile(r"--[^\n]*|\"[^\"]*\"|(?P<prefix>\b[eE])?'(?P<text>(?:[^']|'')*)'")


def plain_backslashes(source: str) -> list[str]:
    return [
        found["text"]
        for found in TOKENS.finditer(source)
        if found["text"] and "\\" in found["text"] and not found["prefix"]
    ]


def bodies() -> list[tuple[str, str]]:
    return [
        (path.stem, body)
        for path in sorted(SQL.glob("functions/**/*.sql"))
        if "language plpgsql" in (text := path.read_text())
        for body in re.findall(r"\$function\$(.*?)\$function\$", text, re.DOTALL)
    ]


def test_a_plain_literal_with_a_backslash_is_found() -> None:
    assert plain_backslashes(r"return x ~ '\d'; -- it's \d") == [r"\d"]
    assert plain_backslashes(r"return x ~ E'\\d' and y = 'it''s'; -- '\d'") == []


@pytest.mark.parametrize(("name", "body"), bodies(), ids=[name for name, _ in bodies()])
def test_no_function_has_one(name: str, body: str) -> None:
    assert plain_backslashes(body) == [], name
