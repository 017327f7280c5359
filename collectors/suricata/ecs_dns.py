"""The `dns` section of EVE in its three shapes.

Version 1 has one record an answer (`rdata` beside `rrname`), version 2 one record a message (`answers`, `grouped`),
version 3 (Suricata 8) says request and response and lists `queries`. An alert holds `query` (a list) and `answer`.
"""

from collectors.suricata.ecs_endpoints import Document, add_related, canonical_address
from collectors.suricata.eve_values import (
    MAX_ITEMS,
    Section,
    count,
    identifier,
    put,
    section,
    sections,
    text,
    texts_of,
)

_TYPES: dict[str, str] = {"query": "query", "request": "query", "answer": "answer", "response": "answer"}
_OP_CODES: dict[int, str] = {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"}
_FLAGS = (("aa", "AA"), ("tc", "TC"), ("rd", "RD"), ("ra", "RA"), ("ad", "AD"), ("cd", "CD"))
_QUESTION = (("rrname", "name"), ("rrtype", "type"))
_ANSWER = (("rrname", "name"), ("rrtype", "type"), ("rdata", "data"))


def describe_dns(eve: Section, document: Document) -> None:
    """Fills dns: question, answers, resolved addresses, codes and flags."""
    outer = section(eve, "dns")
    message = _message_of(outer)
    dns = _head(message)
    question = texts_of(_asked(outer, message), _QUESTION)
    answers = _answers(message)
    resolved = _resolved(message, answers)
    if question:
        dns["question"] = question
    if answers:
        dns["answers"] = answers
    if resolved:
        dns["resolved_ip"] = resolved
    if dns:
        document["dns"] = dns
    add_related(document, "hosts", question.get("name"))
    for answer in answers:
        if answer.get("type") == "CNAME":
            add_related(document, "hosts", answer.get("data"))
    for address in resolved:
        add_related(document, "ip", address)
    if "message" not in document:
        words = (dns.get("type", "dns"), question.get("type"), question.get("name"))
        document["message"] = " ".join([word for word in words if word])


def _head(message: Section) -> Document:
    """What says what kind of message it is."""
    dns: Document = {}
    put(dns, "type", _TYPES.get(text(message, "type") or ""))
    put(dns, "id", identifier(message, "id"))
    op_code = count(message, "opcode")
    if op_code is not None:
        dns["op_code"] = _OP_CODES.get(op_code) or str(op_code)
    flags = [name for flag, name in _FLAGS if message.get(flag) is True]
    if flags:
        dns["header_flags"] = flags
    put(dns, "response_code", text(message, "rcode"))
    return dns


def _message_of(dns: Section) -> Section:
    """The DNS message itself: an alert wraps it."""
    answer = section(dns, "answer")
    if answer:
        return {"type": "answer", **answer}
    queries = sections(dns, "query")
    return {"type": "query", **queries[0]} if queries else dns


def _asked(dns: Section, message: Section) -> Section:
    """What holds the question: the first that names something."""
    if "queries" not in message and "rrname" in message:
        return message
    asked = (*sections(message, "queries"), message, *sections(dns, "query"))
    return next((item for item in asked if "rrname" in item), message)


def _answers(message: Section) -> list[Section]:
    listed = sections(message, "answers")
    if not listed and "rdata" in message:
        listed = [message]
    answers = []
    for item in listed:
        answer = texts_of(item, _ANSWER)
        put(answer, "ttl", count(item, "ttl"))
        answers.append(answer)
    return answers


def _resolved(message: Section, answers: list[Section]) -> list[str]:
    """The addresses a name stands for, from `answers`, or from `grouped` when only that was logged."""
    grouped = section(message, "grouped")
    found = [answer.get("data") for answer in answers if answer.get("type") in ("A", "AAAA")]
    for kind in ("A", "AAAA"):
        values = grouped.get(kind)
        found += values[:MAX_ITEMS] if type(values) is list else []
    known = [canonical_address(value) for value in found if type(value) is str]
    return list(dict.fromkeys([address for address in known if address is not None]))
