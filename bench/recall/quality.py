"""Quality: how often the evidence for a question is found, next to plain baselines.

Every dialogue turn is a memory of one user; every question is asked with recall() by the
application's login through PgBouncer, with the settings as shipped. The baselines rank the same
memories by the same lexemes and the same vectors, exactly, in Python. Nothing judges the answers:
the data set names the turns that hold the evidence.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from bench.recall import locomo
from bench.recall.bm25 import Bm25
from bench.recall.database import (
    act_as,
    database,
    dsn,
    index_words,
    pooled,
    run_once,
    superuser,
    value,
)
from bench.recall.facts import facts
from bench.recall.locomo import ASIDE, CATEGORIES, Conversation, Question
from bench.recall.metrics import half_interval, ndcg_at, recall_at, reciprocal_rank
from memoriesdb import embedder
from memoriesdb.cluster import Cluster
from memoriesdb.config import WorkerSettings
from memoriesdb.embedder.model import Model
from memoriesdb.embedder.server import Server
from memoriesdb.workers.embedding import Embedding

OURS, BM25, VECTORS, RRF = "MemoriesDB", "BM25", "vectors", "RRF, k = 60"
SYSTEMS = (OURS, BM25, VECTORS, RRF)
MOST = 20
GOAL, MOONSHOT, SLACK = 78.0, 80.0, 1.0

Figures = dict[str, float]


@dataclass(frozen=True)
class Answer:
    """What one system found for one question."""

    system: str
    conversation: str
    question: Question
    found: Sequence[object]


def measure(paths: Sequence[Path], progress: Progress) -> dict[str, Any]:
    """Ask every question of every system; return all figures."""
    conversations = [c for path in paths for c in locomo.read(path)]
    model = embedder.load()
    with embedding_endpoint(model) as endpoint, database(10_000) as cluster:
        users = ingest(cluster, conversations, endpoint, progress)
        answers = []
        task = progress.add_task("questions", total=sum(len(c.questions) for c in conversations))
        for conversation, user in zip(conversations, users, strict=True):
            answers += ask_recall(cluster, conversation, user, progress, task)
            answers += ask_baselines(cluster, conversation, user, model)
        return {
            **facts(cluster),
            "part": "quality",
            "data": [path.name for path in paths],
            "conversations": len(conversations),
            "memories": sum(len(c.turns) for c in conversations),
            **figures(answers),
        }


@contextmanager
def embedding_endpoint(model: Model) -> Iterator[str]:
    """Serve the local model; give the address."""
    server = Server("127.0.0.1", 0, model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()


def title(conversation: Conversation) -> str:
    """Return a conversation's name, unique among several files."""
    return f"{conversation.data_set}/{conversation.name}"


def ingest(
    cluster: Cluster, conversations: Sequence[Conversation], endpoint: str, progress: Progress
) -> list[str]:
    """Remember every conversation as a user of its own; index and embed as the workers do."""
    with pooled(cluster, "admin") as db:
        users = [
            str(value(db, "select memoriesdb.create_user(%s)", title(c))) for c in conversations
        ]
        db.execute(
            "select memoriesdb.register_embedding_model('all-minilm', 'ollama', %s, 384)",
            (endpoint,),
        )
    with pooled(cluster, "app") as db:
        for conversation, user in progress.track(
            list(zip(conversations, users, strict=True)), description="remember"
        ):
            with db.transaction():
                act_as(db, user)
                db.execute("select memoriesdb.remember_many(%s)", (json.dumps(conversation.turns),))
    progress.console.print("embedding …")
    settings = WorkerSettings.load("embedding", dsn=dsn(cluster, "worker"), batch=128)
    run_once(Embedding, settings)
    index_words(cluster)
    with superuser(cluster) as admin:
        admin.execute("vacuum analyze")
    return users


def ask_recall(
    cluster: Cluster, conversation: Conversation, user: str, progress: Progress, task: Any
) -> list[Answer]:
    """Ask recall() each question, as an application does."""
    answers = []
    with pooled(cluster, "app") as db:
        for question in conversation.questions:
            with db.transaction():
                act_as(db, user)
                rows = db.execute(
                    "select metadata ->> 'turn' from memoriesdb.recall(%s, k => %s)",
                    (question.text, MOST),
                ).fetchall()
            found = [row[0] for row in rows]
            answers.append(Answer(OURS, title(conversation), question, found))
            progress.advance(task)
    return answers


