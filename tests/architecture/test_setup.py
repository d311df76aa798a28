"""What a fresh machine gets: the locked packages, the one script, and the shape of a production installation."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement

from docservice import __version__
from tests.support.programs import run

PROJECT = Path(__file__).resolve().parents[2]
LOCKED = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;]+)(?: ;.*)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def locked(name: str) -> dict[str, str]:
    """Package -> version of a requirements file, in which every line must be a pinned package or a hash."""
    versions: dict[str, str] = {}
    for line in (PROJECT / "requirements" / name).read_text(encoding="utf-8").splitlines():
        match = LOCKED.match(line)
        assert match or HASH.match(line), f"{name}: neither a pinned package nor a hash: {line}"
        if match:
            versions[match["name"]] = match["version"]
    return versions


def declared(*groups: str) -> list[Requirement]:
    project: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for group in groups for line in project["optional-dependencies"][group])]
    return [Requirement(line) for line in lines]


def test_the_locked_packages_are_what_the_project_declares() -> None:
    for name, requirements in (("run.txt", declared()), ("dev.txt", declared("dev"))):
        versions = locked(name)
        for requirement in requirements:
            version = versions.get(requirement.name.lower())
            assert version is not None, f"requirements/{name} lacks {requirement.name}: compile it again"
            assert requirement.specifier.contains(version, prereleases=True), f"{name}: {requirement} is {version}"


def test_tests_run_on_the_very_packages_of_production() -> None:
    assert locked("run.txt").items() <= locked("dev.txt").items()


def test_uv_is_pinned_by_hash() -> None:
    assert list(locked("uv.txt")) == ["uv"]


def test_no_lock_file_with_addresses_is_kept() -> None:
    assert not [name for name in ("uv.lock", "poetry.lock", "package-lock.json") if list(PROJECT.glob(name))]


def test_celery_keeps_the_release_that_survives_a_lost_broker() -> None:
    """5.7.0 workers exit when the connection drops in the middle of a task (docs/decisions/0003)."""
    assert (locked("run.txt")["celery"], locked("run.txt")["kombu"]) == ("5.6.3", "5.6.2")


def test_the_script_is_plain_sh() -> None:
    for script in ("run", ".ci/run"):
        path = PROJECT / script
        assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
        assert path.stat().st_mode & 0o111
        run(["sh", "-n", str(path)], seconds=5)


def test_compose_file_is_valid_and_keeps_secrets_out() -> None:
    path = PROJECT / "docker-compose.yml"
    run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)],
        seconds=60,
    )
    services: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    assert set(services) == {"api", "worker", "relay", "upgrade", "postgres", "valkey", "s3"}
    for name, service in services.items():
        assert service["read_only"] is True, f"{name} can write into its image"
        assert service["cap_drop"] == ["ALL"], f"{name} keeps capabilities"
        assert "healthcheck" in service or name == "upgrade", f"{name} has no health check"
        assert "ports" not in service or name == "api", f"{name} is published"
        assert ("build" in service) == (name == "upgrade"), "each service that is built is made anew at every `up`"
    assert not re.search(r"(?i)(password|secret[_-]?key)\s*[:=]\s*['\"]?[a-z0-9]", path.read_text(encoding="utf-8"))


def test_the_version_stands_in_one_place_and_others_follow_it() -> None:
    """`docservice/__init__.py` has it; the package takes it from there, and what cannot do so is compared here."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "docservice.__version__"}
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert compose["x-docservice"]["image"] == f"docservice:{__version__}"
    assert yaml.safe_load((PROJECT / "publiccode.yml").read_text(encoding="utf-8"))["softwareVersion"] == __version__
    assert f"**{__version__}**" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_licence_is_the_eupl() -> None:
    text = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\nEUPL © the European Union 2007, 2016\n")
    assert "15.Applicable Law" in text
    assert "Québec Free and Open-Source Licence" in text
