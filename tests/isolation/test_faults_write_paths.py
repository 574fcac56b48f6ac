"""Whatever a function writes is in the audit: counted by the server, and not by our own triggers.

The functions come from the catalogue, so that what is added later is called, too; what a call
writes is told by the server's statistics of the transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from reach import asking
from reach.lives import Lives, live

from acting import Connection, NewDatabase

# Logs, queues, marks, caches, what search derives from memories, and the ledger itself: as in the
# lint changes_are_audited.
NOT_AUDITED = {
    "access_log",
    "api_token_uses",
    "audit_log",
    "audit_payloads",
    "embedding_batches",
    "embedding_schedule",
    "frequent_terms",
    "ledger_archives",
    "ledger_blocks",
    "ledger_leaves",
    "ledger_state",
    "memory_documents",
    "memory_terms",
    "idempotency_keys",
    "memory_vector_indexes",
    "memory_versions",
    "query_embeddings",
    "search_counts",
    "search_schedule",
    "vindexing_schedule",
    "worker_heartbeats",
}
# Somebody's calls must write, or this proves nothing.
WRITERS = {
    "add_owner_key",
    "create_user",
    "deactivate_user",
    "erase",
    "erase_user",
    "forget",
    "hold",
    "issue_token",
    "link",
    "map_db_role",
    "release",
    "remember",
    "remember_many",
    "revoke_token",
    "rotate_signing_key",
    "share",
    "transfer",
}


@pytest.fixture(scope="module")
def lives(new_database: NewDatabase) -> Iterator[Lives]:
    """Bob, and Alice with something everywhere; whatever is called is rolled back."""
    with new_database() as database:
        yield live(database)


def _written(db: Connection) -> Counter[str]:
    """Count the rows that this transaction has written until now, by table."""
    rows = db.execute(
        "select regexp_replace(relname, '_(default|[0-9]{6})$', ''), "
        "n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_all_tables "
        "where schemaname = 'memoriesdb'"
    )
    written = Counter[str]()
    for table, count in rows.fetchall():
        written[table] += count
    return written


def _call(db: Connection, become: str, call: str) -> Counter[str] | None:
    """Call in a transaction that is rolled back; give back what it wrote, None where it failed."""
    try:
        db.execute(asking.WAIT)
        if become:
            db.execute(become.encode())
        before = _written(db)
        db.execute(f"select * from {call}".encode())
        return _written(db) - before
    except psycopg.Error:
        return None
    finally:
        db.rollback()


def _callers(lives: Lives) -> dict[str, tuple[Connection, str]]:
    bob = f"select memoriesdb.set_user('{lives.ids['own'][0]}')"
    database = lives.database
    return {
        "bob": (database.connect("app"), bob),
        "bob's client": (
            database.connect("client"),
            f"select memoriesdb.login('{lives.tokens['bob']}')",
        ),
        "an admin's client": (
            database.connect("client"),
            f"select memoriesdb.login('{lives.tokens['admin']}')",
        ),
        **{role: (database.connect(role), "") for role in ("worker", "admin", "auditor")},
    }


def _found(lives: Lives) -> tuple[set[str], list[str]]:
    """Give back which functions wrote what is audited, and the calls that wrote more than that."""
    writers, silent = set[str](), list[str]()
    for who, (db, become) in _callers(lives).items():
        for function in asking.functions(db):
            for call in _calls(lives, function):
                written = _call(db, become, call) or Counter[str]()
                audited = sum(n for table, n in written.items() if table not in NOT_AUDITED)
                if audited:
                    writers.add(function.name.removeprefix("memoriesdb."))
                if audited > written["audit_log"]:
                    silent.append(f"{who}: {call} wrote {dict(written)}")
    return writers, silent


def _calls(lives: Lives, function: asking.Function) -> list[str]:
    """Write calls, some with what the caller owns in the first place."""
    bob, *his = lives.ids["own"]
    calls = asking.calls(lives, function)
    types = [t for t in function.types[: function.required] if t == "uuid"]
    if types and len(types) == function.required:
        own = [*his, lives.ids["users"][0]] if len(types) == 2 else his
        for first in (*his, bob):
            rest = [v for v in own if v != first][: len(types) - 1]
            for last in own:
                values = [first, *rest[:-1], *([last] if len(types) > 1 else [])]
                calls.append(f"{function.name}({', '.join(repr(str(v)) for v in values)})")
    return calls


def test_whatever_a_function_writes_is_audited(lives: Lives) -> None:
    writers, silent = _found(lives)
    assert silent == []
    assert writers >= WRITERS


def test_a_write_that_is_not_audited_is_found(lives: Lives) -> None:
    """Shows that the test above can fail: by a trigger that is off, and by a way round it."""
    superuser = lives.database.superuser()
    superuser.execute("alter table memoriesdb.memory_edges disable trigger _900_audit_insert")
    try:
        assert any("memoriesdb.link(" in call for call in _found(lives)[1])
    finally:
        superuser.execute(
            "alter table memoriesdb.memory_edges enable always trigger _900_audit_insert"
        )
