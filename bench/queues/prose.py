"""What the page says besides figures."""

INTRODUCTION = """\
# Benchmarks of the embedding queue

Written by `make bench-queue`, from the figures in [benchmarks/queue.json](benchmarks/queue.json).
What is lost is told beside what is won.

```sh
make bench-queue                        # a few minutes
make bench-queue SIZE=20000 ROUNDS=5    # longer queues, more rounds
```
"""

METHOD = """\
All queues are in one private cluster and take turns in one run: {size:,} jobs that do nothing are
enqueued, and then drained by 1, 2, 4 and 8 workers with as many database connections. Another
queue begins each time. First with nothing else going on, then with a transaction of another
session held open for all the rounds, so that no row that dies can be removed. Before each cell
the queue's tables are truncated, so what a held transaction costs is what the dead rows of one
cell cost: with more jobs it is more. Between enqueueing and draining the tables are analyzed.

The time of a drain runs from when all workers are connected to the last job done. Of
procrastinate and pgqueuer it ends when the last job has run, though the queue is told of it a
little later. MemoriesDB goes through PgBouncer in transaction mode, as the logins of its
application, admin and worker, with row-level security forced and leases with fencing tokens; the
others connect directly, as superuser. Its jobs are of {owners} owners, whom a claim serves in
turn. A commit waits for the disk. The workers share the processors with the server.

The settings of each queue are those that drained fastest with two workers at the start of the
same run (below): of {chosen}, how many jobs a claim takes. {shipped} claims {default}, which is
what its worker does unless it is told another number.
"""

DRAIN = """\
Jobs a second, the median of {rounds} rounds and in brackets the least and the most.

A message of pgmq-style SQL is done when it is deleted. A job of MemoriesDB is done when the text is
known to be the embedded one until the commit, and its vector is written, indexed and audited;
{released} is the queue without that.
"""

ENQUEUE = """\
Jobs a second, by as many producers as there are workers, {batch} in a call; {chosen}, {shipped}
and {released} by one session that calls queue_backfill(), whatever the workers, which finds what
has no vector and queues it. {written} is what an application sees: the memory with its checks,
version, audit, search and job, which nothing of the others' compares with. {unqueued} is the same
without a job, and so the difference is what the queue costs a writer.
"""

BYTES = """\
The queue's tables with their indexes after a drain, the largest of all rounds, in kB for each
thousand jobs.
"""
