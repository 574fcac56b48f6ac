"""What the database knows of a user's memories and of questions, as arrays for ranking.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bench.recall.choices import Settings
from bench.recall.database import Connection, value
from bench.recall.ranking import Array, Corpus, Ranking

# Equal, but for the single precision that pgvector adds up in.
CLOSE = 1e-5

# Along the streams: a memory without one stands alone, by its number.
_MEMORIES = """
select
  m.id, m.seq, coalesce('s' || m.stream, m.seq::text) as stream,
  extract(epoch from statement_timestamp() - m.occurred_at)::float8 / 86400 as age,
  extract(epoch from m.occurred_at)::float8 / 86400 as day,
  memoriesdb._speaker(m.metadata) as speaker, m.importance, m.trust,
  coalesce((
    select jsonb_object_agg(l.lexeme, least(coalesce(cardinality(l.positions), 1), 255))
    from unnest(m.search) as l
  ), '{}') as words,
  e.embedding::vector::real[] as vector
from memoriesdb.memories as m
left join memoriesdb.embedding_models as a on a.is_active
left join memoriesdb.memory_embeddings as e
  on e.owner_id = m.owner_id and e.memory_id = m.id and e.model_id = a.id
where m.owner_id = %s and m.forgotten_at is null
order by 3, m.occurred_at, m.seq
"""
_QUESTION = """
select
  tsvector_to_array(memoriesdb._search_vector(%(text)s)), memoriesdb._spaced(%(text)s), array(
    select array[extract(epoch from d.since), extract(epoch from d.until)]::float8[]
    from memoriesdb._dates_in(%(text)s, memoriesdb._present_of(%(user)s)) as d
  )
"""
_SIMILAR = "select term, similarity from memoriesdb._similar_terms(%s, %s, %s)"
_USES = """
select m.id, count(u.memory_id)
from memoriesdb.memories as m
left join (
  select unnest(a.memory_ids) as memory_id
  from (
    select l.memory_ids from memoriesdb.access_log as l
    where l.user_id = %(user)s and l.outcome = 'answered'
    order by l.access_id desc
    limit 1000
  ) as a
) as u on u.memory_id = m.id
where m.owner_id = %(user)s
group by m.id
"""


class _Memory(NamedTuple):
    id: Any
    doc: int
    stream: str
    age: float
    day: float
    speaker: str | None
    importance: float
    trust: float
    words: dict[str, int]
    vector: list[float] | None


class _Question(NamedTuple):
    terms: list[str]
    spaced: str
    windows: list[list[float]]
    similar: list[tuple[str, float]]


def read_settings(db: Connection) -> Settings:
    """Read the settings of recall as they are in the database."""
    return Settings.of(value(db, "select memoriesdb._recall_settings()"))


def read_corpus(
    db: Connection, user: str, questions: Sequence[str], vectors: Sequence[Sequence[float] | None]
) -> Corpus:
    """Read a user's memories, all indexed, and what the questions are made of (as a superuser)."""
    memories = [_Memory(*row) for row in db.execute(_MEMORIES.encode(), (user,)).fetchall()]
    known = {word for memory in memories for word in memory.words}
    asked = [_read_question(db, user, text, known) for text in questions]
    words = [
        (number, term)
        for number, question in enumerate(asked)
        for term in question.terms
        if term in known
    ]
    spellings = [
        (number, *similar) for number, question in enumerate(asked) for similar in question.similar
    ]
    speakers = sorted({memory.speaker for memory in memories if memory.speaker is not None})
    streams = {
        name: number for number, name in enumerate(dict.fromkeys(m.stream for m in memories))
    }
    units = _units([memory.vector for memory in memories])
    query_units = _units([_as_half(vector) for vector in vectors])
    return Corpus(
        memory_ids=[memory.id for memory in memories],
        docs=np.array([memory.doc for memory in memories], int),
        stream=np.array([streams[memory.stream] for memory in memories], int),
        lengths=np.array([sum(memory.words.values()) for memory in memories], float),
        words=_counts(memories, [term for _, term in words]),
        word_question=np.array([number for number, _ in words], int),
        spellings=_counts(memories, [term for _, term, _ in spellings]),
        spelling_question=np.array([number for number, _, _ in spellings], int),
        spelling_likeness=np.array([likeness for _, _, likeness in spellings], float),
        cosines=query_units @ units.T,
        vectors=np.nan_to_num(units),
        has_words=np.array([bool(question.terms) for question in asked]),
        has_vector=np.array([vector is not None for vector in vectors]),
        speaker=np.array([speakers.index(m.speaker) if m.speaker else -1 for m in memories], int),
        is_named=np.array(
            [[bool(m.speaker) and f" {m.speaker} " in q.spaced for m in memories] for q in asked],
            bool,
        ).reshape(len(asked), len(memories)),
        days_off=np.stack([_days_off(memories, question.windows) for question in asked]),
        age_days=np.array([memory.age for memory in memories], float),
        importance=np.array([memory.importance for memory in memories], float),
        trust=np.array([memory.trust for memory in memories], float),
        uses=np.zeros(len(memories)),
    )


