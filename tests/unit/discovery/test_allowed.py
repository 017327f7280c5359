"""Only what the inventory names may be asked, and only so much at once."""

import re

import pytest

from wardwatch.discovery.allowed import Allowed, hosts
from wardwatch.errors import UserError
from wardwatch.model.inventory import Inventory


def test_a_prefix_inside_a_network_is_taken_whatever_its_host_bits(inventory: Inventory) -> None:
    network = Allowed(inventory).prefix(" 10.1.1.77/29 ")
    assert str(network) == "10.1.1.72/29"
    assert [str(each) for each in hosts(network)][::5] == ["10.1.1.73", "10.1.1.78"]


def test_a_small_ipv6_prefix_is_taken(inventory: Inventory) -> None:
    assert Allowed(inventory).prefix("2001:db8:1::100/120").num_addresses == 256


@pytest.mark.parametrize(
    ("prefix", "why"),
    [
        ("192.0.2.0/24", "lies outside the networks of the inventory.*sweep inside 10.1.1.0/24, 10.1.0.0/16"),
        ("10.0.0.0/8", "lies outside"),
        ("10.9.1.0/24", "lies outside"),
        ("10.0.0.0/16", "has 65536 addresses; one sweep asks at most 4096.*a /20 or longer"),
        ("2001:db8:1::/64", "a /116 or longer"),
        ("::/120", "lies outside.*sweep inside 2001:db8:1::/64"),
        ("ward-1", "is no prefix"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(inventory: Inventory, prefix: str, why: str) -> None:
    with pytest.raises(UserError) as refused:
        Allowed(inventory).prefix(prefix)
    assert re.search(why, str(refused.value))


def test_an_address_is_allowed_or_not(inventory: Inventory) -> None:
    allowed = Allowed(inventory)
    asked = ("10.1.7.7", "10.9.0.1", "8.8.8.8", "2001:db8:1::9", "sw1")
    assert [allowed.holds(each) for each in asked] == [True, False, False, True, False]
