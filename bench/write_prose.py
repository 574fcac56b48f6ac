"""What the page about the write path says besides figures."""

INTRODUCTION = """\
# Write path

What a write to `memories` costs, part by part, next to bare tables with the same search structures.
Written by `make bench-write`, which takes some minutes.
"""

FLOORS = """\
Two floors, without row-level security, triggers, foreign keys, checks, versions, audit, queue or
hash: a heap whose primary key is an owner and a number; and the same with what search needs, filled
by the same statement: postings (owner, word, document) with frequencies, made by to_tsvector, and
384-dimensional vectors with a covering index, copied from a table beside. MemoriesDB has the
document in its search structures when the statement returns, and finds it by its words at commit;
postings and vectors come after the commit, by workers. The last column adds what one worker takes
for the postings, as if nobody did it beside.

Texts of 8 to 40 words of Python's documentation, each with a stream and a speaker, through
PgBouncer, durable (synchronous_commit on). A batch is a transaction, by one client of one owner.
One a transaction is pgbench with BEGIN, set_user(), remember(), COMMIT against BEGIN, INSERT,
COMMIT, each client an owner of its own; pgbench, PgBouncer and the server share the processors.
With "1 ms more a flush" each flush of the log takes a millisecond longer (commit_delay), as on many
a disk that survives a power cut; on this one it takes about a tenth of that.
Medians of rounds in which the systems take turns; ratios are medians of each round's.
"""

PARTS = """\
Each part switched off alone by a superuser, in a database of the benchmark's own, and what that
saves of the time that the server's process runs on a processor (waits for the disk are not in it).
Parts overlap, so that they do not add up to all. Versions, the graph's queue and holds act on
UPDATE and DELETE alone; limits of tokens only in the session of a token. A negative saving is
noise, of which single writes on a busy machine have more than most parts cost: by instructions it
is told below.
"""

FUNCTIONS = """\
Functions of a batch of 1,000 as the server times them (track_functions, which itself adds to each
call); statements inside of a function, such as the INSERT into the audit, count as its own.
"""

CUTS = """\
## What was cut, and why it may be

Counted in instructions of the server's process (`perf stat`), which other load on the machine does
not change, in thousands a row; the same texts, model and users before and after:

| | before | after | the same search structures |
| --- | --- | --- | --- |
| in batches of 1,000 | 1,358 | 1,050 | 697 |
| one a transaction | 4,845 | 4,108 | 2,236 |

What each part takes of them, switched off alone:

| | in batches of 1,000 | one a transaction |
| --- | --- | --- |
| stamp | 410 | 697 |
| audit | 260 | 887 |
| search structures | 53 | 203 |
| embedding queue | 148 | 431 |
| row-level security | 0 | 434 |
| who writes, before and after | 0 | 263 |
| foreign keys | 89 | 124 |
| all of these off | 106 left | 950 left |

- A function with a search path of its own costs some 17,000 instructions before it does anything,
  and a row called a dozen of them. What most rows need stands in line in `tg_memories__stamp`,
  `tg_memories__search_insert` and `_write_audit`; functions that say what is wrong are called where
  something is. Tests compare what is in line with the functions that verify it.
- Whom an application's session names was proven for each row. Now it is a claim, as it was for
  sessions of tokens, and held against the proof at the end of the statement, by the scope to write:
  a statement that changes its user on the way is undone.
- A pattern with counts, `{8}` or `{0,62}`, takes 30,000 to 40,000 instructions, ten times one
  without. An id is read by LIKE and its hexadecimal digits, a kind by a pattern and its length.
- Settings are read once a row, by key, and not three times.
- A single row, which most writes are, has a short statement for its job and none of the cursor for
  its audit entry.
- Who may write is asked by the trigger; `remember()` asks again only where a token may write and
  not read.

What is left of a single write is spread: the CHECK constraints of five tables, which PostgreSQL
reads and prepares anew in each statement, are an eighth of it; the user is looked up seven times,
by the policies, the triggers and the audit, each of which proves it for itself; the policies for
reading, which RETURNING the id meets, are a twelfth. Partitions of the audit cost nothing that
could be measured, and neither does ON CONFLICT in the queue.

Where the disk takes little, a single write is bound by the processor, and MemoriesDB runs nearly
twice the instructions that the bare tables take with a text's words and vector in one statement: it
is below the goal there.
"""