def read_uses(db: Connection, user: str, corpus: Corpus) -> Array:
    """Read how often the last answers to the user had each memory: it changes by each."""
    counts: dict[Any, int] = dict(db.execute(_USES.encode(), {"user": user}).fetchall())
    return np.array([counts[memory_id] for memory_id in corpus.memory_ids], float)


def differences(
    corpus: Corpus, ranking: Ranking, question: int, found: Sequence[tuple[Any, float]]
) -> list[str]:
    """Compare recall()'s answer, ids and scores, with a ranking; equals may change places."""
    order = ranking.order[question]
    mine = [int(number) for number in order if number >= 0]
    if len(mine) != len(found):
        return [f"{len(found)} memories by recall(), {len(mine)} by the ranking in numpy"]
    numbers = {memory_id: number for number, memory_id in enumerate(corpus.memory_ids)}
    scores = ranking.scores[question]
    return [
        f"place {place}: recall() has one of {score:.7f}, which is worth "
        f"{scores[numbers[memory_id]]:.7f} in numpy, where one of {scores[own]:.7f} stands here"
        for place, (own, (memory_id, score)) in enumerate(zip(mine, found, strict=True), 1)
        if not (
            abs(scores[own] - score) < CLOSE and abs(scores[numbers[memory_id]] - score) < CLOSE
        )
    ]


def _read_question(db: Connection, user: str, text: str, known: set[str]) -> _Question:
    row = db.execute(_QUESTION.encode(), {"text": text, "user": user}).fetchone()
    assert row is not None
    terms, spaced, windows = row
    unknown = [term for term in terms if term not in known]
    similar = db.execute(_SIMILAR.encode(), (user, unknown, unknown == terms)).fetchall()
    return _Question(
        terms, spaced, windows, [(term, like) for term, like in similar if term not in terms]
    )


def _counts(memories: Sequence[_Memory], terms: Sequence[str]) -> Array:
    counts = np.zeros((len(terms), len(memories)))
    rows: dict[str, list[int]] = {}
    for row, term in enumerate(terms):
        rows.setdefault(term, []).append(row)
    for number, memory in enumerate(memories):
        for term in memory.words.keys() & rows.keys():
            counts[rows[term], number] = memory.words[term]
    return counts


def _as_half(vector: Sequence[float] | None) -> list[float] | None:
    """Scale to the length one, and round as a halfvec is."""
    if vector is None:
        return None
    exact = np.array(vector, np.float64)
    unit = (exact / np.linalg.norm(exact)).astype(np.float32)
    return [float(number) for number in unit.astype(np.float16)]


def _units(vectors: Sequence[Sequence[float] | None]) -> Array:
    """Vectors of the length one; NaN where there is none."""
    width = next((len(vector) for vector in vectors if vector is not None), 1)
    rows = np.array([[np.nan] * width if v is None else v for v in vectors], np.float64)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _days_off(memories: Sequence[_Memory], windows: list[list[float]]) -> Array:
    """Days of each memory outside the nearest time that a question names; NaN: it names none."""
    days = np.array([memory.day for memory in memories], float)
    if not windows:
        return np.full(len(days), np.nan)
    outside = [
        np.maximum(0, np.maximum(since / 86400 - days, days - until / 86400))
        for since, until in windows
    ]
    return np.asarray(np.min(outside, axis=0))
