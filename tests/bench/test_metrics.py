"""The figures that the benchmark prints, by hand."""

from __future__ import annotations

import math

import pytest

from bench.recall.bm25 import Bm25
from bench.recall.metrics import ndcg_at, percentile, recall_at, reciprocal_rank
from bench.recall.quality import reciprocal_rank_fusion


def test_recall_counts_what_is_relevant_among_the_first() -> None:
    assert recall_at(["a", "b", "c"], {"a", "c", "x", "y"}, 3) == 0.5
    assert recall_at(["a", "b", "c"], {"a", "c", "x", "y"}, 2) == 0.25
    assert recall_at([], {"a"}, 10) == 0


def test_the_reciprocal_rank_is_of_the_first_that_is_relevant() -> None:
    assert reciprocal_rank(["x", "a", "b"], {"a", "b"}) == 0.5
    assert reciprocal_rank(["x"], {"a"}) == 0


def test_ndcg_is_one_for_the_best_order_and_less_for_a_worse_one() -> None:
    assert ndcg_at(["a", "b", "x"], {"a", "b"}, 10) == 1
    found = ndcg_at(["x", "a"], {"a", "b"}, 10)
    assert found == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))


def test_ndcg_does_not_ask_for_more_than_fits_above_the_cut() -> None:
    assert ndcg_at(["a"], {"a", "b"}, 1) == 1


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.95) == 95
    assert percentile([7.0], 0.95) == 7


def test_bm25_is_the_textbook_formula() -> None:
    index = Bm25({"short": {"cat": 1}, "long": {"cat": 1, "dog": 3}}, k1=1.2, b=0.75)
    # Two documents of 1 and 4 words, 2.5 on average; "dog" is in one of two.
    idf = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    norm = 1.2 * (1 - 0.75 + 0.75 * 4 / 2.5)
    assert index.scores(["dog"]) == {"long": pytest.approx(idf * 3 * 2.2 / (3 + norm))}
    both = index.scores(["cat"])
    assert both["short"] > both["long"]
    assert index.scores(["bird"]) == {}


def test_rank_fusion_prefers_what_both_arms_found() -> None:
    assert reciprocal_rank_fusion([["a", "b"], ["c", "b"]])[0] == "b"
