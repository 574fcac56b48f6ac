"""What others have changes nothing that recall says: no row, no count, no weight of a word.

Every way to ask is asked before and after another user writes the same words many times over, and
vectors that are nearer: the answers are equal to the last digit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from acting import Connection, Database, one, refused
from queues.support import set_setting

LOGINS = ("app", "client")
VECTOR = "[1,2,3,4]"
TEXTS = ("heron in the reeds", "a boat", "heron and boat", "krishnamurthy", "tea", "reeds of May")
QUERIES = ("heron reeds", "Ada: boat", "krishnamurty", "in May 2024", "nothing of it")
INTERNAL = (
    "_count_frequent_terms",
    "_dates_in",
    "_diversified",
    "_fuse",
    "_gather",
    "_index_owner",
    "_nearest",
    "_nearest_by_index",
    "_nearest_exactly",
    "_present_of",
    "_query_terms",
    "_random_waiting_owner",
    "_recall_settings",
    "_rerank",
    "_reranked",
    "_similar_terms",
    "_speaker",
    "_stream_id",
    "index_memories",
)
# What reads them for whoever the session proves, and takes no owner.
OF_THE_SESSION = ("_rank", "_recall_facts")
TABLES = (
    "frequent_terms",
    "memory_documents",
    "memory_terms",
    "memory_vector_indexes",
    "search_counts",
    "search_schedule",
)
ASKED = {
    "recall": "select * from memoriesdb.recall(%(query)s, 50)",
    "recall by meaning": "select * from memoriesdb.recall(%(query)s, 50, %(vector)s)",
    "recall within filters": "select * from memoriesdb.recall(%(query)s, 3, %(vector)s, "
    "kinds => array['note'], stream => 'talk', since => '2024-01-01')",
    "recall of one's own": "select * from memoriesdb.recall(%(query)s, include_shared => false)",
    "recall_batch": "select * from memoriesdb.recall_batch(array[%(query)s, 'boat'], 50)",
    "explain_recall": "select m.id, e.* from memoriesdb.memories as m, lateral "
    "memoriesdb.explain_recall(%(query)s, m.id, 2, %(vector)s) as e order by m.id",
    "build_context": "select * from memoriesdb.build_context(%(query)s, 200)",
    "_rank": "select * from memoriesdb._rank(%(query)s, 50, %(model)s, "
    "%(vector)s::public.halfvec, null, null, null, null, null, null, true, %(watched)s)",
    "_recall_facts": "select * from memoriesdb._recall_facts("
    "%(watched)s, %(query)s, %(model)s, 10)",
}


class Crowd:
    """Alice, who asks; carol, who shares one memory with her; bob, of whom she knows nothing."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users = {name: database.create_user(name) for name in ("alice", "bob", "carol")}
        self.token = database.issue_token(self.users["alice"])
        self.superuser = database.superuser()
        self.model = database.administer(
            "register_embedding_model('m', 'ollama', 'http://127.0.0.1:9', 4)"
        )
        # Own answers count, and are rolled back.
        set_setting(database, "recall_access_boost", "0.1")
        set_setting(database, "recall_importance_boost", "0.1")
        self.write("alice", 1)
        shared = database.remember(self.users["carol"], "heron of carol", stream="talk")
        with database.acting(self.users["carol"]) as db:
            db.execute("select memoriesdb.share(%s, %s)", (shared, self.users["alice"]))
        self.embed("carol", "[4,1,-2,3]")
        self.index()
        self.write("alice", 1, first=4)
        self.watched: UUID = uuid4()

    def write(self, name: str, times: int, first: int = 0, vector: str = "[4,1,-2,3]") -> None:
        """Memories of a user in a stream, with vectors; they wait to be indexed."""
        with self.database.acting(self.users[name]) as db:
            db.execute(
                """
                insert into memoriesdb.memories (content, kind, stream, metadata, occurred_at)
                select t.text, 'note', 'talk', '{"speaker": "Ada"}',
                  '2024-05-01'::timestamptz + t.number * interval '1 hour'
                from generate_series(1, %s), unnest(%s::text[]) with ordinality as t (text, number)
                where t.number > %s
                """,
                (times, list(TEXTS), first),
            )
        self.embed(name, vector)

    def embed(self, name: str, vector: str) -> None:
        """Give what has none a vector."""
        self.superuser.execute(
            "insert into memoriesdb.memory_embeddings "
            "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
            "select m.owner_id, m.id, %s, m.seq, %s::public.halfvec, m.embedding_text_hash "
            "from memoriesdb.memories as m where m.owner_id = %s on conflict do nothing",
            (self.model, vector, self.users[name]),
        )

    def index(self) -> None:
        while one(self.superuser, "select memoriesdb.index_memories()"):
            pass

    def crowd_in(self) -> None:
        """Others write the same and more of it: what waits, and what is indexed."""
        self.write("bob", 60, vector=VECTOR)
        self.write("carol", 10, vector=VECTOR)
        for name in ("bob", "carol"):
            # What waits of alice's goes on waiting.
            index = "select memoriesdb._index_owner(%s, 100000)"
            assert one(self.superuser, index, self.users[name]) != 0
        with self.database.acting(self.users["carol"]) as db:
            db.execute(
                "select memoriesdb.share(id, %s) from (select id from memoriesdb.memories "
                "where owner_id = %s and content ~ 'heron' order by id limit 5) as m",
                (self.users["bob"], self.users["carol"]),
            )
        self.superuser.execute(
            "insert into memoriesdb.frequent_terms (owner_id, term, document_count, of_documents) "
            "select id, 'heron', 999999, 1000000 from memoriesdb.users where id <> %s",
            (self.users["alice"],),
        )
        self.write("bob", 5, vector=VECTOR)
        self.watched = UUID(
            str(
                one(
                    self.superuser,
                    "select id from memoriesdb.memories where owner_id = %s and content like %s "
                    "limit 1",
                    self.users["bob"],
                    "heron%",
                )
            )
        )

    @contextmanager
    def as_alice(self, role: str) -> Iterator[Connection]:
        """Alice by one of the logins; what she does is rolled back."""
        db = self.database.connect(role)
        if role == "client":
            db.execute("select memoriesdb.login(%s)", (self.token,))
        else:
            db.execute("select memoriesdb.set_user(%s)", (self.users["alice"],))
        yield db
        db.rollback()
        db.close()

    def answers(self, role: str) -> dict[tuple[str, str], list[str]]:
        """All that alice can ask, to the last digit."""
        said = {}
        with self.as_alice(role) as db:
            for (way, statement), query in ((w, q) for w in ASKED.items() for q in QUERIES):
                names = {"query": query, "vector": VECTOR, "model": self.model}
                with db.transaction(force_rollback=True):
                    rows = db.execute(
                        f"select row(x.*)::text from ({statement}) as x".encode(),
                        {**names, "watched": self.watched},
                    ).fetchall()
                said[way, query] = [row[0] for row in rows]
        return said


