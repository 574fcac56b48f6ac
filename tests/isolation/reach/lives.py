"""A user who has something in every table there is, beside one who asks about it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import psycopg

from acting import Database
from reach.secrets import CANARY, secrets_of

# What she leaves nothing in that could be known again: settings, numbers, states.
UNTOUCHED = {
    "memoriesdb.ledger_archives",
    "memoriesdb.settings",
    "memoriesdb.embedding_models",
    "memoriesdb.ledger_state",
    "memoriesdb.embedding_batches",
    "memoriesdb.vindexing_schedule",
    "memoriesdb.worker_heartbeats",
}
# Hashes that everybody may read, of which nothing can be guessed: salted, or over the salted.
PUBLIC = {"memoriesdb.ledger_blocks"}
# Ids and salted commitments, users, why something is held, and what went wrong with a job.
SERVICES_READ = (
    "audit_log",
    "access_log",
    "users",
    "memory_holds",
    "embedding_schedule",
    "memory_vector_indexes",
    "api_token_uses",
)
SERVICES_DO_NOT_READ = (
    "memories",
    "memory_versions",
    "audit_payloads",
    "signing_keys",
    "api_tokens",
    "owner_keys",
    "query_embeddings",
    "memory_documents",
    "memory_terms",
    "frequent_terms",
    "search_schedule",
    "search_counts",
    "idempotency_keys",
)


@dataclass
class Lives:
    """Ids, tokens and secrets of those who are there."""

    database: Database
    ids: dict[str, list[UUID]]
    tokens: dict[str, str]
    secrets: dict[str, set[str]]

    @property
    def all(self) -> set[str]:
        """Every secret."""
        return set().union(*self.secrets.values())

    @property
    def contents(self) -> set[str]:
        """What no service reads either: texts, and what they could be guessed from; keys."""
        told = set().union(*(self.secrets[f"memoriesdb.{table}"] for table in SERVICES_READ))
        labels = {s for s in self.secrets["memoriesdb.api_tokens"] if s.startswith(CANARY)}
        held = (self.secrets[f"memoriesdb.{table}"] for table in SERVICES_DO_NOT_READ)
        return set().union(*held) - told - labels


def _issue(db: psycopg.Connection[tuple[object, ...]], user: UUID, scopes: str, label: str) -> str:
    row = db.execute(
        "select memoriesdb.issue_token(%s, scopes => %s, label => %s)", (user, scopes, label)
    ).fetchone()
    assert row is not None
    return str(row[0])


def _embed(database: Database) -> None:
    with database.connect("worker") as worker:
        jobs = worker.execute(
            "select job_id, lease_token, text_hash from memoriesdb.claim_embeddings('w', 2)"
        ).fetchall()
        columns = [list(column) for column in zip(*jobs, strict=True)]
        worker.execute(
            "select * from memoriesdb.complete_embeddings('w', %s, %s, %s, "
            "array['[1,0,0]', '[0,1,0]']::vector[])",
            columns,
        )


def _index(database: Database, count: int) -> None:
    with database.connect("worker") as worker:
        row = worker.execute("select memoriesdb.index_memories(%s)", (count,)).fetchone()
        assert row == (count,)


def _live(database: Database, alice: UUID, carol: UUID, service: UUID) -> list[UUID]:
    """Do everything that leaves rows."""
    memories = [
        database.remember(
            alice, f"{CANARY}a{n}", stream=f"{CANARY}b", metadata=f'{{"speaker": "{CANARY}c"}}'
        )
        for n in range(4)
    ]
    _index(database, len(memories))
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember_many('[]', %s)", (f"{CANARY}k",))
        db.execute("select set_config('app.reason', %s, true)", (f"{CANARY}d",))
        db.execute("set local application_name = 'zebracrossingapp'")
        db.execute("update memoriesdb.memories set content = content || ' anew'")
        db.execute("select memoriesdb.link(%s, %s, %s)", (*memories[:2], f"{CANARY}e"))
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memories[0], carol))
        db.execute("delete from memoriesdb.memories where id = %s", (memories[3],))
        db.execute(
            "select * from memoriesdb.recall(%s, query_embedding => '[1,0,0]')", (f"{CANARY}a0",)
        )
    with database.acting(carol) as db:
        db.execute("update memoriesdb.memories set importance = 1")
    _embed(database)
    # One of three waits.
    _index(database, 2)
    with database.connect("admin") as admin:
        admin.execute("select memoriesdb.assign_service(%s, %s)", (service, alice))
        admin.execute("select memoriesdb.hold(%s, %s)", (memories[1], f"{CANARY}f"))
    with database.superuser() as db:
        db.execute(
            "select memoriesdb._refresh_graph_slice(s::smallint) from generate_series(0, 15) as s"
        )
        db.execute("update memoriesdb.embedding_schedule set last_error = %s", (f"{CANARY}g",))
        db.execute(
            "insert into memoriesdb.owner_keys (owner_id, key_id, wrapped_key, provider, "
            "provider_key, created_at) values (%s, 1, sha256('k'), 'keyring', %s, now())",
            (alice, f"{CANARY}h"),
        )
        db.execute(
            "insert into memoriesdb.query_embeddings (owner_id, model_id, query_hash, embedding) "
            "select %s, id, sha256('q'), '[1,0,0]' from memoriesdb.embedding_models",
            (alice,),
        )
        db.execute(
            "insert into memoriesdb.frequent_terms (owner_id, term, document_count, of_documents) "
            "values (%s, %s, 2000, 10000)",
            (alice, f"{CANARY}i"),
        )
        db.execute(
            "insert into memoriesdb.memory_vector_indexes (owner_id, model_id, generation, state, "
            "dimensions, row_count, last_error) select %s, id, 1, 'failed', 3, 10000, %s "
            "from memoriesdb.embedding_models",
            (alice, f"{CANARY}j"),
        )
        db.execute("select memoriesdb.seal_ledger()")
    return memories[:3]


def live(database: Database) -> Lives:
    """Let Bob be there first: what comes to the tables after him is not his."""
    with database.connect("admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://127.0.0.1:1', 3)"
        )
        # With the tokens' limits on, what they are counted by is there as well.
        db.execute("select memoriesdb.set_setting('token_writes_per_minute', '1000')")
        db.execute("select memoriesdb.set_setting('token_recalls_per_minute', '1000')")
    bob = database.create_user("bob")
    admin_user = database.create_user("root", "admin")
    his = [database.remember(bob, f"his {n}") for n in range(2)]
    _index(database, len(his))
    with database.connect("admin") as db:
        tokens = {"bob": _issue(db, bob, "{read,write,share}", "his")}
        tokens["admin"] = _issue(db, admin_user, "{read,write,share,admin}", "root's")
    _embed(database)
    known = set().union(*secrets_of(database).values())
    alice = database.create_user(f"{CANARY}alice")
    carol = database.create_user(f"{CANARY}carol")
    service = database.create_user(f"{CANARY}service", "service")
    hers = _live(database, alice, carol, service)
    with database.connect("admin") as db:
        token = _issue(db, alice, "{read,write}", f"{CANARY}label")
    with psycopg.connect(database.dsn("client"), prepare_threshold=None) as client:
        client.execute("select memoriesdb.login(%s)", (token,))
    secrets = {table: found - known for table, found in secrets_of(database).items()}
    public = set().union(*(secrets[table] for table in PUBLIC))
    secrets = {t: s - public for t, s in secrets.items() if t not in PUBLIC}
    # Nobody reads a key, whenever it was made.
    secrets["memoriesdb.signing_keys"] = secrets_of(database)["memoriesdb.signing_keys"]
    ids = {
        "users": [alice, carol, service],
        "memories": hers,
        "others": _ids(database),
        "own": [bob, *his],
    }
    return Lives(database, ids, tokens, secrets)


def _ids(database: Database) -> list[UUID]:
    """Ids of hers that are neither users' nor memories'."""
    rows = database.superuser().execute(
        "select id from memoriesdb.memory_holds union all "
        "select id from memoriesdb.api_tokens where label like %s",
        (f"{CANARY}%",),
    )
    return [row[0] for row in rows.fetchall()]
