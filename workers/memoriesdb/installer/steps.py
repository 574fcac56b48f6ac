"""The statements of an install, one after the other: for applying them and for printing them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from memoriesdb.installer.sources import SQL, SqlFile, Target, python_modules, replaceable
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

PROLOGUE = """set local search_path = pg_catalog, pg_temp;
set local check_function_bodies = off;
set local client_min_messages = warning;
"""


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


definitions: Query[Definition] = load("installer/definitions", Definition)
recorded_definitions: Query[Definition] = load("installer/recorded_definitions", Definition)
installed_objects: Query[Hash] = load("installer/installed_objects", Hash)
installed_modules: Query[Hash] = load("installer/installed_modules", Hash)
lock: Query[str] = load("installer/lock", str)


@dataclass(frozen=True)
class Step:
    """One part of an install: what is said about it, and its SQL."""

    name: str
    sql: str


def bootstrap(target: Target) -> Step:
    """Roles, extensions, schemas, the installer's own tables."""
    return Step("bootstrap.sql", SqlFile(SQL / "bootstrap.sql").rendered(target))


def modules(present: Mapping[str, bytes]) -> Iterator[Step]:
    """Bring the Python modules in the database to those that are shipped."""
    shipped = {name: (text, sha256) for name, text, sha256 in python_modules()}
    for name in sorted(present.keys() - shipped.keys()):
        yield Step(
            f"remove {name}",
            f"delete from memoriesdb_system._python_module where name = {_literal(name)};",
        )
    for name, (text, sha256) in shipped.items():
        if present.get(name) != sha256:
            yield Step(
                name,
                "insert into memoriesdb_system._python_module (name, source, sha256) values ("
                f"{_literal(name)}, {_literal(text)}, {_bytes(sha256)})\n"
                "on conflict (name) do update set source = excluded.source, "
                "sha256 = excluded.sha256;",
            )


def objects(target: Target, present: Mapping[str, bytes]) -> Iterator[Step]:
    """Apply every replaceable file whose hash differs, and record it."""
    files = replaceable(target)
    for path in sorted(present.keys() - {file.name for file in files}):
        yield Step(
            f"forget {path}",
            f"delete from memoriesdb_system._installed_object where path = {_literal(path)};",
        )
    for file in files:
        sha256 = file.sha256(target)
        if present.get(file.name) != sha256:
            record = (
                "insert into memoriesdb_system._installed_object (path, sha256) values ("
                f"{_literal(file.name)}, {_bytes(sha256)})\n"
                "on conflict (path) do update set sha256 = excluded.sha256, "
                "applied_at = clock_timestamp();"
            )
            yield Step(file.name, f"{file.rendered(target).rstrip()}\n\n{record}")


def finish(target: Target) -> Iterator[Step]:
    """What the objects need to be of use, and the record that `verify` compares with."""
    yield Step("finish.sql", SqlFile(SQL / "finish.sql").rendered(target))
    yield Step(
        "record the definitions",
        "delete from memoriesdb_system._installed_definition;\n"
        "insert into memoriesdb_system._installed_definition (kind, identity, sha256)\n"
        f"{definitions.sql.decode()};",
    )


def _literal(text: str) -> str:
    if "\\" in text:
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


def _bytes(data: bytes) -> str:
    return f"'\\x{data.hex()}'"
