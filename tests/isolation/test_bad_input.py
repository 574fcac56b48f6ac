"""What bad input gets: a code, what is wrong, what to do next, and nothing half done."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database

UNKNOWN = "'00000000-0000-7000-8000-000000000000'::uuid"
BYTES = "repeat('x', 262145)"
# The function's arguments, or a whole statement; {own} is a memory of the user, {bob} another user.
CASES = [
    ("MD101", "remember(null)"),
    ("MD101", "remember('')"),
    ("MD101", r"remember(E' \n\t\r ')"),
    ("MD102", f"remember({BYTES})"),
    ("MD102", "remember(repeat('€', 90000))"),
    ("MD102", f"remember('x', metadata => jsonb_build_object('a', {BYTES}))"),
    ("MD103", "remember('x', 'Two Words')"),
    ("MD103", "remember('x', '')"),
    ("MD103", "remember('x', null)"),
    ("MD103", "remember('x', repeat('k', 64))"),
    ("MD103", "remember('x', 'ünïcode')"),
    ("MD104", "remember('x', metadata => '[]')"),
    ("MD104", "remember('x', metadata => '\"text\"')"),
    ("MD104", "remember('x', metadata => 'null')"),
    ("MD104", "remember('x', metadata => null)"),
    ("MD105", "remember('x', importance => -0.01)"),
    ("MD105", "remember('x', importance => 1.01)"),
    ("MD105", "remember('x', importance => 'NaN')"),
    ("MD105", "remember('x', importance => 'infinity')"),
    ("MD105", "remember('x', importance => null)"),
    ("MD106", "remember('x', occurred_at => 'infinity')"),
    ("MD106", "remember('x', occurred_at => '-infinity')"),
    ("MD106", "remember('x', expires_at => 'infinity')"),
    ("MD110", "remember('x', stream => '')"),
    ("MD110", "remember('x', stream => repeat('s', 1001))"),
    ("MD107", "remember_many(null)"),
    ("MD107", "remember_many('null')"),
    ("MD107", """remember_many('{"content": "x"}')"""),
    ("MD107", "remember_many('[1]')"),
    ("MD107", "remember_many('[[]]')"),
    ("MD107", """remember_many('[{"content": "x", "id": "y"}]')"""),
    ("MD107", """remember_many('[{"content": "x"}, {"content": "x", "trust": 1}]')"""),
    ("MD101", """remember_many('[{"content": "kept?"}, {"content": ""}]')"""),
    ("MD101", "remember_many('[{}]')"),
    ("MD105", """remember_many('[{"content": "kept?"}, {"content": "x", "importance": 2}]')"""),
    ("MD101", "recall(null)"),
    ("MD101", "recall(' ')"),
    ("MD102", f"recall({BYTES})"),
    ("MD108", "recall('x', 0)"),
    ("MD108", "recall('x', -1)"),
    ("MD108", "recall('x', 1001)"),
    ("MD108", "recall('x', 2147483647)"),
    ("MD108", "recall('x', null)"),
    ("MD104", "recall('x', metadata_filter => '[]')"),
    ("MD109", "recall('x', query_embedding => '[1,0]')"),
    ("MD109", "recall('x', query_embedding => '[0,0,0]')"),
    ("MD101", "embed_query(null)"),
    ("MD101", "embed_query('')"),
    ("MD102", f"embed_query({BYTES})"),
    ("MD510", "use_embedding_model('no such model')"),
    ("MD510", "use_embedding_model('')"),
    ("MD201", f"link({{own}}, {UNKNOWN})"),
    ("MD201", "link({own}, null)"),
    ("MD203", "link({own}, {own})"),
    ("MD103", "link({own}, {second}, 'Not A Word')"),
    ("MD105", "link({own}, {second}, weight => 1.5)"),
    ("MD105", "link({own}, {second}, weight => 'NaN')"),
    ("MD104", "link({own}, {second}, metadata => '[]')"),
    ("MD201", f"neighbors({UNKNOWN})"),
    ("MD108", "neighbors({own}, 0)"),
    ("MD108", "neighbors({own}, 11)"),
    ("MD108", "neighbors({own}, max_nodes => 0)"),
    ("MD108", "neighbors({own}, max_nodes => 10001)"),
    ("MD201", f"share({UNKNOWN}, {{bob}})"),
    ("MD002", f"share({{own}}, {UNKNOWN})"),
    ("MD002", "share({own}, null)"),
    ("MD301", "share({own}, {alice})"),
    ("MD302", "share({own}, {bob}, 'own')"),
    ("MD302", "share({own}, {bob}, null)"),
    ("MD106", "share({own}, {bob}, 'read', '2001-01-01')"),
    ("MD106", "share({own}, {bob}, 'read', '-infinity')"),
    ("MD201", f"transfer({UNKNOWN}, {{bob}})"),
    ("MD002", f"transfer({{own}}, {UNKNOWN})"),
    ("MD304", "transfer({own}, {alice})"),
    ("MD106", "as_of(null)"),
    ("MD002", f"set_user({UNKNOWN})"),
    ("MD507", "_setting('no such setting')"),
    # Types have errors of their own, before a function is called.
    ("22021", r"remember(E'a\x00b')"),
    ("22021", r"remember(E'\xc3\x28')"),
    ("22P05", r"""remember('x', metadata => '{{"a": "\u0000"}}')"""),
    ("22P02", "remember('x', metadata => '{{\"a\":')"),
    ("22003", "remember('x', importance => '1e400')"),
    ("22008", "remember('x', occurred_at => '300000-01-01')"),
    ("22007", "remember('x', occurred_at => 'some day')"),
    ("42883", "recall('x', 2147483648)"),
    (
        "MD107",
        """remember_many('[{"content": "kept?"}, {"content": "x", "importance": "high"}]')""",
    ),
    (
        "MD107",
        """remember_many('[{"content": "kept?"}, {"content": "x", "occurred_at": "soon"}]')""",
    ),
    ("22000", "recall('x', query_embedding => '[NaN,0,0]')"),
    ("22000", "recall('x', query_embedding => '[Infinity,0,0]')"),
    ("22P02", "forget('not an id')"),
]
STATEMENTS = [
    ("MD101", "insert into memoriesdb.memories default values"),
    ("MD105", "insert into memoriesdb.memories (content, trust) values ('x', 2)"),
    ("MD101", "insert into memoriesdb.memories (content) values ('kept?'), ('')"),
    ("MD101", "update memoriesdb.memories set content = null"),
    ("MD105", "update memoriesdb.memories set trust = 'NaN'"),
    ("MD106", "update memoriesdb.memories set occurred_at = null"),
    ("MD106", "update memoriesdb.memories set forgotten_at = 'infinity'"),
    ("MD203", "insert into memoriesdb.memory_edges (source_id, target_id) values ({own}, {own})"),
    (
        "23503",
        f"insert into memoriesdb.memory_edges (source_id, target_id) values ({{own}}, {UNKNOWN})",
    ),
    ("23502", "insert into memoriesdb.memory_edges (source_id) values ({own})"),
    ("MD105", "update memoriesdb.memory_edges set weight = 2"),
]


@pytest.fixture
def own(database: Database, alice: UUID) -> dict[str, UUID]:
    """Two linked memories, and an active model of three dimensions at no address."""
    with database.connect("admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://127.0.0.1:1', 3)"
        )
    ids = {name: database.remember(alice, name) for name in ("own", "second")}
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s, 'next')", list(ids.values()))
    return ids


def _everything(database: Database) -> list[tuple[object, ...]]:
    """Rows of every table that a user's write may touch, the log of accesses aside."""
    tables = (
        "memories",
        "memory_versions",
        "memory_edges",
        "memory_grants",
        "memory_embeddings",
        "embedding_schedule",
        "vindexing_schedule",
        "audit_log",
        "audit_payloads",
        "query_embeddings",
    )
    db = database.superuser()
    return [
        (table, row)
        for table in tables
        for row in db.execute(f"select t::text from memoriesdb.{table} as t order by 1").fetchall()
    ]


