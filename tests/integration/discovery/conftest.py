"""The small province's demo city on loopback, at a port that the kernel chose, and a state store that lacks a part."""

import socket
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from wardwatch.demo.city import build_city
from wardwatch.discovery.service import Discovery
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now
from wardwatch.ports import StateStore
from wardwatch.state import open_state

ADMIN = Actor("admin")


@pytest.fixture(scope="session")
def city() -> Inventory:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return build_city(3, "small-province", int(probe.getsockname()[1]))


@pytest.fixture(scope="session")
def known_part(city: Inventory) -> Inventory:
    """The city as somebody entered it who forgot each third device beside the core."""
    kept = {
        name: device
        for number, (name, device) in enumerate(sorted(city.devices.items()))
        if number % 3 or device.role.value.startswith("core")
    }
    links = {name: link for name, link in city.links.items() if {link.upstream, link.downstream} <= kept.keys()}
    return replace(city, devices=kept, links=links, services={})


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def discovery(state: StateStore, known_part: Inventory) -> Discovery:
    state.inventory.replace(ADMIN, known_part)
    return Discovery(state, nullcontext, lambda inventory: None, utc_now)