@pytest.fixture
def crowd(database: Database) -> Crowd:
    return Crowd(database)


@pytest.mark.parametrize("role", LOGINS)
def test_every_answer_is_the_same_whatever_others_have(crowd: Crowd, role: str) -> None:
    before = crowd.answers(role)
    assert all(any(before[way, query] for query in QUERIES) for way in ASKED)
    crowd.crowd_in()
    after = crowd.answers(role)
    for asked, rows in before.items():
        assert after[asked] == rows, asked
    everything = "\n".join(row for rows in after.values() for row in rows)
    assert str(crowd.users["bob"]) not in everything
    assert str(crowd.watched) not in everything


def test_of_what_others_have_only_what_they_share_counts(crowd: Crowd) -> None:
    """As if carol had nothing else."""
    crowd.crowd_in()
    before = crowd.answers("app")
    with crowd.database.acting(crowd.users["carol"]) as db:
        db.execute(
            "select memoriesdb.share(id, %s) from memoriesdb.memories "
            "where owner_id = %s and content = 'heron and boat' order by id limit 1",
            (crowd.users["alice"], crowd.users["carol"]),
        )
    after = crowd.answers("app")
    assert after["recall", QUERIES[0]] != before["recall", QUERIES[0]]
    assert after["recall of one's own", QUERIES[0]] == before["recall of one's own", QUERIES[0]]


