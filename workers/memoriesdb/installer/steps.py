"""The statements of an install, one after the other: for applying them and for printing them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from memoriesdb.installer.sources import (
    SQL,
    SqlFile,
    Target,
    dropped_function,
    python_modules,
    replaceable,
)
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

# A lock that somebody holds ends an install with an error, rather than everybody behind it waiting.
PROLOGUE = """set local search_path = pg_catalog, pg_temp;
set local lock_timeout = '60s';
set local check_function_bodies = off;
set local client_min_messages = warning;
"""
GRANTS = "grants.sql"


@dataclass(frozen=True)
class Definition:
    """An object of the catalogue and the hash of its definition."""

    kind: str
    identity: str
    sha256: bytes


@dataclass(frozen=True)
class Hash:
    """A file or module that was applied, and its hash."""

    path: str
    sha256: bytes


DefinitionQuery = Query[Definition]

definitions: DefinitionQuery = load("installer/definitions", Definition)
recorded_definitions: DefinitionQuery = load("installer/recorded_definitions", Definition)
installed_objects: Query[Hash] = load("installer/installed_objects", Hash)
installed_modules: Query[Hash] = load("installer/installed_modules", Hash)
lock: Query[str] = load("installer/lock", str)
revision: Query[str] = load("installer/revision", str)

_put_module = load("installer/put_module", Hash)
_remove_module = load("installer/remove_module", Hash)
_record_object = load("installer/record_object", Hash)
_forget_object = load("installer/forget_object", Hash)
_record_definitions = load("installer/record_definitions", Definition)
_keep_definition = load("installer/keep_definition", Definition)
_drop_definition = load("installer/drop_definition", Definition)


@dataclass(frozen=True)
class Step:
    """One part of an install: what is said about it, and its SQL."""

    name: str
    sql: str


def bootstrap(target: Target) -> Step:
    """Roles, extensions, schemas, the installer's own tables."""
    return Step("bootstrap.sql", SqlFile(SQL / "bootstrap.sql").rendered(target))


def lend(target: Target) -> Iterator[Step]:
    """Let functions be given to the definer, which superusers may always; finish.sql ends it."""
    if not target.superuser:
        yield Step(
            "lend",
            "grant create on schema memoriesdb "
            "to memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser;",
        )


def modules(present: Mapping[str, bytes]) -> Iterator[Step]:
    """Bring the Python modules in the database to those that are shipped."""
    shipped = {name: (text, sha256) for name, text, sha256 in python_modules()}
    for name in sorted(present.keys() - shipped.keys()):
        yield Step(f"remove {name}", _fill(_remove_module, name=name))
    for name, (text, sha256) in shipped.items():
        if present.get(name) != sha256:
            yield Step(name, _fill(_put_module, name=name, source=text, sha256=sha256))


def objects(target: Target, present: Mapping[str, bytes]) -> Iterator[Step]:
    """Apply every replaceable file whose hash differs, and record it.

    With a view the grants are applied again: a view that had to be dropped has lost its own.
    """
    files = replaceable(target)
    for path in sorted(present.keys() - {file.name for file in files}):
        sql = [*dropped_function(path, target), _fill(_forget_object, path=path)]
        yield Step(f"forget {path}", "\n".join(sql))
    view_changed = False
    for file in files:
        sha256 = file.sha256(target)
        if present.get(file.name) != sha256 or (file.name == GRANTS and view_changed):
            view_changed |= file.name.startswith("views/")
            record = _fill(_record_object, path=file.name, sha256=sha256)
            yield Step(file.name, f"{file.rendered(target).rstrip()}\n\n{record}")


def finish(target: Target) -> Iterator[Step]:
    """What the objects need to be of use, and the record that `verify` compares with."""
    yield Step("finish.sql", SqlFile(SQL / "finish.sql").rendered(target))
    sql = _record_definitions.sql.decode().format(definitions=definitions.sql.decode())
    yield Step("record the definitions", f"{sql};")


def still_different(kind: str, identity: str, recorded: bytes | None) -> Step:
    """Leave the record of an object that is not as shipped as it was: `verify` still names it."""
    if recorded is None:
        sql = _fill(_drop_definition, kind=kind, identity=identity)
    else:
        sql = _fill(_keep_definition, kind=kind, identity=identity, sha256=recorded)
    return Step(f"{kind} {identity}", sql)


def _fill(query: Query[Any], **values: str | bytes) -> str:
    """Return a query as text, its places filled with literals: for psql as for a driver."""
    text = query.sql.decode()
    return re.sub(r"%\((\w+)\)s", lambda place: _literal(values[place.group(1)]), text) + ";"


def _literal(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    if "\\" in value:
        return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + value.replace("'", "''") + "'"
