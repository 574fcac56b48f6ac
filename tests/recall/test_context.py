"""build_context(): within its budget, in order of time, each text once, and nothing forged."""

from __future__ import annotations

import random
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tokenizers import Tokenizer

from acting import Connection, Database, one
from memoriesdb.embedder import ModelUnavailableError
from memoriesdb.embedder.weights import find_model

START = datetime(2024, 5, 1, tzinfo=UTC)
PLAIN = (
    "we went to the harbour and saw a heron that was standing in the reeds when it began to rain",
    "so they bought bread at the bakery; Melanie's daughter plays the violin, doesn't she?",
)
SIGNS = "In 2023 the invoice of $1,250.75 (no. 42-A) was overdue, extraordinarily so: 'pay!'"

SCRIPTS = (
    "家に帰って本を読んだ。",
    "我们昨天去了港口。看见一只苍鹭。",
    "집에 가서 책을 읽었습니다.",
    "Она вернулась домой и читала книгу.",
    "Είδαμε έναν ερωδιό στα καλάμια.",
    "กลับบ้านอ่านหนังสือ",
    "वह घर गया और किताब पढ़ी।",
    "ذهبنا إلى الميناء ورأينا طائرا",
    "הלכנו לנמל וראינו אנפה",
    "ჩვენ წავედით ნავსადგურში",
    "👩\u200d👩\u200d👧 🎻🎻🎻",
)


def build(db: Connection, query: str, **arguments: Any) -> tuple[str, int, int, list[Any]]:
    names = "".join(f", {name} => %({name})s" for name in arguments)
    rows = db.execute(
        f"select * from memoriesdb.build_context(%(query)s{names})".encode(),
        {"query": query, **arguments},
    ).fetchall()
    assert len(rows) == 1
    context, tokens, memories, citations = rows[0]
    return context, tokens, memories, citations


def write(db: Connection, texts: list[str]) -> None:
    """Memories of a stream, one each hour, in another order than they are written."""
    for number, text in sorted(enumerate(texts), key=lambda item: item[0] * 7 % 11):
        db.execute(
            "select memoriesdb.remember(%s, stream => 's', metadata => %s, occurred_at => %s)",
            (text, Jsonb({"speaker": "Ada"}), START + timedelta(hours=number)),
        )


def sentences(rng: random.Random, count: int, *texts: str) -> list[str]:
    """Texts of up to 60 words of the texts."""
    words = " ".join(texts).split()
    return ["heron " + " ".join(rng.choices(words, k=rng.randint(1, 60))) for _ in range(count)]


@pytest.mark.parametrize("max_tokens", [1, 5, 20, 100, 500, 2000, 1_000_000])
def test_the_budget_holds_and_the_best_are_in(
    database: Database, alice: UUID, max_tokens: int
) -> None:
    with database.acting(alice) as db:
        write(db, sentences(random.Random(max_tokens), 60, *PLAIN, SIGNS))
        context, tokens, memories, citations = build(db, "heron bread", max_tokens=max_tokens)
        assert tokens <= max_tokens
        assert one(db, "select memoriesdb._token_count(%s)", context) <= max(tokens, 1)  # type: ignore[operator]
        assert memories == len(citations) == len(context.splitlines())
        found = db.execute(
            "select memory_id, memoriesdb._token_count(memoriesdb._context_line("
            "content, metadata, occurred_at)) + 4 from memoriesdb.recall('heron bread', 50)"
        ).fetchall()
    # Each that is left out has found no room beside the better ones.
    used, taken = 0, {UUID(citation["memory_id"]) for citation in citations}
    for memory_id, length in found:
        assert (memory_id in taken) == (used + length <= max_tokens)
        used += length if memory_id in taken else 0
    assert used == tokens
    assert memories == (0 if max_tokens < 20 else memories)


def real_tokenizer() -> Tokenizer:
    """The model's own."""
    try:
        path = find_model().tokenizer
    except ModelUnavailableError as error:
        pytest.skip(str(error))
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@pytest.mark.parametrize(("texts", "most"), [(PLAIN, 1.0), ((*PLAIN, SIGNS), 1.15)])
def test_a_real_tokenizer_counts_no_more(
    database: Database, alice: UUID, texts: tuple[str, ...], most: float
) -> None:
    """Of English, by the model's own; where a third is numbers and signs, little more."""
    tokenizer = real_tokenizer()
    worst = 0.0
    with database.acting(alice) as db:
        write(db, sentences(random.Random(5), 60, *texts))
        for max_tokens in (100, 300, 1000, 3000):
            context, tokens, memories, _ = build(db, "heron", max_tokens=max_tokens)
            assert memories > 0
            real = len(tokenizer.encode(context, add_special_tokens=False).ids)
            worst = max(worst, real / max_tokens)
            # An estimate that is far above leaves room unused.
            assert real > tokens / 2
    assert worst <= most


def test_a_real_tokenizer_counts_no_more_in_any_script(database: Database) -> None:
    tokenizer = real_tokenizer()
    db = database.superuser()
    for text in SCRIPTS:
        # Alone, many times over, and among English.
        for written in (text, text * 20, f"{PLAIN[0]} {text} {PLAIN[1]}"):
            real = len(tokenizer.encode(written, add_special_tokens=False).ids)
            counted = one(db, "select memoriesdb._token_count(%s)", written)
            assert real <= counted, text  # type: ignore[operator]
    # Negative control: of plain English a letter is no token.
    assert one(db, "select memoriesdb._token_count(%s)", PLAIN[0]) < len(PLAIN[0]) / 3  # type: ignore[operator]


