"""Key derivation against the vectors of RFC 3414 appendix A.3 and hashes computed the long way."""

import hashlib

import pytest

from collectors.snmp.simulator.keys import Authentication, Privacy, localise, master_key, privacy_key

ENGINE = bytes.fromhex("000000000000000000000002")


@pytest.mark.parametrize(
    ("algorithm", "master", "localised"),
    [
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_rfc_3414_appendix_a3(algorithm: str, master: str, localised: str) -> None:
    key = master_key(b"maplesyrup", algorithm)
    assert key.hex() == master
    assert localise(key, algorithm, ENGINE).hex() == localised


@pytest.mark.parametrize(("algorithm", "digest"), [("sha224", 16), ("sha256", 24), ("sha384", 32), ("sha512", 48)])
def test_sha2_of_rfc_7860(algorithm: str, digest: int) -> None:
    stream = (b"maplesyrup" * 104_858)[: 1 << 20]
    key = hashlib.new(algorithm, stream).digest()
    assert master_key(b"maplesyrup", algorithm) == key
    assert len(Authentication(algorithm, key).digest(b"message")) == digest


def test_short_keys_are_extended_by_the_protocols_own_way() -> None:
    blumenthal = privacy_key(b"maplesyrup", "sha", "aes256", ENGINE)
    reeder = privacy_key(b"maplesyrup", "sha", "aes256c", ENGINE)
    base = bytes.fromhex("6695febc9288e36282235fc7151f128497b38f3f")
    assert blumenthal == (base + hashlib.sha1(base).digest())[:32]
    assert reeder == (base + localise(master_key(base, "sha"), "sha", ENGINE))[:32]
    assert privacy_key(b"maplesyrup", "sha256", "aes256", ENGINE) == privacy_key(
        b"maplesyrup", "sha256", "aes256c", ENGINE
    )


@pytest.mark.parametrize("protocol", ["des", "aes128", "aes192", "aes256", "aes256c"])
def test_what_is_encrypted_decrypts_and_needs_the_key(protocol: str) -> None:
    right, wrong = (
        Privacy(protocol, privacy_key(word, "sha", protocol, ENGINE)) for word in (b"maplesyrup", b"birchsyrup")
    )
    secret = right.encrypt(b"sixteen octets..", b"saltsalt", 3, 77)
    assert right.decrypt(secret, b"saltsalt", 3, 77) == b"sixteen octets.."
    assert wrong.decrypt(secret, b"saltsalt", 3, 77) != b"sixteen octets.."
