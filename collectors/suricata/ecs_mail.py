"""The `smtp` and `email` sections of EVE: envelope and headers of a message, as ECS `email`."""

from collectors.suricata.ecs_deed import tell_deed
from collectors.suricata.ecs_endpoints import Document, add_related
from collectors.suricata.eve_values import Section, put, section, text, texts

_PEOPLE = (("to", "to"), ("cc", "cc"))


def describe_smtp(eve: Section, document: Document) -> None:
    """Fills email.sender and email.to from the envelope, and the greeting's host."""
    smtp = section(eve, "smtp")
    add_related(document, "hosts", (text(smtp, "helo") or "").lower())
    sender, recipients = _address(text(smtp, "mail_from")), _addresses(smtp, "rcpt_to")
    email: Document = document.get("email") or {}
    if sender:
        email["sender"] = {"address": sender}
    if recipients and "to" not in email:
        email["to"] = {"address": recipients}
    put(document, "email", email)
    for address in (sender, *recipients):
        add_related(document, "user", address)
    tell_deed(eve, document, "smtp", None, None, sender)


def describe_email(eve: Section, document: Document) -> None:
    """Fills email.from, to, cc, subject, message id, mailer and attachments from the headers."""
    said = section(eve, "email")
    email: Document = document.get("email") or {}
    author = _address(text(said, "from"))
    if author:
        email["from"] = {"address": [author]}
        add_related(document, "user", author)
    for key, field in _PEOPLE:
        addresses = _addresses(said, key)
        if addresses:
            email[field] = {"address": addresses}
            for address in addresses:
                add_related(document, "user", address)
    put(email, "subject", text(said, "subject"))
    put(email, "message_id", (text(said, "message_id") or "").strip("<>"))
    put(email, "x_mailer", text(said, "x_mailer"))
    put(email, "attachments", [{"file": {"name": name}} for name in texts(said, "attachment")])
    put(document, "email", email)


def _addresses(record: Section, key: str) -> list[str]:
    return [address for written in texts(record, key) if (address := _address(written))]


def _address(written: str | None) -> str:
    """The address of `"Name" <name@host>`, lower case; empty when there is none."""
    if written is None:
        return ""
    inner = written.rpartition("<")[2].partition(">")[0] if "<" in written else written
    return inner.strip().lower()
