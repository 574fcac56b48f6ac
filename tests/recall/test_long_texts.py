"""A text with more words than can be indexed is kept, and found by those that fit."""

from uuid import UUID

import pytest

from acting import Database, one
from queues.support import set_setting
from recall.test_query_embedding import noticing
from recall.test_recall import contents


@pytest.mark.parametrize(("separator", "speaker"), [(" ", None), (",", "Ada")])
def test_a_text_of_very_many_words_is_kept_and_found_by_the_first(
    database: Database, alice: UUID, separator: str, speaker: str | None
) -> None:
    set_setting(database, "max_content_bytes", "1000000")
    text = separator.join(f"w{number:06}" for number in range(120_000)) + f"{separator}zebra"
    metadata = "{}" if speaker is None else f'{{"speaker": "{speaker}"}}'
    with database.acting(alice) as db, noticing(db) as heard:
        found = one(db, "select memoriesdb.remember(%s, metadata => %s::jsonb)", text, metadata)
        assert one(db, "select content from memoriesdb.memories where id = %s", found) == text
        assert any("too many different words" in str(notice) for notice in heard)
        for query in ("w000000", "w050000"):
            assert contents(db, query) == [text]
        assert contents(db, "zebra") == []
        # Nothing of a word that was cut through.
        lexemes = "select tsvector_to_array(search) from memoriesdb.memories where id = %s"
        words = one(db, lexemes, found)
        assert isinstance(words, list)
        assert {len(word) for word in words if word.startswith("w")} == {7}
        # As a question it is no error either, nor does it take minutes while the text waits.
        assert contents(db, text) == [text]


@pytest.mark.parametrize("separator", [" ", "-"])
def test_no_text_of_the_usual_length_has_too_many(
    database: Database, alice: UUID, separator: str
) -> None:
    """Those up to 200,000 bytes go without the check: the worst are short words, and hyphens."""
    digits = "abcdefghijklmnopqrstuvwxyz"
    words = [a + b + c for a in digits for b in digits for c in digits]
    parts = [separator.join(words[n : n + 3]) for n in range(0, len(words), 3)]
    text = " ".join(parts * 3)[:200_000]
    with database.acting(alice) as db, noticing(db) as heard:
        db.execute("select memoriesdb.remember(%s)", (text,))
        assert heard == []
