"""The parts of a write to memories, each with how to switch it off and on again.

By a superuser, in a database of the benchmark's own: what is switched off is a guarantee.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString, NamedTuple

from psycopg import sql

from bench.access_log_cost import Connection

TABLES = (
    *("memories", "memory_documents", "search_schedule", "embedding_schedule"),
    *("audit_log", "audit_payloads"),
)
# What the trigger `stamp` fills, by values that cost nothing.
USER: LiteralString = "current_setting('app.current_user')::uuid"
DEFAULTS: dict[str, LiteralString] = {
    "owner_id": USER,
    "id": "gen_random_uuid()",
    "content_hash": "decode(repeat('00', 32), 'hex')",
    "embedding_text_hash": "decode(repeat('00', 32), 'hex')",
    "version": "1",
    "created_by": USER,
    "updated_by": USER,
    "created_at": "clock_timestamp()",
    "updated_at": "clock_timestamp()",
    "occurred_at": "clock_timestamp()",
    "search": "'''basel'':8 ''card'':22 ''friday'':10 ''number'':31 ''prefer'':12 ''quiet'':19 "
    "''seat'':14 ''send'':28 ''tomorrow'':32 ''train'':6 ''user'':2 ''window'':17'::tsvector",
}


class Part(NamedTuple):
    """One part of a write: what switches it off, and what switches it on again."""

    name: str
    off: list[sql.Composable]
    on: list[sql.Composable]


def of_triggers(name: str, *triggers: str) -> Part:
    """Return the part that some triggers are."""
    alter = "alter table memoriesdb.memories {} trigger {}"
    return Part(
        name,
        [sql.SQL(alter).format(sql.SQL("disable"), sql.Identifier(t)) for t in triggers],
        [sql.SQL(alter).format(sql.SQL("enable always"), sql.Identifier(t)) for t in triggers],
    )


def stamp() -> Part:
    """Return the trigger of each row; what it fills are defaults meanwhile."""
    trigger = of_triggers("stamp: id, hash, words, checks of the row", "_100_stamp")
    column = "alter table memoriesdb.memories alter column {} "
    return Part(
        trigger.name,
        [
            *(
                sql.SQL(column + "set default {}").format(sql.Identifier(name), sql.SQL(default))
                for name, default in DEFAULTS.items()
            ),
            *trigger.off,
        ],
        [
            *(sql.SQL(column + "drop default").format(sql.Identifier(name)) for name in DEFAULTS),
            *trigger.on,
        ],
    )


def foreign_keys(superuser: Connection) -> Part:
    """Return the foreign keys of the tables that a write fills."""
    rows = superuser.execute(
        "select k.conrelid::regclass::text, quote_ident(k.conname), pg_get_constraintdef(k.oid) "
        "from pg_constraint as k join pg_class as c on c.oid = k.conrelid "
        "where k.contype = 'f' and c.relnamespace = 'memoriesdb'::regnamespace "
        "and c.relname = any (%s)",
        (list(TABLES),),
    ).fetchall()
    return Part(
        "foreign keys",
        [sql.SQL(f"alter table {t} drop constraint {name}") for t, name, _ in rows],
        [
            sql.SQL(f"alter table {t} add constraint {name} {definition} not valid")
            for t, name, definition in rows
        ],
    )


def indexes(superuser: Connection) -> Part:
    """Return the indexes that are there to read by; those of keys stay."""
    rows = superuser.execute(
        "select i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ONLY ', ' ')"
        " from pg_index as i join pg_class as c on c.oid = i.indrelid "
        "where c.relnamespace = 'memoriesdb'::regnamespace and c.relname = any (%s) "
        # By the turn the queue itself finds the end of an owner's line.
        "and not i.indisunique and pg_get_indexdef(i.indexrelid) !~ 'turn'",
        (list(TABLES),),
    ).fetchall()
    return Part(
        f"indexes beside the keys ({len(rows)})",
        [sql.SQL(f"drop index {name}") for name, _ in rows],
        [sql.SQL(str(definition)) for _, definition in rows],
    )


def parts(superuser: Connection) -> list[Part]:
    """Return the parts; those that act on UPDATE and DELETE alone cost an INSERT nothing."""
    table = "alter table memoriesdb.memories {} row level security"
    return [
        stamp(),
        of_triggers("audit: state, salt, commitment", "_900_audit_insert"),
        of_triggers("search structures", "_500_search_insert"),
        of_triggers("embedding queue", "_910_queue_embedding_insert"),
        Part(
            "row-level security",
            [sql.SQL(table).format(sql.SQL("disable"))],
            [sql.SQL(table).format(sql.SQL("enable"))],
        ),
        of_triggers(
            "who writes, before and after", "_100_require_user", "_500_require_user_insert"
        ),
        foreign_keys(superuser),
        indexes(superuser),
    ]


@contextmanager
def without(superuser: Connection, switched: list[Part]) -> Iterator[None]:
    """Switch parts off, and on again in the end."""
    for part in switched:
        for statement in part.off:
            superuser.execute(sql.Composed([statement]))
    yield
    for part in switched:
        for statement in part.on:
            superuser.execute(sql.Composed([statement]))
