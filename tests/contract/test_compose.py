"""compose.yaml follows the Compose Specification, keeps secure defaults, and names commands the command line has."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service and "entrypoint" not in service}


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_follows_the_compose_specification() -> None:
    outcome = validate(COMPOSE)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_specification_refuses_a_misspelt_key(tmp_path: Path) -> None:
    misspelt = tmp_path / "compose.yaml"
    misspelt.write_text(COMPOSE.read_text(encoding="utf-8").replace("read_only:", "readonly:"), encoding="utf-8")
    assert validate(misspelt).returncode != 0


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "healthcheck" in service
    assert not [key for key in service.get("environment", {}) if "PASSWORD" in key and not key.endswith("_FILE")]


def test_only_the_web_server_is_published_and_only_on_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"core"}
    assert SERVICES["core"]["ports"] == ["${WARDWATCH_PUBLISH:-127.0.0.1:8080}:8080"]


def test_engines_nothing_uses_yet_wait_under_a_profile() -> None:
    large = {name for name, service in SERVICES.items() if service.get("profiles") == ["large"]}
    assert large == {"postgresql", "certificates", "elasticsearch-1", "elasticsearch-2", "elasticsearch-3"}


def test_volumes_secrets_and_networks_are_declared() -> None:
    for service in SERVICES.values():
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(DOCUMENT["volumes"])
        assert set(service.get("secrets", [])) <= set(DOCUMENT["secrets"])
        assert set(service.get("networks", [])) <= set(DOCUMENT["networks"])


@pytest.mark.parametrize("name", OURS)
def test_its_commands_exist(name: str) -> None:
    command, *arguments = OURS[name]["command"]
    called = [sys.executable, "-m", "wardwatch", command, "--help"]
    outcome = subprocess.run(called, capture_output=True, text=True, check=False, cwd=ROOT)
    assert outcome.returncode == 0, outcome.stderr
    for option in (argument for argument in arguments if argument.startswith("--")):
        assert option in outcome.stdout
