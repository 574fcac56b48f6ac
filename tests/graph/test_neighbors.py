"""neighbors(): breadth first over one's own links, bounded, nearest and strongest first."""

import math
from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from acting import Connection, Database
from queues.support import value


class Neighbor(NamedTuple):
    id: UUID
    distance: int
    via: UUID
    relation: str
    direction: str
    weight: float


def neighbors(db: Connection, start: UUID, *arguments: object) -> list[Neighbor]:
    marks = ", ".join(["%s"] * (1 + len(arguments)))
    rows = db.execute(
        "select neighbor_id, distance, via_id, relation_kind, direction, weight "
        f"from memoriesdb.neighbors({marks})",
        (start, *arguments),
    ).fetchall()
    return [Neighbor(*row) for row in rows]


def memories(db: Connection, count: int) -> list[UUID]:
    rows = db.execute(
        "insert into memoriesdb.memories (content) select 'text ' || n "
        "from generate_series(1, %s) as n returning id",
        (count,),
    ).fetchall()
    return [row[0] for row in rows]


def link(
    db: Connection, source: UUID, target: UUID, relation: str = "related", weight: float = 1.0
) -> None:
    db.execute("select memoriesdb.link(%s, %s, %s, %s::real)", (source, target, relation, weight))


def refused(db: Connection, statement: str, *parameters: object) -> str | None:
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        db.execute(statement, parameters)
    return caught.value.sqlstate


