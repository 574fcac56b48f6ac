"""An install is there wholly or not at all, and a second one changes nothing."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import InstallError, install, script, upgrade, verify
from memoriesdb.installer.sources import Target

from .conftest import Connect, catalogue, dump

ROLES = "select rolname::text from pg_roles where rolname like 'memoriesdb%' order by 1"


def test_a_second_install_changes_nothing(empty: str, cluster: Cluster) -> None:
    assert install(empty).changed
    before = catalogue(empty), dump(cluster, empty)
    second = install(empty)
    assert (second.changed, second.applied) == (False, [])
    assert (catalogue(empty), dump(cluster, empty)) == before
    assert verify(empty) == []


def test_the_printed_script_makes_the_same_as_the_installer(
    create_database: Callable[..., str], cluster: Cluster, tmp_path: Path
) -> None:
    installed, scripted = create_database(), create_database()
    install(installed)
    file = tmp_path / "install.sql"
    file.write_text(script(replace(Target(), server_version=cluster.postgres.installation.version)))
    psql = cluster.postgres.installation.program("psql")
    subprocess.run(
        [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), scripted],
        check=True,
        capture_output=True,
        cwd="/",
        # Whatever the locale of the machine is.
        env={"PGCLIENTENCODING": "LATIN1"},
    )
    assert catalogue(scripted) == catalogue(installed)
    assert dump(cluster, scripted) == dump(cluster, installed)
    assert verify(scripted) == []
    assert not upgrade(scripted).changed


def test_the_encoding_of_the_client_does_not_matter(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    install(empty)
    assert verify(empty) == []


def test_installs_at_once_wait_for_each_other(empty: str) -> None:
    done, failed = _at_once([empty] * 3)
    assert failed == []
    assert sorted(done) == [False, False, True], "one installs, the others find it done"
    assert verify(empty) == []


def test_installs_at_once_in_databases_of_a_fresh_cluster() -> None:
    """Each would make the roles, which belong to the cluster and not to the database."""
    with temporary_cluster() as fresh:
        names = [f"database_{number}" for number in range(3)]
        with psycopg.connect(fresh.superuser_dsn, autocommit=True) as db:
            for name in names:
                db.execute(f"create database {name}")
        done, failed = _at_once([fresh.postgres.dsn(name) for name in names])
    assert failed == []
    assert done == [True] * 3


def _at_once(dsns: list[str]) -> tuple[list[bool], list[BaseException]]:
    done: list[bool] = []
    failed: list[BaseException] = []
    together = threading.Barrier(len(dsns))

    def run(dsn: str) -> None:
        together.wait()
        try:
            done.append(install(dsn).changed)
        except Exception as error:
            failed.append(error)
            print(error, getattr(error, "__notes__", ""))

    threads = [threading.Thread(target=run, args=(dsn,)) for dsn in dsns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, failed


def test_a_failed_install_leaves_nothing(shipped: Path) -> None:
    """On a cluster of its own, since the roles must be gone as well."""
    (shipped / "sql" / "finish.sql").write_text("select 1 / 0;\n")
    with temporary_cluster() as fresh:
        with pytest.raises(psycopg.errors.DivisionByZero) as caught:
            install(fresh.superuser_dsn)
        assert "finish.sql" in caught.value.__notes__[0]
        with psycopg.connect(fresh.superuser_dsn) as db:
            assert db.execute(ROLES).fetchall() == []
            assert db.execute("select count(*) from pg_extension").fetchone() == (1,)
            assert db.execute(
                "select count(*) from pg_namespace where nspname like 'memoriesdb%'"
            ).fetchone() == (0,)
            assert db.execute(
                "select has_database_privilege('pg_monitor', current_database(), 'temporary')"
            ).fetchone() == (True,)


def test_a_changed_file_is_applied_alone(empty: str, shipped: Path) -> None:
    install(empty)
    before = catalogue(empty)
    file = shipped / "sql" / "functions" / "core" / "_setting.sql"
    file.write_text(file.read_text().replace("unknown setting", "no such setting"))
    assert upgrade(empty).applied == ["functions/core/_setting.sql"]
    changed = {identity for _, identity, _ in before ^ catalogue(empty)}
    assert changed == {"memoriesdb._setting(key text)"}
    assert verify(empty) == []


def test_a_view_made_anew_keeps_its_grants_and_rows(
    empty: str, shipped: Path, connect: Connect
) -> None:
    """memory_graph is dropped and made again, and what was granted on it goes with it."""
    install(empty)
    db = connect(empty)
    before = catalogue(empty)
    file = shipped / "sql" / "views" / "memory_graph.sql"
    file.write_text(file.read_text() + "-- changed\n")
    assert upgrade(empty).applied == ["views/memory_graph.sql", "grants.sql"]
    assert catalogue(empty) == before
    populated = db.execute(
        "select bool_and(ispopulated), count(*) from pg_matviews where schemaname = 'memoriesdb'"
    )
    assert populated.fetchone() == (True, 16)


def test_a_removed_file_is_forgotten(empty: str, shipped: Path, connect: Connect) -> None:
    """What it made stays, named by verify, until a migration drops it."""
    install(empty)
    (shipped / "sql" / "functions" / "recall" / "backfill_embeddings.sql").unlink()
    assert upgrade(empty).applied == ["forget functions/recall/backfill_embeddings.sql"]
    assert {(d.what, d.name) for d in verify(empty)} == {
        ("unknown", "memoriesdb.backfill_embeddings")
    }
    connect(empty).execute("drop function memoriesdb.backfill_embeddings")
    assert [d.kind for d in verify(empty)] == ["function"], "still in the record of the install"
    upgrade(empty)
    assert verify(empty) == []


def test_a_database_of_a_newer_release_is_left_alone(empty: str, connect: Connect) -> None:
    install(empty)
    connect(empty).execute("update memoriesdb_system.alembic_version set version_num = '9999'")
    before = catalogue(empty)
    with pytest.raises(InstallError, match="9999"):
        upgrade(empty)
    assert catalogue(empty) == before


@pytest.mark.parametrize("command", [upgrade, verify])
def test_what_is_not_installed_cannot_be_upgraded_or_verified(
    empty: str, command: Callable[[str], object]
) -> None:
    with pytest.raises(InstallError) as caught:
        command(empty)
    assert "memoriesdb install" in caught.value.hint