def test_each_case_has_its_code_and_nothing_is_half_done(
    database: Database, alice: UUID, bob: UUID, own: dict[str, UUID]
) -> None:
    """In one transaction for each, which commits what it can: a savepoint before the call."""
    ids = {name: f"'{value}'::uuid" for name, value in (own | {"alice": alice, "bob": bob}).items()}
    before = _everything(database)
    wrong = []
    calls = [(code, f"select memoriesdb.{call}") for code, call in CASES]
    for code, statement in calls + STATEMENTS:
        text = statement
        for name, value in ids.items():
            text = text.replace(f"{{{name}}}", value)
        with database.acting(alice) as db:
            try:
                with db.transaction():
                    db.execute(text.replace("{{", "{").replace("}}", "}").encode())
                wrong.append((text[:80], "no error"))
            except psycopg.Error as error:
                if error.sqlstate != code:
                    wrong.append((text[:80], f"{error.sqlstate} {error}"))
                elif code.startswith("MD") and not error.diag.message_hint:
                    wrong.append((text[:80], "no hint"))
    assert wrong == []
    assert _everything(database) == before


ADMIN = [
    ("MD110", "create_user('')"),
    ("MD110", "create_user(null)"),
    ("MD110", "create_user(' blank ')"),
    ("MD110", "create_user(repeat('x', 201))"),
    ("MD110", "create_user('x', 'no address')"),
    ("MD111", "create_user('x', role => 'root')"),
    ("MD111", "create_user('x', role => null)"),
    ("MD005", "create_user('alice')"),
    ("MD002", f"deactivate_user({UNKNOWN})"),
    ("MD002", f"map_db_role({UNKNOWN}, null)"),
    ("MD006", "map_db_role(memoriesdb.user_id('alice'), 'nobody')"),
    ("MD507", "set_setting('no such setting', '1')"),
    ("MD110", "set_setting('max_attempts', '\"many\"')"),
    ("MD110", "set_setting('max_attempts', '0')"),
    ("MD110", "set_setting('max_attempts', null)"),
    ("MD110", "set_setting('search_language', '\"klingon\"')"),
    ("MD110", "set_setting('search_language', 'german')"),
    ("MD110", "set_setting('max_attempts', '{')"),
    ("MD110", "set_setting('max_attempts', '{'::varchar)"),
    ("MD110", "set_setting('max_attempts', 'true')"),
    ("MD110", "register_embedding_model('n', 'nobody', 'http://h', 3)"),
    ("MD110", "register_embedding_model('n', 'ollama', 'file:///etc/passwd', 3)"),
    ("MD110", "register_embedding_model('n', 'ollama', 'http://user:secret@h', 3)"),
    ("MD110", r"register_embedding_model('n', 'ollama', E'http://h\nHost: x', 3)"),
    ("MD108", "register_embedding_model('n', 'ollama', 'http://h', 0)"),
    ("MD108", "register_embedding_model('n', 'ollama', 'http://h', 4001)"),
    ("MD108", "add_embedding_model('n', 'ollama', 'http://h', 3, max_concurrency => 0)"),
    ("MD005", "add_embedding_model('m', 'ollama', 'http://h', 4)"),
    ("MD108", "queue_backfill('m', 0)"),
    ("MD510", "queue_backfill('n')"),
    ("MD510", "queue_backfill(null)"),
    ("MD510", "embedding_model_status('n')"),
    ("MD510", "switch_embedding_model('n')"),
    ("MD108", "switch_embedding_model('m', 'NaN')"),
    ("MD108", "switch_embedding_model('m', null)"),
    ("MD510", "drop_embedding_model('n')"),
    ("MD512", "drop_embedding_model('m')"),
    ("MD108", "drop_embedding_model('m', pages => 0)"),
    ("MD110", "maintain_audit_partitions(0)"),
]
WORKER = [
    ("MD110", "claim_embeddings(null, 1)"),
    ("MD110", "claim_embeddings('', 1)"),
    ("MD108", "claim_embeddings('w', 0)"),
    ("MD108", "claim_embeddings('w', 1001)"),
    ("MD108", "claim_embeddings('w', 1, '0')"),
    ("MD108", "claim_embeddings('w', 1, '2 hours')"),
    ("MD108", "claim_vindexing('w', 0)"),
    ("MD110", "complete_embeddings('w', '{1}', '{}', '{}', '{}')"),
    ("MD110", "worker_heartbeat('w', 'embedding', 'one')"),
    ("MD506", "worker_heartbeat('w', 'embedding', '0.0.1')"),
]


