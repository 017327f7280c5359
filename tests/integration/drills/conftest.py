"""Drills run on the real Suricata."""

import shutil

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _suricata() -> None:
    assert shutil.which("suricata"), "suricata is not installed: run make demo once, or wardwatch doctor"
