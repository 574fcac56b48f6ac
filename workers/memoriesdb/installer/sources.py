"""The shipped files: where they lie, and in which order they are applied."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
# In a wheel sql/ and migrations/ lie inside the package, in a checkout beside it.
ROOT = PACKAGE if (PACKAGE / "sql").is_dir() else PACKAGE.parents[1]
SQL = ROOT / "sql"
MIGRATIONS = ROOT / "migrations"
PYTHON = (PACKAGE.parent if ROOT == PACKAGE else ROOT / "plpython") / "memoriesdb_pl"

# Applied where PL/Python is wanted, and only there.
LOADER = "functions/python/load_python.sql"

# Everything that can be replaced, in the order in which one kind needs another.
REPLACEABLE = ("types", "functions", "views", "triggers", "policies", "grants.sql", "settings.sql")


@dataclass(frozen=True)
class Target:
    """What the text of a file depends on: the server, and where its extensions live."""

    server_version: int = 15
    plpython: bool = True
    superuser: bool = True
    extension_schemas: tuple[tuple[str, str], ...] = (
        ("vector", "public"),
        ("pg_trgm", "public"),
        ("pgcrypto", "public"),
    )

    def render(self, text: str) -> str:
        """Return a file's text with schemas filled in and parts for another target left out."""
        parts = {
            "plpython": self.plpython,
            "superuser": self.superuser,
            "no superuser": not self.superuser,
        }
        for condition in (name for name, holds in parts.items() if not holds):
            text = re.sub(rf"^-- @if {condition}\n.*?^-- @end\n", "", text, flags=re.S | re.M)
        for extension, schema in self.extension_schemas:
            quoted = '"' + schema.replace('"', '""') + '"'
            text = text.replace(f"@extschema:{extension}@", quoted)
        return text


@dataclass(frozen=True)
class SqlFile:
    """One file below sql/."""

    path: Path

    @property
    def name(self) -> str:
        """Path below sql/, the same on every machine."""
        return self.path.relative_to(SQL).as_posix()

    @cached_property
    def text(self) -> str:
        """The text as shipped."""
        return self.path.read_text(encoding="utf-8")

    def rendered(self, target: Target) -> str:
        """Return the text for this target."""
        return target.render(self.text)

    def sha256(self, target: Target) -> bytes:
        """SHA-256 of the text for this target."""
        return hashlib.sha256(self.rendered(target).encode()).digest()


def tables() -> list[SqlFile]:
    """Return the declared tables, each after those that it requires."""
    files = {path.stem: SqlFile(path) for path in sorted((SQL / "tables").glob("*.sql"))}
    done: dict[str, SqlFile] = {}

    def visit(name: str) -> None:
        if name in done:
            return
        required = re.match(r"-- requires: (.*)\n", files[name].text)
        for other in required.group(1).split() if required else ():
            visit(other)
        done[name] = files[name]

    for name in files:
        visit(name)
    return list(done.values())


def replaceable(target: Target) -> list[SqlFile]:
    """Return the files of everything that can be replaced, in order, for this target.

    ``name.sql`` gives way to ``name.pg18.sql`` on PostgreSQL 18 and newer, and to
    ``name.without_plpython.sql`` where PL/Python is not wanted. What only a superuser can make is
    left out where a login installs that is none.
    """
    found: list[SqlFile] = []
    for part in REPLACEABLE:
        path = SQL / part
        if path.is_file():
            found.append(SqlFile(path))
            continue
        for file in sorted(path.rglob("*.sql")):
            stem, _, variant = file.name.removesuffix(".sql").partition(".")
            if not variant:
                chosen = _variant(file, stem, target)
                if chosen is not None:
                    found.append(SqlFile(chosen))
    return found


def left_out(target: Target) -> list[str]:
    """Return the names of the files that are for the same target with a superuser alone."""
    kept = {file.name for file in replaceable(target)}
    everything = replaceable(replace(target, superuser=True))
    return [file.name for file in everything if file.name not in kept]


def _variant(file: Path, stem: str, target: Target) -> Path | None:
    newer = file.with_name(f"{stem}.pg18.sql")
    if target.server_version >= 18 and newer.exists():
        return newer
    without = file.with_name(f"{stem}.without_plpython.sql")
    if not target.plpython and without.exists():
        return without
    text = file.read_text(encoding="utf-8")
    if not target.plpython and "language plpython3u" in text:
        return None
    if not target.superuser and "pg_catalog.pg_authid" in text:
        return None
    return file


def python_modules() -> Iterator[tuple[str, str, bytes]]:
    """Yield name, text and SHA-256 of each module that runs inside the server."""
    for path in sorted(PYTHON.rglob("*.py")):
        parts = path.relative_to(PYTHON.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        yield name, text, hashlib.sha256(text.encode()).digest()


def shipped_body(text: str) -> tuple[str, str] | None:
    """Return name and body of the function that a file makes, as the server keeps the body.

    The body of a function that is compiled into the server is its name there, in quotes.
    """
    match = re.search(
        r"create or replace function ([\w.]+)\(.*?"
        r"as (?:\$(function|python)\$(.*?)\$\2\$|'(\w+)');",
        text,
        re.S,
    )
    return (match[1], match[3] if match[4] is None else match[4]) if match else None


def dropped_function(path: str, target: Target) -> list[str]:
    """Return the DROP of the function in a shipped file that is not for this target.

    What a release no longer ships is dropped by a migration, which knows what it was.
    """
    file = SqlFile(SQL / path)
    if not file.path.is_file():
        return []
    here = shipped_body(file.text)
    others = {found[0] for f in replaceable(target) if (found := shipped_body(f.text))}
    signature = re.search(r"^comment on (function [^;]*?\)) is$", file.rendered(target), re.M)
    if here is None or signature is None or here[0] in others:
        return []
    return [f"drop {signature.group(1)};"]
