"""What is checked before a vector is written, and what may be said about a text."""

import math

import pytest

from memoriesdb.workers.vectors import BadVectorError, array_literal, check_vectors, describe


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        ([], "0 vectors for 1"),
        ([[1.0, 2.0], [1.0, 2.0]], "2 vectors for 1"),
        ([[1.0]], "1 dimensions where the model has 2"),
        ([[1.0, math.nan]], "not a finite number"),
        ([[1.0, math.inf]], "not a finite number"),
        ([[1.0, 65505.0]], "not a finite number of half precision"),
        ([[0.0, 0.0]], "a zero vector"),
        ([[1e-9, -1e-9]], "a zero vector"),
    ],
)
def test_vectors_that_cannot_be_stored_are_named(vectors: list[list[float]], said: str) -> None:
    with pytest.raises(BadVectorError, match=said):
        check_vectors(vectors, 1, 2)


def test_good_vectors_pass() -> None:
    check_vectors([[0.0, 1e-7], [65504.0, -1.0]], 2, 2)


def test_the_literal_is_an_array_of_vectors() -> None:
    assert array_literal([[1, 0.5], [1e-07, -2.0]]) == '{"[1.0,0.5]","[1e-07,-2.0]"}'
    assert array_literal([]) == "{}"


def test_errors_are_described_without_anything_of_the_text() -> None:
    text = "The launch code is 4711\nand nobody  knows it."
    said = describe(ValueError("bad input: 'launch code is 4711'"), [text])
    assert said == "ValueError (its message quotes the text and is left out)"
    assert describe(ValueError("LAUNCH CODE IS 4711 no"), [text]).startswith("ValueError (")
    assert describe(ValueError("knows it."), ["knows it."]).startswith("ValueError (")
    assert describe(ValueError("answered 400"), [text]) == "ValueError: answered 400"
    assert describe(ValueError(""), [text]) == "ValueError"
