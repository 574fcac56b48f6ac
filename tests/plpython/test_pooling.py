"""Pooled vectors have unit length and the direction of their parts' mean."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoriesdb_pl.pooling import mean_unit

numbers = st.floats(-1e3, 1e3)
matrices = st.integers(1, 8).flatmap(
    lambda width: st.lists(
        st.lists(numbers, min_size=width, max_size=width), min_size=1, max_size=6
    )
)


@given(matrices)
def test_the_result_has_unit_length_or_there_is_none(vectors: list[list[float]]) -> None:
    try:
        pooled = mean_unit(vectors)
    except ValueError:
        return
    assert math.hypot(*pooled) == pytest.approx(1.0, abs=1e-9)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=8).filter(any))
def test_one_vector_keeps_its_direction(vector: list[float]) -> None:
    # First brought near one: hypot would lose the digits of the smallest numbers.
    largest = max(map(abs, vector))
    scaled = [number / largest for number in vector]
    length = math.hypot(*scaled)
    expected = [number / length for number in scaled]
    assert mean_unit([vector, vector], [0.5, 2]) == pytest.approx(expected, abs=1e-6)


def test_weights_pull_towards_their_vector() -> None:
    assert mean_unit([[1, 0], [0, 1]], [3, 4]) == pytest.approx([0.6, 0.8])
    assert mean_unit([[1, 0], [0, 1]], [0, 1]) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("vectors", "weights"),
    [
        ([], None),
        ([[]], None),
        ([[0.0, 0.0]], None),
        ([[1.0, 0.0], [-1.0, 0.0]], None),
        ([[0.1, 0.2, 0.3], [-0.3, -0.6, -0.9]], [3, 1]),
        ([[1.0, 0.0]], [0.0]),
        ([[1.0, 2.0], [1.0]], None),
        ([[1.0, math.nan]], None),
        ([[1.0, math.inf]], None),
        ([[1.0, 2.0]], [1.0, 2.0]),
        ([[1.0, 2.0]], [-1.0]),
        ([[1.0, 2.0]], [math.nan]),
        ([[1.0, 2.0]], [math.inf]),
    ],
)
def test_what_has_no_direction_is_refused(
    vectors: list[list[float]], weights: list[float] | None
) -> None:
    with pytest.raises(ValueError, match=r"vector"):
        mean_unit(vectors, weights)
