"""Numbers arrive as drivers send them: a Python float is a double precision."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database


def test_floats_fit_every_function_that_takes_one(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember('tea', importance => %s)", (0.7,))
        db.execute("select memoriesdb.remember('coffee', importance => %s)", (0.7,))
        db.execute(
            "select memoriesdb.link(a.id, b.id, weight => %s) from memoriesdb.memories as a "
            "join memoriesdb.memories as b on a.content = 'tea' and b.content = 'coffee'",
            (0.3,),
        )
        found = db.execute(
            "select content, score from memoriesdb.recall('tea', min_score => %s)", (0.5,)
        ).fetchall()
        assert found == [("tea", 1.0)]
        kept = db.execute("select distinct importance from memoriesdb.memories").fetchall()
        assert kept == [(pytest.approx(0.7),)]


@pytest.mark.parametrize("number", [-0.1, 1.1, 1e300, -1e300, float("inf"), float("nan"), None])
def test_a_number_out_of_range_is_refused_as_such(
    database: Database, alice: UUID, number: float | None
) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught, database.acting(alice) as db:
        db.execute("select memoriesdb.remember('x', importance => %s)", (number,))
    assert caught.value.sqlstate == "MD105"
