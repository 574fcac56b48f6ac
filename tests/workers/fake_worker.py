"""A worker process over the queue in memory: ``python -m workers.fake_worker URL TEXT…``.

Prints what became of the jobs when it ends.
"""

import sys

from memoriesdb.config import WorkerSettings
from memoriesdb.workers import heart, process, runtime
from memoriesdb.workers.embedding import Embedding

from .fake_queue import FakeQueue


def main(url: str, *texts: str) -> int:
    queue = FakeQueue()
    for text in texts:
        queue.add(text, url)
    for module in (heart, runtime):
        vars(module)["connection"] = lambda *_: queue
    code = process.run(Embedding, WorkerSettings.load("embedding"))
    for item in queue.items.values():
        print(item.text, item.state, item.attempts, ",".join(item.history), flush=True)
    print("beats", queue.beats[0], queue.beats[-1], flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
