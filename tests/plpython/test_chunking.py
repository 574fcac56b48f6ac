# ruff: noqa: RUF001 - letters of other scripts are what is tested
"""Chunks fit the model's window, lose nothing, and are cut where a reader would cut."""

import base64
import hashlib
import json
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memoriesdb.embedder import ModelUnavailableError
from memoriesdb.embedder.weights import find_model
from memoriesdb_pl import chunking
from memoriesdb_pl.chunking import SMALLEST_WINDOW, chunk, estimate_tokens, normalise

if TYPE_CHECKING:
    from tokenizers import Tokenizer

windows = st.integers(SMALLEST_WINDOW, 300)
# Text with more borders, marks and odd blanks than a uniform choice would give.
texts = st.one_of(
    st.text(max_size=600),
    st.text(alphabet="ab Z9.!?\n\r\t\u0301\u200d漢。한🐘\u00a0\u2029\x00\u200be", max_size=600),
)


@given(texts)
@example("e\u200b\u0301")
@example("\u2000\u0301 \u1100\u200b\u1161")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(c) == "Cc" and c != "\n" for c in once)
    assert "  " not in once
    assert "\n\n\n" not in once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\t b\u00a0\u3000c  ", "a b c"),
        ("a \r\n b", "a\nb"),
        ("a\n \t\n\n b", "a\n\nb"),
        ("a\u2029b\u2028c\x0cd", "a\n\nb\nc\nd"),
        ("a\x00\x1bb", "a b"),
        ("soft\u00adhyphen \ufeffmark", "softhyphen mark"),
        ("Cafe\u0301", "Café"),
        ("\u0915\u094d\u200d\u0937 👩\u200d🚀", "\u0915\u094d\u200d\u0937 👩\u200d🚀"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_blanks_and_controls_collapse(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(texts, windows)
def test_joined_chunks_are_the_normalised_text(text: str, window: int) -> None:
    chunks = chunk(text, window)
    assert "".join(chunks) == normalise(text)
    assert all(part.strip() for part in chunks)


@given(texts, windows)
def test_no_chunk_exceeds_the_window_by_the_estimate(text: str, window: int) -> None:
    assert all(estimate_tokens(part) <= window for part in chunk(text, window))


@given(texts, windows, st.data())
def test_overlapping_chunks_cover_the_text_in_order(
    text: str, window: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, (window - 2) // 2 - 1))
    clean, covered = normalise(text), 0
    for part in chunk(text, window, overlap):
        place = clean.rfind(part, 0, covered + len(part))
        assert 0 <= place <= covered
        covered = max(covered, place + len(part))
        assert estimate_tokens(part) <= window
    assert covered == len(clean)


@given(texts, windows)
def test_the_same_text_gives_the_same_chunks(text: str, window: int) -> None:
    chunking._parts.cache_clear()
    assert chunk(text, window) == chunk(normalise(text), window)


def test_a_text_that_fits_stays_whole() -> None:
    assert chunk("One. Two.\n\nThree.", 64) == ["One. Two.\n\nThree."]
    assert chunk("", 64) == []


def test_cuts_prefer_paragraphs_to_sentences_and_sentences_to_words() -> None:
    words = "word " * 12
    paragraphs = chunk(f"{words}one. {words}two.\n\n{words}. {words}end.", 64)
    assert paragraphs[0].endswith("two.\n\n")
    sentences = chunk(f"{words}of the first one. {words}{words}{words}", 64)
    assert sentences[0].endswith("one. ")
    assert all(part.endswith(" ") for part in chunk("word " * 200, 64)[:-1])
    assert chunk("これは文です。" * 30, 64)[0].endswith("。")


def test_a_character_and_its_marks_stay_together() -> None:
    for text in ("กี่" * 200, "👩\u200d🚀" * 200, "q\u0301" * 200):
        for part in chunk(text, 32)[1:]:
            assert not unicodedata.category(part[0]).startswith("M")
            assert part[0] != "\u200d"


def test_overlap_repeats_the_end_of_the_chunk_before() -> None:
    chunks = [part.split() for part in chunk(" ".join(map(str, range(1000, 1400))), 64, 20)]
    for before, after in pairwise(chunks):
        shared = before[before.index(after[0]) :]
        assert after[: len(shared)] == shared
        assert 0 < len(shared) <= 10
        assert len(after) > len(shared)
    assert chunks[-1][-1] == "1399"


def test_overlap_begins_at_a_word() -> None:
    chunks = chunk("memories " * 100, 64, overlap=20)
    assert all(part.startswith("memories") for part in chunks)
    assert sum(map(len, chunks)) > 900 + 10 * (len(chunks) - 1)


@pytest.mark.parametrize(("window", "overlap"), [(15, 0), (0, 0), (64, -1), (64, 31)])
def test_windows_that_cannot_work_are_refused(window: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        chunk("text", window, overlap)


def test_a_long_text_takes_linear_time() -> None:
    for text in ("word " * 60_000, "x" * 300_000, "漢" * 200_000, "e" + "\u0315" * 100_000):
        assert "".join(chunk(text, 256, 0)) == normalise(text)
        chunk(text, 256, 100)


@pytest.fixture(scope="module")
def tokenizer() -> "Tokenizer":
    try:
        files = find_model()
    except ModelUnavailableError as error:
        pytest.skip(str(error))
    library = pytest.importorskip("tokenizers")
    tokenizer: Tokenizer = library.Tokenizer.from_file(str(files.tokenizer))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


HASHES = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(60)]
USUAL = {
    "English": "The keeper of the archive wrote every visitor's name into a leather-bound book; "
    "nobody asked why, and after forty years nobody remembered that one could ask. ",
    "German": "Die Rechtsschutzversicherungsgesellschaften verweigerten die Kostenübernahme für "
    "das Donaudampfschifffahrtskapitänspatent, obwohl Straßenbahnhaltestellenschilder fehlten. ",
    "Finnish": "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas söi jäätelöä. ",
    "Turkish": "Çekoslovakyalılaştıramadıklarımızdan mısınız, İstanbul'da ışıl ışıl? ",
    "Vietnamese": "Trí nhớ của chúng tôi được lưu giữ cẩn thận ở Việt Nam. ",
    "Polish": "Chrząszcz brzmi w trzcinie w Szczebrzeszynie, źdźbło żółknie. ",
    "Russian": "Воспоминания хранятся в базе данных, и никто посторонний их не увидит. ",
    "Greek": "Οι αναμνήσεις φυλάσσονται στη βάση δεδομένων. ",
    "Arabic": "الذكريات محفوظة في قاعدة البيانات ولا يراها أحد غير صاحبها. ",
    "Hebrew": "הזיכרונות שמורים במסד הנתונים. ",
    "Hindi": "यादें डेटाबेस में सुरक्षित रखी जाती हैं और कोई नहीं देखता। ",
    "Bengali": "স্মৃতিগুলো ডাটাবেসে রাখা হয় এবং কেউ দেখতে পায় না। ",
    "Tamil": "நினைவுகள் தரவுத்தளத்தில் பாதுகாக்கப்படுகின்றன. ",
    "Thai": "ความทรงจำถูกเก็บไว้ในฐานข้อมูลอย่างปลอดภัย",
    "Chinese": "记忆保存在数据库里,只有主人才能看见。",
    "Japanese": "記憶はデータベースに保存され、持ち主だけが見られます。",
    "Korean": "기억은 데이터베이스에 안전하게 저장되고 주인만 볼 수 있습니다. ",
    "emoji": "🐘🎉👩\u200d🚀 great 👍🏽 ❤️ ",
    "URL": "https://example.org/a/b-c_d/?q=row+level&utm_source=x9Kf2&id=550e8400-e29b-41d4#t ",
    "Python": "def _granted_ids(self, ownerId: UUID) -> list[UUID]:\n    return [x[0] for x in "
    "self.conn.execute(SQL_QUERY, {'id': str(ownerId)})]\n\n",
    "SQL": "CREATE INDEX CONCURRENTLY memories_embedding_idx ON memoriesdb.memory_embeddings USING "
    "hnsw ((embedding::halfvec(384)) halfvec_cosine_ops) WHERE owner_id='018f-aa';\n",
    "JSON": json.dumps({"a": [1.5, -2e-9, None, True], "créé": {"k\n": "v\\u00e9"}}),
    "hashes": " ".join(HASHES),
    "base64": base64.b64encode(bytes.fromhex("".join(HASHES))).decode() + "\n",
    "numbers": "31415926535897932384626433 2026-05-03T12:01:30.123456+02:00 1,234,567.89 ",
    "signs": "*** --> {{[[((~~!!@@##$$%%^^&&||\\\\))]]}} === ",
    "shouting": "THE ERROR_CODE WAS XJ9-ORACLE IN THE SYSTEMD_JOURNAL. ",
    "letters": "a b c d e f g h i j k l m n o p q r s t u v w x y z ",
}


@pytest.mark.parametrize("kind", USUAL)
@pytest.mark.parametrize("window", [64, 256])
def test_no_chunk_of_usual_text_exceeds_the_real_window(
    tokenizer: "Tokenizer", kind: str, window: int
) -> None:
    chunks = chunk(USUAL[kind] * 40, window)
    counts = [len(tokenizer.encode(part).ids) for part in chunks]
    assert max(counts) <= window
    # It errs on the safe side, but not beyond reason.
    if kind == "English" and window == 256:
        assert sum(counts) / len(counts) > window * 0.3
