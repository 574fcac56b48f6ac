"""Ask whatever the catalogue says can be asked, and keep everything that was answered."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg

from acting import Connection
from reach.lives import Lives

CALLS = 24
WAIT = "set local statement_timeout = '5s'; set local lock_timeout = '1s'"


@dataclass(frozen=True)
class Function:
    """A function that somebody may call."""

    name: str
    types: tuple[str, ...]
    required: int
    is_pure: bool


@dataclass(frozen=True)
class Said:
    """All that came back: SQLSTATE, rows, and every part of messages."""

    state: str | None
    text: str


def relations(db: Connection, schemas: str = "memoriesdb(_system)?") -> list[str]:
    """List the relations of which this login may read some column."""
    rows = db.execute(
        "select format('%%I.%%I', n.nspname, c.relname) from pg_class as c "
        "join pg_namespace as n on n.oid = c.relnamespace "
        "where n.nspname ~ %s and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') "
        "and has_schema_privilege(n.oid, 'usage') and case when c.relkind = 'S' "
        "then has_sequence_privilege(c.oid, 'select') "
        "else has_any_column_privilege(c.oid, 'select') end order by 1",
        (f"^({schemas})$",),
    )
    return [row[0] for row in rows.fetchall()]


def columns(db: Connection, relation: str) -> list[str]:
    """List the columns of a relation that this login may read."""
    rows = db.execute(
        "select quote_ident(attname) from pg_attribute where attrelid = %s::regclass "
        "and attnum > 0 and not attisdropped and has_column_privilege(attrelid, attnum, 'select')",
        (relation,),
    )
    return [row[0] for row in rows.fetchall()]


def functions(db: Connection) -> list[Function]:
    """List the functions that this login may call, but for those of triggers."""
    rows = db.execute(
        "select p.oid::regproc::text, array(select format_type(t, null) from "
        "unnest(p.proargtypes) with ordinality as a (t, n) order by n), "
        "p.pronargs - p.pronargdefaults, p.provolatile = 'i' from pg_proc as p "
        "join pg_namespace as n on n.oid = p.pronamespace "
        "where n.nspname in ('memoriesdb', 'memoriesdb_system') "
        "and has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute') "
        "and p.prorettype <> 'trigger'::regtype and p.prokind = 'f' order by 1, 2"
    )
    return [Function(n, tuple(t), required, pure) for n, t, required, pure in rows.fetchall()]


def arguments(lives: Lives, kind: str, *, is_unknown: bool = False) -> list[str]:
    """List values of a type: of hers among them, or unknown ones in the place of these."""
    users = [*lives.ids["users"][:1], *lives.ids["own"][:1]]
    hers: list[UUID] = [*lives.ids["memories"][:2], *lives.ids["others"]]
    if is_unknown:
        hers = [uuid4() for _ in hers]
    ids = [f"'{i}'" for i in (*users, *hers, *lives.ids["own"][1:])]
    wholes = ", ".join(str(i) for i in hers[:2])
    pool = {
        "uuid": [*ids, "null"],
        "uuid[]": [f"'{{{wholes}}}'", "'{}'", "null"],
        "text": ["'x'", "'read'", "'memories'", "'recall'", "''", "'max_attempts'"],
        "text[]": ["'{read}'", "'{}'", "null"],
        "name": ["'test_client'", "'memories'", "null"],
        "jsonb": ["'{}'", "'[]'", """'[{"content": "x"}]'""", f"""'{{"id": "{hers[0]}"}}'"""],
        "bytea": ["'x'", r"'\x00'", "sha256('x')"],
        "boolean": ["true", "false"],
        "timestamp with time zone": ["'infinity'", "now()", "'-infinity'", "null"],
        "interval": ["'1 day'", "'0'"],
        "vector": ["'[1,0,0]'", "null"],
        "halfvec": ["'[1,0,0]'", "null"],
        "bigint[]": ["'{1,2}'", "'{}'"],
        "integer[]": ["'{1,2}'", "'{}'"],
        "bytea[]": ["'{x}'", "'{}'"],
        "vector[]": ["array['[1,0,0]']", "null"],
    }
    numbers = ["1", "2", "30", "1000000", "0"]
    if kind in ("bigint", "integer", "smallint", "real", "double precision", "numeric"):
        return numbers if kind == "bigint" else ["1", "5", "0"]
    # Of a type that is not in the list, null alone: rows and types of the schema itself.
    return pool.get(kind, ["null"])


def calls(lives: Lives, function: Function, *, is_unknown: bool = False) -> list[str]:
    """Write calls of a function, the same ones in each run, by how many arguments can be given."""
    rng = random.Random(f"{function.name}{function.types}")
    written = []
    for count in range(function.required, len(function.types) + 1):
        pools = [arguments(lives, t, is_unknown=is_unknown) for t in function.types[:count]]
        total = 1
        for pool in pools:
            total *= len(pool)
        if total <= CALLS:
            picked = list(itertools.product(*map(range, map(len, pools))))
        else:
            picked = [tuple(rng.randrange(len(p)) for p in pools) for _ in range(CALLS)]
        for choice in picked:
            values = [f"{pools[n][i]}::{function.types[n]}" for n, i in enumerate(choice)]
            written.append(f"{function.name}({', '.join(values)})")
    rng.shuffle(written)
    return written[:CALLS]


@contextmanager
def opened(dsn: str) -> Iterator[Connection]:
    """Open a connection of a login that is none of the tests' own."""
    with psycopg.connect(dsn, prepare_threshold=None) as db:
        yield db


class Asker:
    """One login, acting as somebody or as nobody; what it does is always rolled back."""

    def __init__(self, db: Connection, become: str = "") -> None:
        self.db = db
        self.become = become
        self.heard: list[str] = []
        db.add_notice_handler(lambda said: self.heard.append(_all_of(said)))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.db.rollback()
        self.db.execute(WAIT)
        if self.become:
            self.db.execute(self.become.encode())
        self.heard.clear()
        try:
            yield
        finally:
            self.db.rollback()

    def ask(self, query: str) -> Said:
        """Ask, and give back everything that was said."""
        with self._transaction():
            try:
                rows = self.db.execute(query.encode()).fetchall()
                state, text = None, "\n".join(map(str, rows))
            except psycopg.Error as error:
                state, text = error.sqlstate, _all_of(error.diag)
            return Said(state, "\n".join([text, *self.heard]))


def _all_of(diagnosis: psycopg.errors.Diagnostic) -> str:
    """Join the parts of a message; the query itself was the asker's."""
    parts = (
        diagnosis.message_primary,
        diagnosis.message_detail,
        diagnosis.message_hint,
        diagnosis.context,
        diagnosis.schema_name,
        diagnosis.table_name,
        diagnosis.column_name,
        diagnosis.constraint_name,
    )
    return "\n".join(part for part in parts if part)


def normalised(said: Said) -> Said:
    """Leave out of an answer what differs by itself: ids, hashes, clocks and what is counted."""
    text = re.sub(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", "ID", said.text)
    return Said(said.state, re.sub(r"[0-9a-f]{16,}|\d+", "N", text))
