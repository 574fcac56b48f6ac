"""The synthetic owners: sizes, order of arrival, and that growth compares like with like."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from rich.progress import Progress

from bench.recall import zipf
from bench.recall.population import FILTER_KINDS, FILTER_SINCE, Population
from bench.recall.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary([])


@pytest.fixture(scope="module")
def small(vocabulary: Vocabulary) -> Population:
    return Population(10_000, vocabulary, Progress(disable=True))


@pytest.mark.parametrize("total", [10_000, 100_000, 1_000_000])
def test_sizes_add_up_and_fall_from_the_largest_to_tens(total: int) -> None:
    owners, top = zipf.owner_count(total), zipf.top_size(total)
    found = zipf.sizes(total, owners, top)
    assert sum(found) == total
    assert len(found) == owners
    assert found[0] == top
    assert found == sorted(found, reverse=True)
    assert zipf.LEAST <= found[-1] < 100


def test_a_million_has_every_decade_and_one_owner_of_a_hundred_thousand() -> None:
    total = 1_000_000
    found = [
        zipf.decade(n) for n in zipf.sizes(total, zipf.owner_count(total), zipf.top_size(total))
    ]
    assert set(found) == set(zipf.DECADES)
    assert found.count("100,000") == 1


def test_a_hundred_thousand_reach_the_decade_of_ten_thousand() -> None:
    total = 100_000
    found = zipf.sizes(total, zipf.owner_count(total), zipf.top_size(total))
    assert {zipf.decade(n) for n in found} == set(zipf.DECADES[:4])


def test_sizes_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        zipf.sizes(100, 60, 50)


def test_owners_arrive_in_each_others_midst(small: Population) -> None:
    largest = max(small.owners, key=lambda owner: owner.size)
    rows = small.rows_of(largest)
    assert len(rows) == largest.size
    assert rows[0] < small.size * 0.05
    assert rows[-1] > small.size * 0.95
    assert sum(len(burst) for burst in small.bursts()) == small.size
    for burst in list(small.bursts())[:200]:
        assert len({int(small.owner_of[number]) for number in burst}) == 1


def test_a_growing_owner_has_the_same_memories_whatever_the_total_is(
    vocabulary: Vocabulary, small: Population
) -> None:
    larger = Population(20_000, vocabulary, Progress(disable=True))
    for one, other in zip(small.owners[:3], larger.owners[:3], strict=True):
        assert one.is_growth
        assert one == other
        rows, others = small.rows_of(one), larger.rows_of(other)
        assert np.array_equal(small.vectors[rows], larger.vectors[others])
        assert [small.text(n) for n in rows] == [larger.text(n) for n in others]
        assert not np.array_equal(rows, others)


def test_the_truth_is_the_nearest_by_cosine(small: Population) -> None:
    owner = small.owners[0]
    query = small.queries(owner, 1, "test")[0]
    rows = small.rows_of(owner)
    cosines = {
        int(n): float(
            np.dot(v := small.vectors[n].astype(np.float64), query.vector.astype(np.float64))
            / np.linalg.norm(v)
        )
        for n in rows
    }
    expected = sorted(cosines, key=cosines.__getitem__, reverse=True)[:10]
    assert small.nearest([query], 10) == [expected]


def test_what_passes_the_filter_is_counted_as_the_database_does(small: Population) -> None:
    owner = small.owners[1]
    items = [small.item(int(n)) for n in small.rows_of(owner)]
    passing = [
        item
        for item in items
        if item["kind"] in FILTER_KINDS
        and datetime.fromisoformat(item["occurred_at"]) >= FILTER_SINCE
    ]
    assert 0 < len(passing) < owner.size
    assert small.filtered_count(owner) == len(passing)