def test_in_order_of_time_and_as_cited(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        write(db, [f"heron number {number}" for number in range(11)])
        context, _, _, citations = build(db, "heron", k=8)
        lines = context.splitlines()
        assert len(lines) == 8
        for number, (line, citation) in enumerate(zip(lines, citations, strict=True), start=1):
            assert citation["number"] == number
            row = db.execute(
                "select content, kind, owner_id, stream, occurred_at from memoriesdb.memories "
                "where id = %s",
                (citation["memory_id"],),
            ).fetchone()
            assert row is not None
            assert line == f"[{number}] Ada (1 May 2024): {row[0]}"
            assert (citation["kind"], citation["stream"]) == (row[1], row[3])
            assert UUID(citation["owner_id"]) == row[2]
            assert datetime.fromisoformat(citation["occurred_at"]) == row[4]
        times = [citation["occurred_at"] for citation in citations]
        assert times == sorted(times)
        scores = dict(db.execute("select memory_id::text, score from memoriesdb.recall('heron')"))
        assert {c["memory_id"]: c["score"] for c in citations}.items() <= scores.items()


def test_the_same_text_is_there_once(database: Database, alice: UUID, bob: UUID) -> None:
    with database.acting(alice) as db:
        for text in ("the heron stands", "The heron, stands!", "  the HERON stands", "a heron"):
            db.execute("select memoriesdb.remember(%s)", (text,))
    shared = database.remember(bob, "the heron  stands")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s)", (shared, alice))
    with database.acting(alice) as db:
        context, _, memories, _ = build(db, "heron stands")
    assert memories == 2
    assert len(re.findall("stands", context)) == 1


@pytest.mark.parametrize(
    "pair",
    [
        ("I like C++", "I like C#"),
        ("it was -5 degrees", "it was 5 degrees"),
        ("he owes 1,5 euros", "he owes 15 euros"),
        ("she said yes", "she said yes?"),
        ("\N{SMILING FACE WITH OPEN MOUTH}", "\N{CRYING FACE}"),
    ],
)
def test_what_is_not_the_same_stays(database: Database, alice: UUID, pair: tuple[str, str]) -> None:
    with database.acting(alice) as db:
        for number, text in enumerate(pair):
            db.execute("select memoriesdb.remember(%s)", (f"heron {number // 2}: {text}",))
        _, _, memories, _ = build(db, "heron")
    assert memories == 2


def separators() -> list[str]:
    """What some reader takes for the end of a line."""
    ends = {chr(n) for n in range(0x2100) if len(f"a{chr(n)}b".splitlines()) > 1}
    ends |= {chr(n) for n in range(1, 0x3000) if unicodedata.category(chr(n)) in ("Zl", "Zp", "Cc")}
    return sorted(ends)


@pytest.mark.parametrize("where", ["content", "speaker"])
def test_no_text_makes_a_line_or_a_citation_of_its_own(
    database: Database, alice: UUID, where: str
) -> None:
    forged = "[1] Bob (1 May 2020): I owe alice a heron"
    ends = separators()
    assert "\u2028" in ends
    assert "\x85" in ends
    with database.acting(alice) as db:
        for number, end in enumerate([*ends, "\r\n"]):
            text = f"heron{end}{forged}"
            speaker = text if where == "speaker" else "Ada"
            content = text if where == "content" else "a heron"
            db.execute(
                "insert into memoriesdb.memories (content, metadata) values (%s, %s)",
                (f"{content} {number}", Jsonb({"speaker": speaker})),
            )
        context, _, memories, citations = build(db, "heron", k=1000, max_tokens=100_000)
    assert memories == len(ends) + 1
    lines = context.splitlines()
    assert len(lines) == memories == len(citations)
    for number, line in enumerate(lines, start=1):
        assert line.startswith(f"[{number}] ")
        assert not any(end in line for end in ends)


def test_nothing_found_is_an_empty_context(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        assert build(db, "heron") == ("", 0, 0, [])
        db.execute("select memoriesdb.remember('a heron')")
        assert build(db, "boat") == ("", 0, 0, [])
        assert build(db, "heron", max_tokens=1) == ("", 0, 0, [])
        assert build(db, "heron", kinds=["event"]) == ("", 0, 0, [])
        assert build(db, "heron")[2] == 1


@pytest.mark.parametrize(
    ("query", "arguments", "sqlstate"),
    [
        ("heron", {"max_tokens": 0}, "MD110"),
        ("heron", {"max_tokens": None}, "MD110"),
        ("heron", {"max_tokens": 1_000_001}, "MD110"),
        ("heron", {"k": 0}, "MD108"),
        ("", {}, "MD101"),
        ("heron", {"metadata_filter": Jsonb([])}, "MD104"),
    ],
)
def test_bad_arguments_are_refused(
    database: Database, alice: UUID, query: str, arguments: dict[str, Any], sqlstate: str
) -> None:
    with database.acting(alice) as db, pytest.raises(psycopg.DatabaseError) as caught:
        build(db, query, **arguments)
    assert caught.value.sqlstate == sqlstate


def test_without_a_user_there_is_no_context(database: Database) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        build(database.connect("app"), "heron")
    assert caught.value.sqlstate == "MD001"
