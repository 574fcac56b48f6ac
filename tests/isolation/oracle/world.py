"""Generated data: users of all roles, and all that hangs on their memories."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import strategies as st

from acting import Database

# A viewer and an admin have memories from before they became that; the last one is deactivated.
ROLES = ("user", "user", "service", "viewer", "admin", "user")
USERS = range(len(ROLES))
DEACTIVATED = USERS[-1]
SERVICE, SERVED = 2, 0
# How many of the memories a query can name.
MEMORIES = 20
WORDS = ("tea", "a long walk", "tea again", "naïve café", "it's 5 o'clock; --")
KINDS = ("note", "fact")
STREAMS = ("s", "t", None)
RELATIONS = ("near", "likes")
MODEL = "select id from memoriesdb.embedding_models"
SCOPES = {"all": "read,write,share", "read": "read", "write": "write,share"}


@dataclass(frozen=True)
class Memory:
    """How a memory is written, and what becomes of it."""

    owner: int
    word: str
    kind: str
    stream: str | None
    importance: float
    fate: str
    edits: int
    is_embedded: bool


@dataclass(frozen=True)
class Grant:
    """Of the memory at this place, to this user."""

    memory: int
    grantee: int
    privilege: str
    expires: str | None


@dataclass(frozen=True)
class World:
    """What there is before the queries run."""

    memories: list[Memory]
    grants: list[Grant]
    edges: list[tuple[int, int, str]]
    holds: list[int]
    recalls: list[tuple[int, str]]


@dataclass
class Built:
    """The ids and tokens of a world in a database."""

    users: list[UUID] = field(default_factory=list)
    memories: list[UUID] = field(default_factory=list)
    tokens: dict[tuple[int, str], str] = field(default_factory=dict)


_memories = st.builds(
    Memory,
    owner=st.sampled_from(USERS),
    word=st.sampled_from(WORDS),
    kind=st.sampled_from(KINDS),
    stream=st.sampled_from(STREAMS),
    importance=st.sampled_from((0.25, 0.5, 1.0)),
    fate=st.sampled_from(("live", "live", "live", "expired", "expiring", "forgotten", "deleted")),
    edits=st.integers(0, 2),
    is_embedded=st.booleans(),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world in which each user has something."""
    memories = draw(st.lists(_memories, min_size=8, max_size=24))
    # Two of each who may write, so that there are edges and grants at all.
    memories += [
        Memory(owner, word, "note", "s", 0.5, "live", 1, True)
        for owner in USERS
        for word in ("tea", f"of {owner}")
    ]
    places = st.integers(0, len(memories) - 1)
    grants = st.builds(
        Grant,
        places,
        st.sampled_from(USERS),
        st.sampled_from(("read", "write")),
        st.sampled_from((None, None, "future", "past")),
    )
    return World(
        memories,
        draw(st.lists(grants, min_size=10, max_size=24)),
        draw(st.lists(st.tuples(places, places, st.sampled_from(RELATIONS)), max_size=30)),
        draw(st.lists(places, max_size=2)),
        draw(st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(WORDS)), max_size=6)),
    )


def _remember(database: Database, world: World, built: Built) -> None:
    for owner in USERS:
        with database.acting(built.users[owner]) as db:
            for place, memory in enumerate(world.memories):
                if memory.owner != owner:
                    continue
                row = db.execute(
                    "insert into memoriesdb.memories (content, kind, stream, importance) "
                    "values (%s, %s, %s, %s) returning id",
                    (memory.word, memory.kind, memory.stream, memory.importance),
                ).fetchone()
                assert row is not None
                built.memories[place] = row[0]
                for edit in range(memory.edits):
                    db.execute(
                        "update memoriesdb.memories set content = content || %s where id = %s",
                        (f" {edit}", row[0]),
                    )


