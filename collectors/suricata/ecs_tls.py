"""The `tls` section of EVE: names, versions, fingerprints and certificates."""

import re

from collectors.suricata.ecs_endpoints import Document, add_related
from collectors.suricata.ecs_flow import rfc3339, utc_time
from collectors.suricata.ecs_http import describe_server_name
from collectors.suricata.eve_values import Section, count, filled, kept, section, text, texts

_VERSION = re.compile(r"(TLS|SSL)\s*v?(\d(?:\.\d)?)\Z", re.IGNORECASE)
_KEPT = ("from_proto", "ja4", "client_alpns", "server_alpns", "version")
# The attributes of a distinguished name (RFC 4514) and their ECS names.
_ATTRIBUTES: dict[str, str] = {
    "CN": "common_name",
    "O": "organization",
    "OU": "organizational_unit",
    "C": "country",
    "L": "locality",
    "ST": "state_or_province",
}
_ATTRIBUTE_START = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9.]*=)")


def describe_tls(eve: Section, document: Document) -> None:
    """Fills tls: both ends, version, resumption, fingerprints, certificates."""
    tls = section(eve, "tls")
    name = text(tls, "sni")
    server_fingerprint, client_fingerprint = _hash(tls, "ja3s"), _hash(tls, "ja3")
    version = _VERSION.match(text(tls, "version") or "")
    sha1 = _sha1(tls)
    document["tls"] = filled(
        version=version[2] if version and "." in version[2] else (f"{version[2]}.0" if version else None),
        version_protocol=version[1].lower() if version else None,
        resumed=tls["session_resumed"] if type(tls.get("session_resumed")) is bool else None,
        client=filled(server_name=name, ja3=client_fingerprint, **_certificate(section(tls, "client"))),
        server=filled(
            ja3s=server_fingerprint, hash=filled(sha1=sha1), certificate=text(tls, "certificate"), **_certificate(tls)
        ),
    )
    for value in (client_fingerprint, server_fingerprint, sha1):
        add_related(document, "hash", value)
    if name is not None:
        describe_server_name(eve, document, name.lower())
    for alternative in texts(tls, "subjectaltname"):
        add_related(document, "hosts", alternative.lower())
    remaining = kept(tls, _KEPT)
    if remaining:
        document["suricata"]["eve"]["tls"] = remaining
    document.setdefault("message", " ".join(word for word in (text(tls, "version") or "TLS", name) if word))


def _certificate(tls: Section) -> Section:
    """What ECS keeps of a certificate, both flat and as x509."""
    subject, issuer = text(tls, "subject"), text(tls, "issuerdn")
    not_before, not_after = _date(tls, "notbefore"), _date(tls, "notafter")
    serial = text(tls, "serial")
    return filled(
        subject=subject,
        issuer=issuer,
        not_before=not_before,
        not_after=not_after,
        x509=filled(
            subject=_distinguished_name(subject),
            issuer=_distinguished_name(issuer),
            serial_number=None if serial is None else serial.replace(":", "").upper(),
            alternative_names=texts(tls, "subjectaltname"),
            not_before=not_before,
            not_after=not_after,
            version_number=None if (number := count(tls, "version")) is None else str(number),
        ),
    )


def _distinguished_name(name: str | None) -> Section:
    """A distinguished name whole and in its attributes; ECS lists each, since a name may repeat them."""
    if name is None:
        return {}
    parts: dict[str, list[str]] = {}
    for part in _ATTRIBUTE_START.split(name):
        key, equals, value = part.partition("=")
        field = _ATTRIBUTES.get(key.strip().upper())
        if equals and field is not None:
            parts.setdefault(field, []).append(value.strip())
    return {"distinguished_name": name, **parts}


def _date(tls: Section, key: str) -> str | None:
    """A validity date; Suricata writes it without a zone (`2014-04-02T19:09:31`), in UTC."""
    value = text(tls, key)
    at = utc_time(value) or utc_time(f"{value}+00:00")
    return None if at is None else rfc3339(at)


def _hash(tls: Section, key: str) -> str | None:
    """The MD5 of a JA3 or JA3S; older versions log it as text."""
    return text(section(tls, key), "hash") or text(tls, key)


def _sha1(tls: Section) -> str | None:
    fingerprint = text(tls, "fingerprint")
    return None if fingerprint is None else fingerprint.replace(":", "").upper()
