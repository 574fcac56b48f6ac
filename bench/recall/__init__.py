"""Recall, measured next to plain baselines and peers: quality, scale and growth.

    python -m bench.recall --size 100000 --data locomo.json

Every part writes its raw figures to docs/benchmarks/; docs/benchmarks.md is made of all of them.
"""
