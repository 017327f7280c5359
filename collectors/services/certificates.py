"""Reads X.509 certificates (RFC 5280)."""

from cryptography import x509

from wardwatch.model.checks import Certificate
from wardwatch.model.text import visible


def certificate_of(encoded: bytes) -> Certificate | None:
    """A certificate from its DER; None for one that cannot be read."""
    try:
        found = x509.load_der_x509_certificate(encoded)
        return Certificate(
            subject=visible(found.subject.rfc4514_string()),
            issuer=visible(found.issuer.rfc4514_string()),
            serial=f"{found.serial_number:x}",
            names=_names(found),
            valid_from=found.not_valid_before_utc,
            valid_to=found.not_valid_after_utc,
        )
    except ValueError:
        return None


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(visible(name) for name in names.get_values_for_type(x509.DNSName))
