"""Certificates of the demo: those its servers show, made once, and the digital certificates of its units and people."""

import random
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wardwatch.demo.servers import PAYMENT, PORTAL
from wardwatch.model.care import HeldCertificate
from wardwatch.model.inventory import Inventory

_AUTHORITY_DAYS, _PORTAL_DAYS, _PAYMENT_DAYS = 3650, 300, 12
_ISSUER = "Cục Chứng thực số và Bảo mật thông tin"
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLE = ("Văn", "Thị", "Đức", "Minh", "Thanh", "Quốc", "Ngọc")
_GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hùng", "Lan", "Long", "Mai", "Phúc", "Sơn", "Tâm", "Yến")


def make_server_certificates(folder: Path, now: datetime) -> None:
    """An authority and what the demo's TLS servers show; one of them ends soon. What is there is left alone."""
    if (folder / "authority.pem").exists():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("WardWatch demo authority")
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = (
        _builder(name, name, key, now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    for file, address, days in (("portal", PORTAL, _PORTAL_DAYS), ("payment", PAYMENT, _PAYMENT_DAYS)):
        own = ec.generate_private_key(ec.SECP256R1())
        named = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        signed = _builder(_name(file), name, own, now, days).add_extension(named, False).sign(key, hashes.SHA256())
        path = folder / f"{file}.pem"
        path.touch(mode=0o600)
        path.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
    (folder / "authority.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))


def demo_certificates(inventory: Inventory, seed: int, now: datetime) -> list[HeldCertificate]:
    """About 200 of organisations and 500 of persons; some end soon, a few are over."""
    random_ = random.Random(f"{seed}/certificates")
    units = [unit for _, unit in sorted(inventory.units.items())]
    organisations = units[:200]
    found = [
        _held(f"org-{number:03}", "organisation", unit.name, unit.id, random_, now)
        for number, unit in enumerate(organisations, 1)
    ]
    for number in range(1, min(500, 4 * len(units)) + 1):
        person = " ".join(random_.choice(words) for words in (_FAMILY, _MIDDLE, _GIVEN))
        found.append(_held(f"person-{number:03}", "person", person, random_.choice(units).id, random_, now))
    return found


def _held(ident: str, kind: str, holder: str, unit: str, random_: random.Random, now: datetime) -> HeldCertificate:
    until = now + timedelta(days=random_.randrange(-5, 1000))
    serial = f"{random_.getrandbits(64):016x}"
    return HeldCertificate(ident, kind, holder, unit, _ISSUER, serial, until - timedelta(days=1095), until)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )
