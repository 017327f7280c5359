"""The `tls` section of EVE: names, versions, fingerprints and certificates."""

import re

from collectors.suricata.ecs_endpoints import Document, add_related
from collectors.suricata.ecs_http import describe_server_name
from collectors.suricata.eve_values import Memory, Section, count, put, section, text, texts, texts_of, utc_time

_VERSION = re.compile(r"(TLS|SSL)\s*v?(\d(?:\.\d)?)\Z", re.IGNORECASE)
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


_CERTIFICATE = (("subject", "subject"), ("issuerdn", "issuer"))


def describe_tls(eve: Section, document: Document) -> None:
    """Fills tls: both ends, version, resumption, fingerprints, certificates."""
    outer = section(eve, "tls")
    name, written_version = text(outer, "sni"), text(outer, "version")
    server_fingerprint, client_fingerprint = _hash(outer, "ja3s"), _hash(outer, "ja3")
    newer_fingerprint = text(outer, "ja4")
    sha1 = _hexadecimal(outer, "fingerprint")
    tls = _version(written_version)
    if type(outer.get("session_resumed")) is bool:
        tls["resumed"] = outer["session_resumed"]
    client = _certificate(section(outer, "client")) if "client" in outer else {}
    put(client, "server_name", name)
    put(client, "ja3", client_fingerprint)
    put(client, "ja4", newer_fingerprint)
    put(tls, "client", client)
    server = _certificate(outer)
    put(server, "ja3s", server_fingerprint)
    put(server, "certificate", text(outer, "certificate"))
    if sha1 is not None:
        server["hash"] = {"sha1": sha1}
    put(tls, "server", server)
    put(document, "tls", tls)
    for value in (client_fingerprint, newer_fingerprint, server_fingerprint, sha1):
        add_related(document, "hash", value)
    if name is not None:
        describe_server_name(eve, document, name.lower())
    for alternative in texts(outer, "subjectaltname"):
        add_related(document, "hosts", alternative.lower())
    if "message" not in document:
        document["message"] = f"{written_version or 'TLS'} {name}" if name else written_version or "TLS"


def _version(written: str | None) -> Document:
    known = None if written is None else _VERSION.match(written)
    if known is None:
        return {}
    protocol, number = known[1], known[2]
    return {"version": number if "." in number else f"{number}.0", "version_protocol": protocol.lower()}


def _certificate(tls: Section) -> Section:
    """What ECS keeps of a certificate, both flat and as x509."""
    certificate = texts_of(tls, _CERTIFICATE)
    x509: Section = {}
    for field, name in certificate.items():
        x509[field] = _NAMES[name]
    for key, field in (("notbefore", "not_before"), ("notafter", "not_after")):
        written = text(tls, key)
        date = None if written is None else _DATES[written]
        if date is not None:
            certificate[field] = x509[field] = date
    put(x509, "serial_number", _hexadecimal(tls, "serial"))
    put(x509, "alternative_names", texts(tls, "subjectaltname"))
    number = count(tls, "version")
    if number is not None:
        x509["version_number"] = str(number)
    put(certificate, "x509", x509)
    return certificate


def _split_name(name: str) -> Section:
    """A distinguished name whole and in its attributes; ECS lists each, since a name may repeat them."""
    parts: Section = {"distinguished_name": name}
    for part in _ATTRIBUTE_START.split(name):
        key, equals, value = part.partition("=")
        field = _ATTRIBUTES.get(key.strip().upper())
        if equals and field is not None:
            parts.setdefault(field, []).append(value.strip())
    return parts


def _utc_date(written: str) -> str | None:
    """A validity date; Suricata writes it without a zone (`2014-04-02T19:09:31`), in UTC."""
    known = utc_time(written) or utc_time(f"{written}+00:00")
    return None if known is None else known[1]


# Authorities and dates repeat, names of servers less so.
_NAMES = Memory(_split_name, entries=4096, longest=256)
_DATES = Memory(_utc_date, entries=4096, longest=40)


def _hash(tls: Section, key: str) -> str | None:
    """The MD5 of a JA3 or JA3S; older versions log it as text."""
    return text(section(tls, key), "hash") or text(tls, key)


def _hexadecimal(tls: Section, key: str) -> str | None:
    """A fingerprint or serial number without its colons."""
    value = text(tls, key)
    return None if value is None else value.replace(":", "").upper()
