"""What the page says besides figures."""

INTRODUCTION = """\
# Benchmarks of recall

Written by `make bench-recall`, from the figures in [benchmarks/](benchmarks/). Each part says
when, where and from which commit it was measured, since parts may have been run at different
times. What is lost is told beside what is won.

```sh
make bench-recall DATA=path/to/locomo.json                      # everything, at 100,000 memories
make bench-recall SIZE=1000000 PARTS=scale,growth               # an hour or more on two cores
make bench-recall PARTS=quality DATA="one.json another.json"    # other conversations
```

The conversations are LoCoMo's, which do not come with MemoriesDB: get them from
`snap-research/locomo` (CC BY-NC 4.0). Without `DATA` the synthetic memories are written with the
words of Python's documentation. The server runs with `fsync` off in a temporary directory, and
all that it holds is in memory. The clients share the processors with it.
"""

QUALITY = """\
{conversations} conversations, {memories:,} dialogue turns as memories, {questions} questions, in
per cent. MemoriesDB is asked by `recall(question, k => 20)` with the settings as shipped, as the
app role through PgBouncer. The baselines rank the same lexemes (BM25 with k1 1.2 and b 0.75,
checked against bm25s) and the same vectors (exact cosine). The fusion takes their whole lists.
Nothing judges: the data set names the turns that hold the evidence. The adversarial questions
(category 5) are not in the totals, since their evidence is mostly what the other speaker said. The
settings as shipped were chosen on the conversations of locomo_dev5: how well they hold elsewhere,
other conversations tell.
"""

SCALE = """\
Memories of {owners:,} owners, as many each as Zipf's law gives, in order of arrival: exchanges of
two to six of one owner among everybody else's. Texts of 8 to 40 words ({vocabulary}), streams of
20, 384-dimensional vectors in the shape of MiniLM's on conversations: those of one owner have a
mean cosine of 0.46, those of different owners 0.39, and the nearest of some hundreds 0.76. Near a
vector they spread in some 16 directions. A question has a text, half of its words from one
memory, and a vector, so embedding is not in the times. The texts were written by `remember_many`
as the app role, a call for each exchange, with all triggers. The vectors were inserted by the
superuser. Then the jobs were drained and everything was vacuumed.

Up to 30 owners of each decade are asked in turn, no owner twice in a row where there are two. At
one client the systems of a group take turns, too, and another begins each time. Peers are loaded
one after the other, and each is measured before the next comes, so that they do not push each
other out of memory. Their first rows were written by their own API, the others by SQL in the same
form, and their vector index was made at once afterwards, by its own definition: by their API it
would take hours. That favours them.
"""

RECALL = """\
The part of the true ten nearest that is found (truth: exact cosine in Python). Where fewer rows
came than exist, their part is told, too. For {vector} these are the ten of `vector_rank` 1 to 10 in
a long answer: an answer is ordered by more than that.
"""

GROWTH = """\
The same owners with the same memories, in databases of different totals: theirs lie scattered
among everybody's, in order of arrival. p50 / p95 in milliseconds at one client, and others are
asked in between. The ratio is that of the p50 at the greatest total and at the least.
"""
