"""Passwords and certificates, on a server that asks for both."""

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wardwatch.bench.postgresql import PostgresqlServer, postgresql_server
from wardwatch.errors import StoreFault
from wardwatch.installation import read_installation
from wardwatch.model.access import Actor
from wardwatch.model.time import utc_now
from wardwatch.secrets import write_secrets
from wardwatch.settings import DataFolder

WORD = "đúng mật khẩu"


def certificate(folder: Path, name: str) -> Path:
    """`name.pem` and `name.key`: its own authority, for the name localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(
            subject, subject, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
        )
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    folder.joinpath(f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    folder.joinpath(f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / f"{name}.pem"


@pytest.fixture(scope="module")
def port(postgresql: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server that takes `ward` only with the password and over TLS."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with postgresql_server() as server:
        certificate(server.folder, "server")
        server.psql(f"CREATE ROLE ward LOGIN PASSWORD '{WORD}'")
        server.psql("CREATE DATABASE ward OWNER ward")
        rules = "local all postgres trust\nhostssl ward ward 127.0.0.1/32 scram-sha-256\n"
        (server.folder / "data" / "pg_hba.conf").write_text(rules)
        (server.folder / "server.key").chmod(0o600)
        for name in ("server.pem", "server.key"):
            if os.geteuid() == 0:
                shutil.chown(server.folder / name, "nobody", "nogroup")
        server.stop()
        server.settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "ssl": "on",
            "ssl_cert_file": str(server.folder / "server.pem"),
            "ssl_key_file": str(server.folder / "server.key"),
        }
        server.start()
        shutil.copy(server.folder / "server.pem", tmp_path_factory.getbasetemp() / "server.pem")
        yield port


@pytest.fixture
def data(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    shutil.copy(tmp_path_factory.getbasetemp() / "server.pem", tmp_path / "ca.pem")
    certificate(tmp_path, "other")
    write_secrets(tmp_path / "secrets", {"db": WORD, "wrong": "sai"})
    return DataFolder(tmp_path)


def settings(data: DataFolder, url: str, more: str) -> None:
    data.settings.write_text(f"state: {{url: 'postgresql+psycopg://{url}', {more}}}\n", encoding="utf-8")


def test_the_password_comes_from_the_secret_and_the_certificate_holds(port: int, data: DataFolder) -> None:
    settings(data, f"ward@localhost:{port}/ward", "password: secret://db, ca: ca.pem")
    state = read_installation(data).open_state(utc_now)
    state.audit.record(Actor("an"), "x", "y", {})
    assert state.audit.verify() is None
    state.close()


@pytest.mark.parametrize(
    ("host", "more", "complaint"),
    [
        ("localhost", "password: secret://wrong, ca: ca.pem", "password authentication failed.*state.password"),
        ("localhost", "ca: ca.pem", "no password supplied.*state.password"),
        ("localhost", "password: secret://db, ca: other.pem", "certificate verify failed.*state.ca"),
        ("127.0.0.1", "password: secret://db, ca: ca.pem", "certificate.*does not match host name.*state.ca"),
    ],
)
def test_what_is_refused_is_said(port: int, data: DataFolder, host: str, more: str, complaint: str) -> None:
    settings(data, f"ward@{host}:{port}/ward", more)
    with pytest.raises(StoreFault, match=complaint) as fault:
        read_installation(data).open_state(utc_now)
    assert WORD not in str(fault.value)


def test_over_a_network_the_certificate_must_hold(port: int, data: DataFolder) -> None:
    """Any address but loopback's is a network: `127.0.0.1` written otherwise stands for one."""
    settings(data, f"ward@127.1:{port}/ward", "password: secret://db")
    with pytest.raises(StoreFault, match="certificate"):
        read_installation(data).open_state(utc_now)