def test_both_directions_with_what_led_there(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        a, b, c = memories(db, 3)
        link(db, a, b, "supports", 0.5)
        link(db, c, b, "contradicts", 0.25)
        assert neighbors(db, b) == [
            Neighbor(a, 1, b, "supports", "in", 0.5),
            Neighbor(c, 1, b, "contradicts", "in", 0.25),
        ]
        assert neighbors(db, a, 2) == [
            Neighbor(b, 1, a, "supports", "out", 0.5),
            Neighbor(c, 2, b, "contradicts", "in", 0.125),
        ]
        assert [n.id for n in neighbors(db, b, 5, "contradicts")] == [c]
        assert neighbors(db, b, 5, "unknown") == []


def test_a_cycle_ends(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        ids = memories(db, 4)
        for source, target in zip(ids, ids[1:] + ids[:1], strict=True):
            link(db, source, target)
        found = neighbors(db, ids[0], 10)
        assert sorted(n.id for n in found) == sorted(ids[1:])
        assert [n.distance for n in found] == [1, 1, 2]


def test_a_hub_is_cut_to_its_strongest(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        hub, *spokes = memories(db, 2001)
        db.execute(
            "insert into memoriesdb.memory_edges (source_id, target_id, weight) "
            "select %s, t.id, (t.place %% 997) / 1000.0 "
            "from unnest(%s::uuid[]) with ordinality as t (id, place)",
            (hub, spokes),
        )
        db.execute("set local statement_timeout = '5s'")
        found = neighbors(db, hub, 10, None, 50)
        assert len(found) == 50
        assert [n.weight for n in found] == sorted((n.weight for n in found), reverse=True)
        assert len(neighbors(db, spokes[0], 2, None, 10)) == 10
        assert len(neighbors(db, hub, 1, None, 10_000)) == 2000


def test_a_loop_is_refused(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        (a,) = memories(db, 1)
        assert refused(db, "select memoriesdb.link(%s, %s)", a, a) == "MD203"
        insert = "insert into memoriesdb.memory_edges (source_id, target_id) values (%s, %s)"
        assert refused(db, insert, a, a) == "MD203"


def test_what_is_forgotten_or_expired_is_no_bridge(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        a, b, c = memories(db, 3)
        link(db, a, b)
        link(db, b, c)
        db.execute("select memoriesdb.forget(%s)", (b,))
        assert neighbors(db, a, 5) == []
        db.execute("select memoriesdb.restore(%s)", (b,))
        assert [n.id for n in neighbors(db, a, 5)] == [b, c]
        expire = "update memoriesdb.memories set expires_at = now() - interval '1 s' where id = %s"
        db.execute(expire, (b,))
        assert neighbors(db, a, 5) == []


@pytest.mark.parametrize(
    "bad", [(0,), (11,), (None,), (1, None, 0), (1, None, 10_001), (1, None, None)]
)
def test_bounds_are_checked(database: Database, alice: UUID, bad: tuple[object, ...]) -> None:
    with database.acting(alice) as db:
        (a,) = memories(db, 1)
        marks = ", ".join(["%s"] * (1 + len(bad)))
        assert refused(db, f"select memoriesdb.neighbors({marks})", a, *bad) == "MD108"


def test_anothers_memory_answers_as_one_that_does_not_exist(
    database: Database, alice: UUID, bob: UUID
) -> None:
    of_bob = database.remember(bob, "text")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (of_bob, alice))
    with database.acting(alice) as db:
        (a,) = memories(db, 1)
        for unknown in (of_bob, UUID(int=7)):
            assert refused(db, "select memoriesdb.neighbors(%s)", unknown) == "MD201"
            assert refused(db, "select memoriesdb.link(%s, %s)", a, unknown) == "MD201"
            assert refused(db, "select memoriesdb.link(%s, %s)", unknown, a) == "MD201"


def test_linking_again_sets_the_weight(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        a, b = memories(db, 2)
        link(db, a, b, "related", 0.5)
        link(db, a, b, "related", 0.75)
        assert [n.weight for n in neighbors(db, a)] == [0.75]
        assert value(db, "select memoriesdb.unlink(%s, %s)", a, b) == 1
        assert value(db, "select memoriesdb.unlink(%s, %s)", a, b) == 0
        assert neighbors(db, a) == []


NODES = 9
RELATIONS = ("related", "supports")
# Powers of two: products are exact, so that weights can be compared.
WEIGHTS = (1.0, 0.5, 0.25)
EDGES = st.dictionaries(
    st.tuples(
        st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.sampled_from(RELATIONS)
    ).filter(lambda edge: edge[0] != edge[1]),
    st.sampled_from(WEIGHTS),
    max_size=24,
)

Edges = dict[tuple[int, int, str], float]


def breadth_first(
    edges: Edges, start: int, depth: int, relation: str | None, gone: set[int]
) -> dict[int, tuple[int, float]]:
    """Distance and best weight of every node within reach: plain Python."""
    found = {start: (0, 1.0)}
    for distance in range(1, depth + 1):
        level: dict[int, float] = {}
        for (source, target, kind), weight in edges.items():
            if relation not in (None, kind):
                continue
            for here, there in ((source, target), (target, source)):
                before, path = found.get(here, (math.inf, 0.0))
                if before == distance - 1 and there not in found and there not in gone:
                    level[there] = max(level.get(there, 0.0), path * weight)
        found |= {node: (distance, weight) for node, weight in level.items()}
    del found[start]
    return found


def test_it_finds_what_plain_breadth_first_search_finds(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:

        @settings(
            max_examples=150,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            edges=EDGES,
            depth=st.integers(1, 10),
            relation=st.sampled_from([None, *RELATIONS]),
            gone=st.sets(st.integers(1, NODES - 1), max_size=3),
            limit=st.integers(1, NODES),
        )
        def compare(
            edges: Edges, depth: int, relation: str | None, gone: set[int], limit: int
        ) -> None:
            with db.transaction(force_rollback=True):
                ids = memories(db, NODES)
                for (source, target, kind), weight in edges.items():
                    link(db, ids[source], ids[target], kind, weight)
                for node in gone:
                    db.execute("select memoriesdb.forget(%s)", (ids[node],))
                expected = breadth_first(edges, 0, depth, relation, gone)
                found = neighbors(db, ids[0], depth, relation)
                as_found = {ids.index(n.id): (n.distance, n.weight) for n in found}
                assert as_found == expected
                assert len(found) == len(expected)
                order = [(n.distance, -n.weight) for n in found]
                assert order == sorted(order)
                for n in found:
                    ends = (n.via, n.id) if n.direction == "out" else (n.id, n.via)
                    edge = (ids.index(ends[0]), ids.index(ends[1]), n.relation)
                    before = expected.get(ids.index(n.via), (0, 1.0))
                    assert before == (n.distance - 1, n.weight / edges[edge])
                assert neighbors(db, ids[0], depth, relation, limit)[:1] == found[:1]
                assert len(neighbors(db, ids[0], depth, relation, limit)) == min(
                    limit, len(expected)
                )

        compare()
