"""What the documents point to is there, and they speak of no one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Targets that are no files: other sites, and mail.
ELSEWHERE = re.compile(r"^(https?|mailto|postgresql):")
FENCE = re.compile(r"^( *)```.*?^\1```", re.S | re.M)


def _documents() -> list[Path]:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    ).stdout.split()
    found = [ROOT / name for name in tracked if (ROOT / name).exists()]
    # A source archive has no git: then its folders tell.
    return found or [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


DOCUMENTS = _documents()


def _anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.*?) *$", text, re.M)
    plain = (re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).lower() for heading in headings)
    return {
        "".join(c for c in heading.replace(" ", "-") if c.isalnum() or c in "-_")
        for heading in plain
    }


def _broken(path: Path) -> list[str]:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    text = re.sub(r"`[^`\n]*`", "", text)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if ELSEWHERE.match(target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name) if name else path
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    assert _broken(path) == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text(
        "# Title here\n[a](b.md) [c](#title-here) [d](#nowhere) [e](https://x.org)\n"
    )
    assert _broken(document) == ["b.md", "#nowhere"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_speaks_of_the_machine_it_was_written_on(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert not re.search(r"/home/(?!alice|bob|you)\w+|/Users/|/root/", text)


def test_every_page_is_reached_from_the_index() -> None:
    docs = ROOT / "docs"
    seen: set[Path] = set()
    waiting = [docs / "index.md"]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.exists():
            continue
        seen.add(path)
        for target in re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", path.read_text(encoding="utf-8")):
            if not ELSEWHERE.match(target):
                waiting.append((path.parent / target).resolve())
    assert sorted(set(docs.rglob("*.md")) - seen) == []
