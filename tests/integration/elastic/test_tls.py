"""TLS and the API key, before a proxy that checks both and refuses."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wardwatch.bench.elasticsearch_proxy import Proxy
from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor

CORE = Actor.system("core")
KEY = "aWQ6a2V5"


class Authority:
    """A certificate authority of a test."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder / name
        self._folder.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = _builder(self._name, self._name, self._key).add_extension(x509.BasicConstraints(True, None), True)
        self.file = self._folder / "ca.pem"
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, address: str) -> ssl.SSLContext:
        """What a server at an address proves itself with."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        made = _builder(name, self._name, key).add_extension(names, False).sign(self._key, hashes.SHA256())
        file = self._folder / "node.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1)
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def proxy(elasticsearch_url: str, authority: Authority) -> Iterator[Proxy]:
    with Proxy(elasticsearch_url, authority.server("127.0.0.1"), KEY) as proxy:
        yield proxy


def test_the_right_key_and_authority(city: Any, batch: Any, proxy: Proxy, authority: Authority) -> None:
    store = city.store(urls=(proxy.url,), api_key=KEY, ca=authority.file)
    assert store.append(CORE, batch(1, range(20))).stored_events == 20
    assert len(city.stored()["2026.03.02"]) == 20


@pytest.mark.parametrize("key", [None, "d3Jvbmc6a2V5"])
def test_no_key_or_a_wrong_one(city: Any, proxy: Proxy, authority: Authority, key: str | None) -> None:
    with pytest.raises(StoreFault, match="does not know the API key"):
        city.store(urls=(proxy.url,), api_key=key, ca=authority.file)


def test_an_authority_that_is_not_the_nodes(city: Any, proxy: Proxy, tmp_path: Path) -> None:
    for ca in (Authority(tmp_path, "theirs").file, None):
        with pytest.raises(StoreFault, match="certificate is not trusted"):
            city.store(urls=(proxy.url,), api_key=KEY, ca=ca)
    assert proxy.requests == []


def test_a_certificate_for_another_address(city: Any, elasticsearch_url: str, authority: Authority) -> None:
    with (
        Proxy(elasticsearch_url, authority.server("127.0.0.2"), KEY) as proxy,
        pytest.raises(StoreFault, match="certificate is not trusted"),
    ):
        city.store(urls=(proxy.url,), api_key=KEY, ca=authority.file)


def test_a_key_that_is_withdrawn_meanwhile(city: Any, batch: Any, proxy: Proxy, authority: Authority) -> None:
    store = city.store(urls=(proxy.url,), api_key=KEY, ca=authority.file)
    proxy.api_key = "another"
    with pytest.raises(StoreFault, match="does not know the API key"):
        store.append(CORE, batch(1, range(20)))
    proxy.api_key = KEY
    assert store.append(CORE, batch(1, range(20))).stored_events == 20


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"urls": ("http://es.example.vn:9200",)}, "unencrypted"),
        ({"urls": ("http://127.0.0.1:9200",), "api_key": KEY}, "unencrypted"),
        ({"urls": ("es.example.vn",)}, "no address"),
        ({"urls": ()}, "names no Elasticsearch node"),
        ({"urls": ("https://es.example.vn",), "ca": Path("/nowhere.pem")}, "cannot be used"),
    ],
)
def test_settings_that_cannot_be_used(city: Any, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        city.store(**changes)
