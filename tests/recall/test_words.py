"""The words of a query: which are read, and for which of them others are looked for."""

from uuid import UUID

from acting import Connection, Database
from queues.support import set_setting
from recall.test_explain_recall import explain
from recall.test_recall import contents


def index(database: Database) -> None:
    with database.superuser() as db:
        db.execute("select memoriesdb.index_memories()")


def unknown(db: Connection, query: str, memory_id: UUID) -> str:
    step = explain(db, memory_id, {"query": query})["fuzzy"]
    return step.detail if step.outcome != "not asked" else ""


def test_of_a_long_query_the_rarest_words_are_read(database: Database, alice: UUID) -> None:
    """Those in one memory, be it still to be indexed; what nobody has comes last."""
    common = [f"common{number:03}" for number in range(150)]
    for number in range(3):
        database.remember(alice, " ".join([f"number{number}", *common]))
    indexed = database.remember(alice, "zebra")
    index(database)
    waiting = database.remember(alice, "zither")
    query = " ".join([*(f"absent{number}" for number in range(300)), *common, "zebra", "zither"])
    with database.acting(alice) as db:
        assert {"zebra", "zither"} <= set(contents(db, query))
        for memory_id in (indexed, waiting):
            words = explain(db, memory_id, {"query": query})["keyword"].detail
            assert "1 of the 200 words" in words
            assert "the rarest of 452" in words


def test_a_lone_typo_finds_what_was_meant_among_very_many_words(
    database: Database, alice: UUID
) -> None:
    for letter in "abck":
        words = (f"{letter}{number:04}" for number in range(4000))
        database.remember(alice, " ".join(words))
    database.remember(alice, "Ask Krishnamurthy about the invoice")
    index(database)
    with database.acting(alice) as db:
        assert contents(db, "Krishnamurty") == ["Ask Krishnamurthy about the invoice"]
        assert contents(db, "Krishnamurty tea") == ["Ask Krishnamurthy about the invoice"]


def test_only_the_longest_unknown_words_are_looked_for(database: Database, alice: UUID) -> None:
    """Else a text that was pasted would be thousands of searches."""
    database.remember(alice, "Nora painted the lake")
    index(database)
    longer = [f"unheard{number}" for number in range(8)]
    with database.acting(alice) as db:
        assert contents(db, " ".join(["Norah", *longer[:7]])) == ["Nora painted the lake"]
        assert contents(db, " ".join(["Norah", *longer])) == []


def test_other_letters_are_tried_where_the_same_gives_nothing(
    database: Database, alice: UUID
) -> None:
    for text in ("the Christmas market", "a khrista"):
        database.remember(alice, text)
    index(database)
    with database.acting(alice) as db:
        assert contents(db, "qhristmas") == ["the Christmas market"]
        assert contents(db, "khristas") == ["a khrista"]


def test_a_word_that_waits_to_be_indexed_is_known(database: Database, alice: UUID) -> None:
    painted = database.remember(alice, "Nora painted the lake")
    database.remember(alice, "Norah sings")
    with database.acting(alice) as db:
        assert contents(db, "Norah") == ["Norah sings"]
        assert unknown(db, "Norah", painted) == ""
        assert "norai" in unknown(db, "Norai", painted)


def test_a_word_that_waits_does_not_keep_a_frequent_one_from_being_read(
    database: Database, alice: UUID
) -> None:
    for number in range(12):
        database.remember(alice, f"heron {number}")
    index(database)
    with database.superuser() as db:
        db.execute(
            "insert into memoriesdb.frequent_terms (owner_id, term, document_count, of_documents) "
            "values (%s, 'heron', 20000, 12)",
            (alice,),
        )
    set_setting(database, "recall_posting_budget", "1000")
    database.remember(alice, "Norah sings")
    with database.acting(alice) as db:
        assert len(contents(db, "heron Norah", k=20)) == 13
