"""The register of remote edges: names, zones, tokens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from wardwatch.edges import EdgeRegister
from wardwatch.errors import Conflict, NotFound, UserError
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory, Zone
from wardwatch.ports import StateStore
from wardwatch.state import open_state
from wardwatch.tokens import token_hash

ADMIN = Actor("admin")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[StateStore]:
    state = open_state(f"sqlite:///{tmp_path_factory.mktemp('edges') / 'state.sqlite'}", clock)
    state.inventory.replace(ADMIN, Inventory(zones={"gialam": Zone("gialam", "Gia Lâm"), "dc": Zone("dc", "DC")}))
    yield state
    state.close()


@pytest.fixture
def register(state: StateStore, clock: Clock) -> Iterator[EdgeRegister]:
    register = EdgeRegister(state.edges, state.inventory, clock)
    yield register
    for edge in register.listed():
        if edge.active:
            register.revoke(ADMIN, edge.name)


def test_a_token_opens_until_it_is_revoked_and_is_kept_as_its_hash(register: EdgeRegister) -> None:
    token = register.add(ADMIN, "gialam", "gialam")
    assert len(token) == 43
    found = register.of_token(token)
    assert found is not None
    assert (found.name, found.zone, found.token_hash) == ("gialam", "gialam", token_hash(token))
    assert register.of_token(token[:-1]) is None
    assert register.of_token(found.token_hash) is None
    assert register.claimed() == ("gialam",)
    register.revoke(ADMIN, "gialam")
    assert register.of_token(token) is None
    assert register.claimed() == ()


def test_a_token_that_was_replaced_stays_shut(register: EdgeRegister) -> None:
    first = register.add(ADMIN, "gialam", "gialam")
    register.revoke(ADMIN, "gialam")
    second = register.add(ADMIN, "gialam", "gialam")
    assert register.of_token(first) is None
    assert register.of_token(second) is not None


@pytest.mark.parametrize("name", ["", "Gia Lâm", "a/b", "-a", "a-", "a" * 41, "collect", "ingest", "../x", "a\n"])
def test_a_name_that_no_edge_can_have_is_refused(register: EdgeRegister, name: str) -> None:
    with pytest.raises(UserError, match="cannot be called"):
        register.add(ADMIN, name, "gialam")


def test_a_zone_that_the_inventory_has_not_is_refused_with_the_nearest(register: EdgeRegister) -> None:
    with pytest.raises(NotFound, match="no zone 'gialan'") as refused:
        register.add(ADMIN, "gialam", "gialan")
    assert refused.value.hint == "did you mean 'gialam'?"


def test_one_edge_a_zone(register: EdgeRegister) -> None:
    register.add(ADMIN, "gialam", "gialam")
    with pytest.raises(Conflict, match="zone gialam is polled by edge gialam"):
        register.add(ADMIN, "other", "gialam")


def test_last_seen_is_kept_to_a_minute(register: EdgeRegister, state: StateStore, clock: Clock) -> None:
    register.add(ADMIN, "gialam", "gialam")
    (edge,) = register.listed()
    seen = []
    for seconds in (0, 30, 59, 60):
        clock.now = datetime(2026, 1, 5, 2, 0, tzinfo=UTC) + timedelta(seconds=seconds)
        register.saw(edge)
        seen.append(register.listed()[0].last_seen_at)
    assert [moment.second + 60 * moment.minute for moment in seen if moment] == [0, 0, 0, 60]