@pytest.mark.parametrize(("role", "cases"), [("admin", ADMIN), ("worker", WORKER)])
def test_services_get_codes_and_hints_too(
    database: Database, own: dict[str, UUID], role: str, cases: list[tuple[str, str]]
) -> None:
    assert own
    before = _everything(database)
    db = database.connect(role)
    wrong = []
    for code, call in cases:
        try:
            db.execute(f"select memoriesdb.{call}")
            wrong.append((call, "no error"))
        except psycopg.Error as error:
            if error.sqlstate != code or not error.diag.message_hint:
                wrong.append((call, f"{error.sqlstate} {error}"))
        db.rollback()
    assert wrong == []
    assert _everything(database) == before


def test_good_settings_are_taken(database: Database) -> None:
    with database.connect("admin") as db:
        for key, value in (
            ("search_language", '"german"'),
            ("embedding_template", '"{content} ({speaker}, {date})"'),
            ("max_attempts", "100"),
            ("recall_fuzzy_weight", "0"),
        ):
            db.execute("select memoriesdb.set_setting(%s, %s)", (key, value))
            kept = db.execute("select value::text from memoriesdb.settings where key = %s", (key,))
            assert kept.fetchone() == (value,)


def test_extremes_that_are_good_input(database: Database, alice: UUID) -> None:
    texts = {
        "longest": "word " * 52_428 + "last",
        "one word": "x" * 262_144,
        "no word": "!? …",
        "emoji": "👩‍👩‍👧 \u202e\u0000".replace("\u0000", ""),
        "quotes": "'; drop table memories; -- \\ \" $$ %s {0}",
        "lexemes": r"a\b 'c' d:* (e) f & g | !h <-> i",
    }
    for text in texts.values():
        database.remember(alice, text)
    with database.acting(alice) as db:
        for text in texts.values():
            query = text[:50]
            db.execute("select * from memoriesdb.recall(%s, 1000)", (query,)).fetchall()
        for arguments in (
            "kinds => '{}'",
            "kinds => array[null]::text[]",
            "since => 'infinity'",
            "since => '2024-01-02', until => '2024-01-01'",
            "min_score => 'NaN'",
            "stream => 'nothing'",
        ):
            found = db.execute(f"select * from memoriesdb.recall('x', 1000, {arguments})")
            assert found.fetchall() == [], arguments
        for time in ("4713-01-01 BC", "294276-12-31 23:59:59"):
            db.execute(
                "select memoriesdb.remember('edge of time', occurred_at => %s, "
                'metadata => \'{"speaker": "Ada"}\')',
                (time,),
            )
        assert db.execute("select * from memoriesdb.remember_many('[]')").fetchall() == []
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