def ask_baselines(
    cluster: Cluster, conversation: Conversation, user: str, model: Model
) -> list[Answer]:
    """Rank by BM25, by cosine and by both arms' ranks, over what the database holds."""
    with superuser(cluster) as db:
        lexemes: dict[str, dict[str, int] | None] = dict(
            db.execute(
                "select m.metadata ->> 'turn', "
                "(select jsonb_object_agg(l.lexeme, cardinality(l.positions))"
                " from unnest(m.search) as l) "
                "from memoriesdb.memories as m where m.owner_id = %s",
                (user,),
            ).fetchall()
        )
        vectors = db.execute(
            "select m.metadata ->> 'turn', e.embedding::vector::real[] "
            "from memoriesdb.memory_embeddings as e join memoriesdb.memories as m "
            "on m.owner_id = e.owner_id and m.id = e.memory_id where e.owner_id = %s",
            (user,),
        ).fetchall()
        words = [
            value(db, "select tsvector_to_array(to_tsvector('english', %s))", question.text)
            for question in conversation.questions
        ]
    documents = {turn: terms or {} for turn, terms in lexemes.items()}
    check_bm25(documents, words)
    index = Bm25(documents)
    names = [turn for turn, _ in vectors]
    matrix = unit(np.array([vector for _, vector in vectors], np.float32))
    asked = unit(np.array(model.embed([q.text for q in conversation.questions]).vectors))
    answers = []
    for question, terms, similarity in zip(
        conversation.questions, words, asked @ matrix.T, strict=True
    ):
        scores = index.scores(terms)
        by_words = sorted(scores, key=scores.__getitem__, reverse=True)
        by_vector = [names[i] for i in np.argsort(-similarity)]
        for system, found in (
            (BM25, by_words),
            (VECTORS, by_vector),
            (RRF, reciprocal_rank_fusion((by_words, by_vector))),
        ):
            answers.append(Answer(system, title(conversation), question, found[:MOST]))
    return answers


def unit(rows: Any) -> Any:
    """Scale each row to the length one."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def reciprocal_rank_fusion(rankings: Iterable[Sequence[Any]], k: int = 60) -> list[Any]:
    """Rank by the sum of 1 / (k + rank)."""
    scores: dict[Any, float] = defaultdict(float)
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] += 1 / (k + rank)
    return sorted(scores, key=scores.__getitem__, reverse=True)


def check_bm25(documents: Mapping[str, Mapping[str, int]], queries: Sequence[list[str]]) -> None:
    """Compare the scores of our BM25 with a library's, and stop where they differ."""
    import bm25s

    names = list(documents)
    library = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    library.index(
        [[t for t, n in documents[name].items() for _ in range(n)] for name in names],
        show_progress=False,
    )
    ours = Bm25(documents)
    known = {term for terms in documents.values() for term in terms}
    for terms in queries[:50]:
        if not known.intersection(terms):
            continue
        theirs = library.get_scores([term for term in terms if term in known])
        mine = ours.scores(terms)
        # Lucene's leaves out the constant factor k1 + 1.
        expected = np.array([mine.get(name, 0.0) for name in names]) / 2.2
        if not np.allclose(theirs, expected, rtol=1e-4, atol=1e-4):
            raise SystemExit("our BM25 and the library's disagree: the baseline means nothing")


def figures(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the means per system: over all, per category and per conversation; and the goals."""
    headline = [a for a in answers if a.question.category != ASIDE]
    overall = {s: mean([a for a in headline if a.system == s]) for s in SYSTEMS}
    categories = {
        name: {
            s: mean([a for a in answers if a.system == s and a.question.category == number])
            for s in SYSTEMS
        }
        for number, name in CATEGORIES.items()
        if any(a.question.category == number for a in answers)
    }
    conversations = {
        name: {
            s: mean([a for a in headline if a.system == s and a.conversation == name])
            for s in SYSTEMS
        }
        for name in sorted({a.conversation for a in headline})
    }
    return {
        "overall": overall,
        "categories": categories,
        "per_conversation": conversations,
        "goals": goals(overall, categories),
    }


def mean(answers: Sequence[Answer]) -> Figures:
    """Return the mean figures of some answers, in per cent."""
    rows = [(a.found, a.question.evidence) for a in answers]
    each = {
        "recall@5": [recall_at(found, evidence, 5) for found, evidence in rows],
        "recall@10": [recall_at(found, evidence, 10) for found, evidence in rows],
        "recall@20": [recall_at(found, evidence, 20) for found, evidence in rows],
        "MRR": [reciprocal_rank(found, evidence) for found, evidence in rows],
        "nDCG@10": [ndcg_at(found, evidence, 10) for found, evidence in rows],
    }
    result = {name: 100 * sum(values) / len(values) for name, values in each.items()}
    return {
        "questions": len(rows),
        **result,
        "recall@10 ±": 100 * half_interval(each["recall@10"]),
    }


def goals(overall: Mapping[str, Figures], categories: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Judge the goals."""
    found = overall[OURS]["recall@10"]
    judged = [
        {"goal": f"recall@10 of at least {GOAL:g}", "found": f"{found:.1f}", "holds": found >= GOAL}
    ]
    for number, name in CATEGORIES.items():
        if number == ASIDE or name not in categories:
            continue
        row = categories[name]
        best = max(row[BM25]["recall@10"], row[VECTORS]["recall@10"])
        own = row[OURS]["recall@10"]
        judged.append(
            {
                "goal": f"{name}: at most {SLACK:g} point below the better of BM25 and vectors",
                "found": f"{own:.1f} against {best:.1f}",
                "holds": own >= best - SLACK,
            }
        )
    judged.append(
        {
            "goal": f"beyond it, recall@10 of {MOONSHOT:g}",
            "found": f"{found:.1f}",
            "holds": found >= MOONSHOT,
        }
    )
    return judged
