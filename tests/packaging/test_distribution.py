"""What is built carries what an install needs, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from memoriesdb.installer import script
from memoriesdb.installer.sources import PYTHON, SQL

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("workers", "plpython", "sql", "migrations", "pgbouncer")
FILES = ("pyproject.toml", "README.md", "LICENSE", ".gitignore")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the build reads, with what a working tree gathers."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in (*PARTS, "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    for name in ("sql/__pycache__/x.pyc", "workers/memoriesdb/__pycache__/x.pyc", "dist/old.whl"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).touch()
    return copy


def _build(source: Path, output: Path, *kinds: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *kinds, "-o", str(output), str(source)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the wheel and the sdist."""
    output = tmp_path_factory.mktemp("dist")
    _build(checkout, output, "--wheel", "--sdist")
    return output


def _wheel(directory: Path) -> Path:
    (wheel,) = directory.glob("memoriesdb-*.whl")
    return wheel


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def _shipped(directory: Path, pattern: str = "*") -> set[str]:
    return {
        path.relative_to(directory).as_posix()
        for path in directory.rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_carries_all_that_an_install_needs(built: Path) -> None:
    names = _names(_wheel(built))
    expected = (
        {f"memoriesdb/sql/{name}" for name in _shipped(SQL)}
        | {f"memoriesdb_pl/{name}" for name in _shipped(PYTHON)}
        | {f"memoriesdb/migrations/{name}" for name in _shipped(ROOT / "migrations")}
        | {f"memoriesdb/pgbouncer/{name}" for name in _shipped(ROOT / "pgbouncer")}
        | {f"memoriesdb/{name}" for name in _shipped(ROOT / "workers" / "memoriesdb")}
    )
    assert names == expected
    for name in (
        "memoriesdb/sql/bootstrap.sql",
        "memoriesdb/sql/functions/recall/recall.sql",
        "memoriesdb/migrations/versions/0001_initial.sql",
        "memoriesdb/migrations/script.py.mako",
        "memoriesdb/pgbouncer/pgbouncer.ini",
        "memoriesdb/cluster/system_packages.sh",
        "memoriesdb/queries/installer/definitions.sql",
        "memoriesdb/py.typed",
        "memoriesdb_pl/chunking.py",
    ):
        assert name in names


def test_nothing_of_tests_or_ignored_files_is_shipped(built: Path) -> None:
    with tarfile.open(next(built.glob("memoriesdb-*.tar.gz"))) as archive:
        names = _names(_wheel(built)) | set(archive.getnames())
    unwanted = ("__pycache__", ".pyc", "/tests/", "/dist/", ".venv", ".egg-info")
    assert [name for name in names if any(part in name for part in unwanted)] == []


def test_the_sdist_carries_the_units_and_the_license(built: Path) -> None:
    with tarfile.open(next(built.glob("memoriesdb-*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= names
    assert "workers/systemd/memoriesdb-embedding@.service" in names


def test_a_wheel_built_from_the_sdist_is_the_same(built: Path, tmp_path: Path) -> None:
    with tarfile.open(next(built.glob("memoriesdb-*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    _build(unpacked, tmp_path / "dist", "--wheel")
    assert _names(_wheel(tmp_path / "dist")) == _names(_wheel(built))


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on comes from the present one."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"),
            *("--no-deps", "--no-index", "--quiet", str(_wheel(built))),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # Behind its own packages; the .pth files there, and so the editable install, are not read.
    present = sysconfig.get_path("purelib")
    (site / "present.pth").write_text(f"{present}\n")
    return home


def _run(installed: Path, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(installed / "bin" / command[0]), *command[1:]],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=clean,
    )


def test_the_command_works_from_the_wheel_anywhere(installed: Path, tmp_path: Path) -> None:
    where = _run(
        installed, "python", "-c", "import memoriesdb; print(memoriesdb.__file__)", cwd=tmp_path
    )
    assert where.stdout.startswith(str(installed)), where.stdout + where.stderr
    helped = _run(installed, "memoriesdb", "--help", cwd=tmp_path)
    assert helped.returncode == 0, helped.stderr
    assert "install" in helped.stdout
    printed = _run(installed, "memoriesdb", "sql", cwd=tmp_path)
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout == script(), "byte by byte what the checkout prints"


def test_a_command_that_fails_there_says_so_without_a_trace(
    installed: Path, tmp_path: Path
) -> None:
    done = _run(
        installed, "memoriesdb", "install", "postgresql://postgres@127.0.0.1:9/x", cwd=tmp_path
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
