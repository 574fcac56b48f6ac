"""The text of the story: sentences of two books that are in the public domain.

``wonderland.txt`` is from Lewis Carroll, Alice's Adventures in Wonderland (1865), chapters I and
II; ``baker_street.txt`` from Arthur Conan Doyle, A Scandal in Bohemia (1891). One sentence a line,
some shortened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources


@dataclass(frozen=True)
class Reading:
    """What one of the two users has read, and what he is asked about it later."""

    reader: str
    book: str
    stream: str
    file: str

    def items(self) -> list[dict[str, object]]:
        """Return the sentences as remember_many() wants them, read a minute apart."""
        text = resources.files(__package__).joinpath(self.file).read_text(encoding="utf-8")
        begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        return [
            {
                "content": line,
                "kind": "sentence",
                "stream": self.stream,
                "metadata": {"speaker": self.book},
                "occurred_at": (begin + timedelta(minutes=number)).isoformat(),
            }
            for number, line in enumerate(text.splitlines())
        ]


ADA = Reading("ada", "Lewis Carroll", "wonderland", "wonderland.txt")
BEN = Reading("ben", "Dr. Watson", "baker street", "baker_street.txt")