def _grant(database: Database, world: World, built: Built) -> None:
    for grant in world.grants:
        owner = world.memories[grant.memory].owner
        if owner == grant.grantee:
            continue
        expires = "now() + interval '1 day'" if grant.expires else "null"
        # Not by share(), which refuses what the grantee's role would keep from him: it does so all
        # the same.
        with database.superuser() as db:
            db.execute(
                "insert into memoriesdb.memory_grants (owner_id, memory_id, grantee_id, "
                "privilege, expires_at, granted_by, granted_at) "
                f"values (%(owner)s, %(memory)s, %(grantee)s, %(privilege)s, {expires}, %(owner)s, "
                "now()) on conflict on constraint memory_grants_pkey do update "
                "set privilege = excluded.privilege, expires_at = excluded.expires_at".encode(),
                {
                    "owner": built.users[owner],
                    "memory": built.memories[grant.memory],
                    "grantee": built.users[grant.grantee],
                    "privilege": grant.privilege,
                },
            )
    with database.superuser() as db:
        for grant in world.grants:
            if grant.expires == "past":
                db.execute(
                    "update memoriesdb.memory_grants set expires_at = now() - interval '1 minute' "
                    "where memory_id = %s and grantee_id = %s and expires_at is not null",
                    (built.memories[grant.memory], built.users[grant.grantee]),
                )


def _connect(database: Database, world: World, built: Built) -> None:
    for user in USERS:
        with database.acting(built.users[user]) as db:
            for source, target, relation in world.edges:
                if source != target and {
                    world.memories[source].owner,
                    world.memories[target].owner,
                } == {user}:
                    db.execute(
                        "select memoriesdb.link(%s, %s, %s)",
                        (built.memories[source], built.memories[target], relation),
                    )
            for recaller, word in world.recalls:
                if recaller == user:
                    db.execute("select * from memoriesdb.recall(%s)", (word,))


def _live(database: Database, world: World, built: Built) -> None:
    fates = {
        "expired": "update memoriesdb.memories set expires_at = now() - interval '1 day'",
        "expiring": "update memoriesdb.memories set expires_at = now() + interval '1 day'",
        "forgotten": "update memoriesdb.memories set forgotten_at = now()",
        "deleted": "delete from memoriesdb.memories",
    }
    for place, memory in enumerate(world.memories):
        if memory.fate in fates:
            with database.acting(built.users[memory.owner]) as db:
                db.execute(f"{fates[memory.fate]} where id = %s".encode(), (built.memories[place],))


def _finish(database: Database, world: World, built: Built) -> None:
    """Do what only others than its owner do."""
    with database.superuser() as db:
        for place, memory in enumerate(world.memories):
            if memory.is_embedded:
                db.execute(
                    "insert into memoriesdb.memory_embeddings "
                    "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
                    "select owner_id, id, (" + MODEL + "), seq, '[1,0,0]', embedding_text_hash "
                    "from memoriesdb.memories where id = %s",
                    (built.memories[place],),
                )
        for place in world.holds:
            db.execute(
                "insert into memoriesdb.memory_holds (id, owner_id, memory_id, reason, "
                "placed_by_login, placed_at) select gen_random_uuid(), %s, %s, 'a case', "
                "session_user, now()",
                (built.users[world.memories[place].owner], built.memories[place]),
            )
        for user, role in enumerate(ROLES):
            db.execute(
                "update memoriesdb.users set role = %s where id = %s", (role, built.users[user])
            )
        db.execute(
            "select memoriesdb._refresh_graph_slice(s::smallint) from generate_series(0, 15) as s"
        )
    with database.connect("admin") as db:
        db.execute(
            "select memoriesdb.assign_service(%s, %s)", (built.users[SERVICE], built.users[SERVED])
        )
        for user, role in enumerate(ROLES):
            for name, scopes in SCOPES.items():
                admin = ",admin" if role == "admin" and name == "all" else ""
                row = db.execute(
                    "select memoriesdb.issue_token(%s, scopes => %s, label => %s)",
                    (built.users[user], f"{{{scopes}{admin}}}", f"{name} of {user}"),
                ).fetchone()
                assert row is not None
                built.tokens[user, name] = row[0]
        db.execute("select memoriesdb.deactivate_user(%s)", (built.users[DEACTIVATED],))


def build(database: Database, world: World) -> Built:
    """Write a world into a fresh database, by the users' own doing as far as it goes."""
    with database.connect("admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://127.0.0.1:1', 3)"
        )
    built = Built(
        users=[database.create_user(f"user {n}") for n in USERS],
        memories=[UUID(int=0)] * len(world.memories),
    )
    _remember(database, world, built)
    _grant(database, world, built)
    _connect(database, world, built)
    _live(database, world, built)
    _finish(database, world, built)
    return built
