"""Credentials and addresses: what is refused, with which sentence."""

import pytest

from collectors.snmp.credentials import Keyring
from collectors.snmp.probe import parse_address, resolve_host
from wardwatch.errors import NotFound, UserError
from wardwatch.model.inventory import Credential


def resolve(reference: str) -> str:
    if reference == "secret://missing":
        raise NotFound("there is no secret 'missing'")
    return reference


@pytest.mark.parametrize(
    ("credential", "words"),
    [
        (Credential("c", "snmp-v2c"), "has no community"),
        (Credential("c", "snmp-v2c", community="secret://missing"), "no secret 'missing'"),
        (Credential("c", "snmp-v2c", community="x" * 256), "more than 255 bytes"),
        (Credential("c", "ssh"), "not for SNMP"),
        (Credential("c", "snmp-v3"), "has no user"),
        (Credential("c", "snmp-v3", user="u", auth_protocol="sha265", auth_key="longenough"), "did you mean 'sha256'"),
        (Credential("c", "snmp-v3", user="u", auth_protocol="sha256", auth_key="short"), "shorter than 8"),
        (
            Credential("c", "snmp-v3", user="u", privacy_protocol="aes128", privacy_key="longenough"),
            "no authentication",
        ),
    ],
)
def test_a_credential_that_cannot_work_is_refused_with_a_sentence(credential: Credential, words: str) -> None:
    with pytest.raises(UserError) as caught:
        Keyring(resolve).login(credential)
    assert words in str(caught.value)


def test_the_megabyte_of_a_password_is_hashed_once() -> None:
    ring = Keyring(resolve)
    credential = Credential("c", "snmp-v3", user="u", auth_key="longenough", privacy_key="longenough")
    assert ring.login(credential) is ring.login(credential)
    assert ring.login(credential).encrypted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1:1161", ("192.0.2.1", 1161)),
        ("192.0.2.1", ("192.0.2.1", 161)),
        ("[2001:db8::1]:162", ("2001:db8::1", 162)),
        ("2001:db8::1", ("2001:db8::1", 161)),
        ("router.ward-1:99", ("router.ward-1", 99)),
    ],
)
def test_addresses(text: str, expected: tuple[str, int]) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize("text", ["192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:snmp", ":161", ""])
def test_bad_addresses_are_the_users_fault(text: str) -> None:
    with pytest.raises(UserError):
        parse_address(text)


def test_a_host_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"no-such-host\.invalid"):
        resolve_host("no-such-host.invalid")