# A function, a condition in it, and what is left of the condition. Postings and vectors of others
# are not among these: without their condition they are read in vain, and change no answer.
MUTATIONS = {
    "how many documents": ("_gather", "c.owner_id = v_user_id", "true"),
    "whose grants": ("_gather", "a.grantee_id = v_user_id", "true"),
    "counts of words": ("_query_terms", "t.owner_id = _query_terms.owner_id", "true"),
    "words spelt alike": ("_similar_terms", "t.owner_id = _similar_terms.owner_id", "true"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_function_that_forgets_whose_it_is_would_be_seen(crowd: Crowd, mutation: str) -> None:
    name, condition, left = MUTATIONS[mutation]
    defined = str(
        one(crowd.superuser, "select pg_get_functiondef(%s::regproc)", f"memoriesdb.{name}")
    )
    careless = defined.replace(condition, left)
    assert careless != defined
    crowd.superuser.execute(careless.encode())
    before = crowd.answers("app")
    crowd.crowd_in()
    assert crowd.answers("app") != before


@pytest.mark.parametrize("role", LOGINS)
def test_what_reads_the_structures_refuses_users(crowd: Crowd, role: str) -> None:
    found = crowd.superuser.execute(
        """
        select p.proname, array_to_string(array(
          select 'null::' || format_type(a.type, null)
          from unnest(p.proargtypes) with ordinality as a (type, number) order by a.number
        ), ', ')
        from pg_proc as p
        where p.pronamespace = 'memoriesdb'::regnamespace
          and p.prorettype <> 'trigger'::regtype and p.proname <> all(%(asked)s)
          and (p.proname = any(%(names)s) or p.prosrc ~ %(tables)s
            or 'memoriesdb._recall_request'::regtype = any(p.proargtypes))
        """,
        {"names": list(INTERNAL), "tables": "|".join(TABLES), "asked": list(OF_THE_SESSION)},
    ).fetchall()
    assert {name for name, _ in found} >= set(INTERNAL)
    with crowd.as_alice(role) as db:
        for name, arguments in found:
            with db.transaction(force_rollback=True):
                error = refused(db, f"select memoriesdb.{name}({arguments})")
            assert error.sqlstate == "42501", (name, error)


@pytest.mark.parametrize("role", LOGINS)
@pytest.mark.parametrize("table", TABLES)
def test_the_structures_themselves_refuse_users(crowd: Crowd, role: str, table: str) -> None:
    path = sql.Identifier("memoriesdb", table)
    for statement in (
        "select * from {}",
        "select count(*) from {}",
        "explain select 1 from {}",
        "delete from {}",
        "truncate {}",
        "update {} set owner_id = owner_id",
        "insert into {} default values",
        "lock table {}",
        "copy {} to stdout",
    ):
        with crowd.as_alice(role) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(sql.SQL(statement).format(path))
    with crowd.as_alice(role) as db:
        statistics = "select count(*) from pg_stats where tablename = %s"
        crowd.superuser.execute(sql.SQL("analyze {}").format(path))
        assert one(db, statistics, table) == 0


@pytest.mark.parametrize("role", LOGINS)
def test_a_plan_tells_nothing(crowd: Crowd, role: str) -> None:
    def plans() -> list[str]:
        texts = []
        with crowd.as_alice(role) as db:
            # How large the table of all is, a plan tells by its costs.
            for statement in (s for s in ASKED.values() if "memoriesdb.memories" not in s):
                explain = "explain (analyze, verbose, buffers off, timing off, summary off)"
                names = {"query": "heron", "vector": VECTOR, "model": crowd.model}
                with db.transaction(force_rollback=True):
                    rows = db.execute(
                        f"{explain} {statement}".encode(), {**names, "watched": uuid4()}
                    ).fetchall()
                texts.append(re.sub(r"'[0-9a-f-]{36}'", "?", json.dumps(rows)))
        return texts

    before = plans()
    crowd.crowd_in()
    crowd.superuser.execute("analyze memoriesdb.memory_terms, memoriesdb.memory_documents")
    assert plans() == before


@pytest.mark.parametrize("role", LOGINS)
def test_why_not_is_answered_of_a_strangers_memory_as_of_none(crowd: Crowd, role: str) -> None:
    crowd.crowd_in()
    said = []
    for memory_id in (crowd.watched, uuid4()):
        with crowd.as_alice(role) as db:
            error = refused(db, "select * from memoriesdb.explain_recall('heron', %s)", memory_id)
            told = (str(error.diag.message_primary), str(error.diag.message_detail), error.sqlstate)
            said.append([str(part).replace(str(memory_id), "?") for part in told])
    assert said[0] == said[1]
    assert said[0][2] == "MD201"
