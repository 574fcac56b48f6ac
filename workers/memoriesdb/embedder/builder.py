"""Build the quantised model once and keep it in a cache directory."""

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from memoriesdb.embedder.errors import CacheUnusableError, EmbedderError, ModelUnavailableError
from memoriesdb.embedder.model import Model, check
from memoriesdb.embedder.weights import ModelFiles, find_model

Report = Callable[[str], None]

# Counts up whenever the graph or its quantisation changes: older caches are built anew.
BUILDER_VERSION = 1
FP32_BOUND = 0.9999
INT8_BOUND = 0.96


def default_cache_dir() -> Path:
    """MEMORIESDB_CACHE_DIR, else the user's cache directory by the XDG rules."""
    own = os.environ.get("MEMORIESDB_CACHE_DIR")
    if own:
        return Path(own)
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG rules say that a relative path is to be ignored.
    base = Path(xdg) if os.path.isabs(xdg) else Path.home() / ".cache"
    return base / "memoriesdb"


def build(cache_dir: Path | None = None, report: Report | None = None, *, threads: int = 0) -> Path:
    """Give the path of a checked model file, building it first where it is missing or damaged."""
    files = find_model()
    path = _cached_path(files, cache_dir or default_cache_dir())
    _ready(files, path, report or _silent, threads)
    return path


def load(cache_dir: Path | None = None, report: Report | None = None, *, threads: int = 0) -> Model:
    """Load the model, building it first where needed. threads=0 lets onnxruntime choose."""
    files = find_model()
    path = _cached_path(files, cache_dir or default_cache_dir())
    return _ready(files, path, report or _silent, threads)


def _ready(files: ModelFiles, path: Path, report: Report, threads: int) -> Model:
    with _locked(path):
        if path.is_file():
            try:
                return _checked(files, path, threads)
            except ModelUnavailableError:
                raise
            except EmbedderError:
                report("The cached model is damaged; building it again.")
        _build(files, path, report, threads)
        return _checked(files, path, threads)


def _checked(files: ModelFiles, path: Path, threads: int) -> Model:
    content = path.read_bytes()
    # The reference texts do not touch every weight: the hash finds a flipped bit in the others.
    if not _digest_path(path).is_file() or _digest_path(path).read_text() != _digest(content):
        raise EmbedderError(f"{path} is not as it was built")
    model = Model.open(files, content, threads=threads)
    check(model, "quantised", INT8_BOUND)
    return model


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_path(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _cached_path(files: ModelFiles, directory: Path) -> Path:
    return directory / f"all-MiniLM-L6-v2-{files.sha256[:16]}-v{BUILDER_VERSION}.int8.onnx"


def _silent(_: str) -> None:
    """Report to nobody."""


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process build while others wait; the kernel drops the lock of one that dies."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = path.with_suffix(".lock").open("w")
    except OSError as error:
        if path.is_file():  # a read-only cache that somebody else has filled
            yield
            return
        raise CacheUnusableError(path.parent, error.strerror) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(files: ModelFiles, path: Path, report: Report, threads: int) -> None:
    try:
        from onnxruntime.quantization import (  # type: ignore[import-untyped]
            QuantType,
            quantize_dynamic,
        )
        from safetensors.numpy import load_file

        from memoriesdb.embedder.graph import assemble
    except ImportError as error:
        raise ModelUnavailableError(f"the Python package {error.name}") from error
    for left in path.parent.glob(".building-*"):  # by a build that was killed; we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    report("Assembling the embedding model from its weights …")
    graph = assemble(load_file(files.weights))
    check(Model.open(files, graph.SerializeToString(), threads=threads), "assembled", FP32_BOUND)
    report("Quantising it to 8 bits …")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".building-") as scratch:
            fresh = Path(scratch) / "model.onnx"
            with _quiet_root_logger():
                quantize_dynamic(
                    graph, fresh, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
                )
            _digest_path(fresh).write_text(_digest(fresh.read_bytes()))
            _checked(files, fresh, threads)
            with fresh.open("rb") as file:
                os.fsync(file.fileno())
            _digest_path(fresh).replace(_digest_path(path))
            fresh.replace(path)
    except OSError as error:
        raise CacheUnusableError(path.parent, error.strerror) from error
    report(f"The embedding model is ready: {path}")


@contextmanager
def _quiet_root_logger() -> Iterator[None]:
    """Keep the quantiser's advice about pre-processing, logged at the root, from users."""
    root, nobody = logging.getLogger(), logging.NullHandler()
    root.addFilter(_drop)
    root.addHandler(nobody)  # else its logging.warning() would set up a handler for good
    try:
        yield
    finally:
        root.removeHandler(nobody)
        root.removeFilter(_drop)


def _drop(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
