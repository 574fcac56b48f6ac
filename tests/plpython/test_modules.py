"""The modules run where the server runs them: from source text, on the standard library alone.

One needs more, and only what asks for it imports it: the server's Python may not have it.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import memoriesdb_pl

OPTIONAL = {"calendar_windows.py": "dateutil"}
SOURCES = sorted(Path(memoriesdb_pl.__file__).parent.glob("*.py"))

LOADER = """
import importlib.abc, importlib.util, json, sys

class Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, sources):
        self.sources = sources
    def find_spec(self, name, path=None, target=None):
        if name not in self.sources:
            return None
        return importlib.util.spec_from_loader(name, self, is_package="." not in name)
    def exec_module(self, module):
        exec(compile(self.sources[module.__name__], module.__name__, "exec"), module.__dict__)

sys.meta_path.insert(0, Loader(json.load(sys.stdin)))
from memoriesdb_pl import chunking, http_embedding, pooling
print(chunking.chunk("a  b", 32), pooling.mean_unit([[3.0, 4.0]]))
try:
    http_embedding.embed("ollama", "no-address", "m", "t", timeout_seconds=1, dimensions=3)
except http_embedding.EmbeddingError as error:
    print(type(error).__module__)
"""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_module_imports_the_standard_library_and_its_siblings_alone(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"memoriesdb_pl", OPTIONAL.get(path.name, "memoriesdb_pl")}
    if path.name == "dates.py":  # which asks, within a function, whether it is there
        allowed |= {"dateutil"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                imported = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                imported = [module]
            case ast.ImportFrom():
                pytest.fail("relative imports depend on how a module was loaded")
            case _:
                continue
        for name in imported:
            assert name.split(".")[0] in allowed or name == "_typeshed"


def test_the_modules_work_when_loaded_from_source_text() -> None:
    names = {path.stem: path.read_text("utf-8") for path in SOURCES}
    sources = {
        "memoriesdb_pl" if stem == "__init__" else f"memoriesdb_pl.{stem}": text
        for stem, text in names.items()
    }
    # -I -S: nothing of this environment, as in the server.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", LOADER],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['a b'] [0.6, 0.8]",
        "memoriesdb_pl.http_embedding",
    ]
