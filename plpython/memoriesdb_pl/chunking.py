"""Cut a text that exceeds a model's window into chunks that fit.

There is no tokenizer in the server, so tokens are estimated, and rather too many than too few. The
estimate is made for WordPiece (MiniLM, nomic-embed, most BERT models): two letters or digits of a
word are a token, each of a mixed one (x9Kf2) is one, every sign is one, and every other
character is as many as it has parts when decomposed (a Hangul syllable has up to three). English
comes out at about twice its tokens. Text made to defeat it (long words of random letters) may
exceed the window by a few tokens; models cut those off.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

# What every model adds to a text: a token before it and one after it.
_SPECIAL_TOKENS = 2
SMALLEST_WINDOW = 16

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_NEWLINES = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_RUN = re.compile(r"[A-Za-z0-9]+\s*|\S\s*")
# The smallest parts that are kept whole, each with the blanks behind it. Names such as rowId and
# what a machine has made (hashes, base64) hold few pieces that a vocabulary knows.
_PLAIN = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+)\s*")
_PLAIN_ATOM = re.compile(r"(?:[0-9]{1,3}|[A-Za-z]{1,6})\s*")
_MIXED_ATOM = re.compile(r"\S{1,4}\s*")

# How good it is to cut behind an atom.
_IN_CHARACTER, _IN_WORD, _WORD, _SENTENCE, _PARAGRAPH = range(5)
_FULL_STOPS = "。！？｡"  # noqa: RUF001 - these end sentences without a blank behind them
_STOPS = ".!?…:;" + _FULL_STOPS
_CLOSING = "\"')]}»”’」』"  # noqa: RUF001
_ZERO_WIDTH_JOINER = "\u200d"


def normalise(text: str) -> str:
    """Give the text in NFC, with runs of blanks and control characters made one blank.

    A run that holds a line's end becomes a line's end, one that holds an empty line an empty line.
    """
    clean = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    clean = _NEWLINES.sub("\n", clean).replace("\u2029", "\n\n")
    return _BLANKS.sub(_blank, clean).strip(" \n")


def chunk(text: str, max_tokens: int, overlap: int = 0) -> list[str]:
    """Cut the normalised text into chunks of at most max_tokens estimated tokens.

    The chunks follow each other without a gap: with overlap=0, joined they are normalise(text).
    With overlap, each begins with up to that many tokens of the one before. Cuts are made at
    the best border in the second half of the window: paragraph, sentence, word, character.
    """
    if max_tokens < SMALLEST_WINDOW:
        raise ValueError(f"max_tokens must be at least {SMALLEST_WINDOW}")
    budget = max_tokens - _SPECIAL_TOKENS
    if not 0 <= overlap < budget // 2:
        raise ValueError(f"overlap must be at least 0 and less than {budget // 2}")
    clean = normalise(text)
    atoms = _Atoms.of(clean)
    chunks: list[str] = []
    first = 0
    while first < len(atoms.ends):
        last = atoms.cut(first, budget)
        chunks.append(clean[atoms.start(first) : atoms.ends[last]])
        if last == len(atoms.ends) - 1:
            break
        first = atoms.back(last + 1, overlap)
    return chunks


def estimate_tokens(text: str) -> int:
    """Give the estimated tokens of a text, those that the model adds included."""
    return _SPECIAL_TOKENS + sum(cost for _, cost in _atoms(normalise(text)))


@dataclass(frozen=True)
class _Atoms:
    """Where each atom ends, the tokens up to there, and how good a cut is there."""

    ends: list[int]
    tokens: list[int]
    borders: list[int]

    @classmethod
    def of(cls, text: str) -> "_Atoms":
        found = list(_atoms(text))
        ends = list(accumulate(len(atom) for atom, _ in found))
        tokens = list(accumulate(cost for _, cost in found))
        return cls(ends, tokens, [_border(text, end) for end in ends])

    def start(self, atom: int) -> int:
        return self.ends[atom - 1] if atom else 0

    def before(self, atom: int) -> int:
        return self.tokens[atom - 1] if atom else 0

    def cut(self, first: int, budget: int) -> int:
        """Give the last atom of the chunk that begins with the first."""
        used = self.before(first)
        best = atom = first
        while atom < len(self.ends) and self.tokens[atom] - used <= budget:
            best_is_early = 2 * (self.tokens[best] - used) <= budget
            if best_is_early or self.borders[atom] >= self.borders[best]:
                best = atom
            atom += 1
        return best if atom < len(self.ends) else len(self.ends) - 1

    def back(self, atom: int, overlap: int) -> int:
        """Give the atom to begin with so that at most overlap tokens are repeated."""
        begin = atom
        while begin and self.before(atom) - self.before(begin - 1) <= overlap:
            begin -= 1
        while begin < atom and begin and self.borders[begin - 1] < _IN_WORD:
            begin += 1
        words = (at for at in range(begin, atom) if self.borders[at - 1] >= _WORD)
        return next(words, begin)


def _blank(match: re.Match[str]) -> str:
    lines = match[0].count("\n")
    return "\n\n" if lines > 1 else "\n" if lines else " "


def _atoms(text: str) -> Iterator[tuple[str, int]]:
    """Give each atom with its tokens."""
    for run in _RUN.findall(text):
        if not run[0].isascii():
            yield run, _parts(run[0])
        elif _PLAIN.fullmatch(run):
            yield from ((atom, (len(atom.rstrip()) + 1) // 2) for atom in _PLAIN_ATOM.findall(run))
        else:
            yield from ((atom, len(atom.rstrip())) for atom in _MIXED_ATOM.findall(run))


@lru_cache(maxsize=4096)
def _parts(character: str) -> int:
    decomposed = unicodedata.normalize("NFD", character)
    return max(1, sum(unicodedata.category(part) != "Mn" for part in decomposed))


def _border(text: str, end: int) -> int:
    if end == len(text) or text.startswith("\n\n", end - 2):
        return _PARAGRAPH
    last = text[end - 1]
    if last == "\n":
        return _SENTENCE
    if last == " ":
        said = text[max(0, end - 5) : end - 1].rstrip(_CLOSING)
        return _SENTENCE if said.endswith(tuple(_STOPS)) else _WORD
    if last in _FULL_STOPS:
        return _SENTENCE
    joined = _ZERO_WIDTH_JOINER in (last, text[end])
    if joined or unicodedata.category(text[end]).startswith("M"):
        return _IN_CHARACTER
    return _IN_WORD
