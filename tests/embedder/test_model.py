"""The vectors are those of all-MiniLM-L6-v2, whatever else is embedded at the same time."""

import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memoriesdb.embedder import DIMENSIONS, InputTooLongError, Model, ModelMismatchError
from memoriesdb.embedder.model import check

GOLDEN = Path(__file__).parents[3] / "shared" / "data" / "minilm" / "golden.json"

TEXTS = ["The kettle boils.", "", "Ünïcödé, 漢字 🐘", "word " * 400, "x"]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return math.sumprod(one, other) if hasattr(math, "sumprod") else _dot(one, other)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_are_unit_length_and_in_the_order_of_the_texts(model: Model) -> None:
    vectors = model.embed(TEXTS).vectors
    assert [len(vector) for vector in vectors] == [DIMENSIONS] * len(TEXTS)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert cosine(vector, vector) == pytest.approx(1.0, abs=1e-5)
        assert vector == model.embed([text]).vectors[0]


def test_a_text_has_the_same_vector_alone_in_a_batch_and_in_parallel(model: Model) -> None:
    text = "On Monday the backup moved to half past two."
    alone = model.embed([text]).vectors[0]
    assert model.embed([text, "word " * 300, "no"]).vectors[0] == alone
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: model.embed([text, "other"]).vectors[0], range(40)))
    assert results == [alone] * 40


def test_meaning_is_closer_than_chance(model: Model) -> None:
    cat, feline, tax = model.embed(
        ["The cat naps in the sun.", "A feline is dozing where it is warm.", "VAT is due in May."]
    ).vectors
    assert cosine(cat, feline) > cosine(cat, tax) + 0.3


def test_what_exceeds_the_window_is_cut_or_refused_as_asked(model: Model) -> None:
    long = "memory " * 1000
    result = model.embed([long])
    assert result.tokens == 256
    assert result.vectors == model.embed(["memory " * 254]).vectors
    with pytest.raises(InputTooLongError, match="256 tokens"):
        model.embed([long], truncate=False)


def test_text_that_is_not_unicode_is_embedded_all_the_same(model: Model) -> None:
    assert len(model.embed(["broken \ud800 half", "nul \x00 byte"]).vectors) == 2


def test_no_texts_give_no_vectors(model: Model) -> None:
    assert model.embed([]).vectors == []


def test_a_model_below_the_bound_is_refused(model: Model) -> None:
    least = check(model, "quantised", 0.9)
    assert least > 0.96
    with pytest.raises(ModelMismatchError, match="reinstall"):
        check(model, "quantised", 0.9999)


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the reference vectors are not here")
def test_the_vectors_agree_with_those_made_by_torch(model: Model) -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    vectors = model.embed(golden["texts"]).vectors
    cosines = [cosine(own, given) for own, given in zip(vectors, golden["vectors"], strict=True)]
    assert min(cosines) > 0.96
    assert sum(cosines) / len(cosines) > 0.98
