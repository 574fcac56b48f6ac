"""The embedding queue, measured next to other queues on PostgreSQL in the same cluster.

    python -m bench.queues --size 3000 --rounds 3

Writes its raw figures to docs/benchmarks/queue.json and docs/benchmarks-queue.md of them.
"""
