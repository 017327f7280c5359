"""The `dns` section of EVE in its three shapes.

Version 1 has one record an answer (`rdata` beside `rrname`), version 2 one record a message (`answers`, `grouped`),
version 3 (Suricata 8) says request and response and lists `queries`. An alert holds `query` (a list) and `answer`.
"""

from collectors.suricata.ecs_endpoints import Document, add_related, canonical_address
from collectors.suricata.eve_values import MAX_ITEMS, Section, count, filled, identifier, kept, section, sections, text

_TYPES: dict[str, str] = {"query": "query", "request": "query", "answer": "answer", "response": "answer"}
_OP_CODES: dict[int, str] = {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"}
_FLAGS = ("aa", "tc", "rd", "ra", "ad", "cd")
_KEPT = ("version", "tx_id", "flags", "authorities", "additionals")


def describe_dns(eve: Section, document: Document) -> None:
    """Fills dns: question, answers, resolved addresses, codes and flags."""
    dns = section(eve, "dns")
    message = _message_of(dns)
    question = _question(dns, message)
    answers = _answers(message)
    resolved = _resolved(message, answers)
    op_code = count(message, "opcode")
    document["dns"] = filled(
        type=_TYPES.get(text(message, "type") or ""),
        id=identifier(message, "id"),
        op_code=None if op_code is None else _OP_CODES.get(op_code, str(op_code)),
        header_flags=[flag.upper() for flag in _FLAGS if message.get(flag) is True],
        response_code=text(message, "rcode"),
        question=question,
        answers=answers,
        resolved_ip=resolved,
    )
    add_related(document, "hosts", question.get("name"))
    for answer in answers:
        if answer.get("type") == "CNAME":
            add_related(document, "hosts", answer.get("data"))
    for address in resolved:
        add_related(document, "ip", address)
    remaining = kept(message, _KEPT)
    if remaining:
        document["suricata"]["eve"]["dns"] = remaining
    words = (document["dns"].get("type", "dns"), question.get("type"), question.get("name"))
    document.setdefault("message", " ".join(word for word in words if word))


def _message_of(dns: Section) -> Section:
    """The DNS message itself: an alert wraps it."""
    answer = section(dns, "answer")
    if answer:
        return {"type": "answer", **answer}
    queries = sections(dns, "query")
    return {"type": "query", **queries[0]} if queries else dns


def _question(dns: Section, message: Section) -> Section:
    asked = (*sections(message, "queries"), message, *sections(dns, "query"))
    named = next((item for item in asked if "rrname" in item), message)
    return filled(name=text(named, "rrname"), type=text(named, "rrtype"))


def _answers(message: Section) -> list[Section]:
    listed = sections(message, "answers")
    if not listed and "rdata" in message:
        listed = [message]
    return [
        filled(
            name=text(item, "rrname"),
            type=text(item, "rrtype"),
            ttl=count(item, "ttl"),
            data=text(item, "rdata"),
        )
        for item in listed
    ]


def _resolved(message: Section, answers: list[Section]) -> list[str]:
    """The addresses a name stands for, from `answers`, or from `grouped` when only that was logged."""
    grouped = section(message, "grouped")
    found = [answer.get("data") for answer in answers if answer.get("type") in ("A", "AAAA")]
    for kind in ("A", "AAAA"):
        values = grouped.get(kind)
        found += values[:MAX_ITEMS] if type(values) is list else []
    known = (canonical_address(value) for value in found if type(value) is str)
    return list(dict.fromkeys(address[0] for address in known if address is not None))
