"""`wardwatch snmp explain`: why an agent does not answer, in words."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from collectors.snmp.credentials import AUTH_PROTOCOLS, PRIVACY_PROTOCOLS, SHORTEST_PASSWORD
from collectors.snmp.explain.diagnosis import V1, V2C, Diagnosing, Diagnosis, Login3
from collectors.snmp.explain.verdicts import Verdict
from collectors.snmp.explain.wire import Patience, Wire
from collectors.snmp.probe import parse_address, resolve_host
from wardwatch.errors import UserError
from wardwatch.model.text import Words
from wardwatch.strict_yaml import nearest

WELL = frozenset({Verdict.OK, Verdict.ALIVE})
TITLES = {
    "cause": Words("Nguyên nhân", "Cause"),
    "advice": Words("Việc cần làm", "What to do"),
    "steps": Words("Đã hỏi", "Asked"),
    "certain": Words("chắc chắn", "certain"),
    "uncertain": Words("có thể", "likely"),
}


class Language(StrEnum):
    """Which words are printed."""

    VI = "vi"
    EN = "en"


def command(
    address: Annotated[str, typer.Argument(metavar="ADDRESS:PORT", help="Where the agent should answer; port 161.")],
    community: Annotated[
        str | None, typer.Option(help="Community of SNMPv2c or v1.", envvar="WARDWATCH_SNMP_COMMUNITY")
    ] = None,
    version: Annotated[str, typer.Option(help="With a community: 1 or 2c.")] = "2c",
    user: Annotated[str | None, typer.Option(help="SNMPv3 user.")] = None,
    auth_protocol: Annotated[str, typer.Option(help="md5, sha, sha224, sha256, sha384 or sha512.")] = "sha256",
    auth_key: Annotated[
        str | None, typer.Option(help="SNMPv3 authentication password.", envvar="WARDWATCH_SNMP_AUTH_KEY")
    ] = None,
    privacy_protocol: Annotated[
        str, typer.Option(help="des, aes128, aes192 or aes256; aes192c and aes256c are Cisco's.")
    ] = "aes128",
    privacy_key: Annotated[
        str | None, typer.Option(help="SNMPv3 privacy password.", envvar="WARDWATCH_SNMP_PRIVACY_KEY")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for each answer.", min=0.05, max=30)] = 2.0,
    attempts: Annotated[int, typer.Option(help="Attempts a question.", min=1, max=10)] = 2,
    language: Annotated[Language, typer.Option(help="vi or en.")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the words of both languages.")] = False,
) -> None:
    """Says why an agent does not answer: wrong community, user or password, access list, or nobody there.

    Without a login it says who lives there. Exit code 0 when all is well, 1 when something is wrong with the agent or
    its login, 2 when the question is wrong."""
    if community is not None and user is not None:
        raise UserError("give --community or --user, not both")
    host, port = parse_address(address)
    diagnosing = Diagnosing(Wire(resolve_host(host), port, Patience(timeout, attempts)))
    if user is not None:
        login = _login(user, auth_protocol, auth_key, privacy_protocol, privacy_key)
        diagnosis = diagnosing.user(login)
    elif community is not None:
        diagnosis = diagnosing.community(community, version_of(version))
    else:
        diagnosis = diagnosing.nobody()
    if as_json:
        typer.echo(json.dumps(_as_json(diagnosis, address), ensure_ascii=False, indent=2))
    else:
        _show(diagnosis, language)
    raise typer.Exit(0 if diagnosis.verdict in WELL else 1)


def version_of(text: str) -> int:
    """The number of a version in messages. Raises `UserError`."""
    known = {"1": V1, "2c": V2C}
    if text not in known:
        raise UserError(f"'{text}' is no version that has communities", "give --version 1 or 2c; v3 has --user")
    return known[text]


def _login(
    user: str, auth_protocol: str, auth_key: str | None, privacy_protocol: str, privacy_key: str | None
) -> Login3:
    if privacy_key and not auth_key:
        raise UserError("a privacy key needs an authentication key, too", "SNMPv3 has no such level")
    for key, name in ((auth_key, "--auth-key"), (privacy_key, "--privacy-key")):
        if key is not None and len(key.encode()) < SHORTEST_PASSWORD:
            raise UserError(f"the password of {name} is shorter than {SHORTEST_PASSWORD} characters")
    if len(user.encode()) > 32 or not user:
        raise UserError("an SNMPv3 user has 1 to 32 characters")
    signing = _known(auth_protocol, list(AUTH_PROTOCOLS), "authentication")
    hiding = _known(privacy_protocol, list(PRIVACY_PROTOCOLS), "privacy")
    return Login3(user, signing, auth_key or "", hiding, privacy_key or "")


def _known(name: str, known: list[str], what: str) -> str:
    plain = name.lower().replace("-", "")
    if plain not in known:
        raise UserError(f"'{name}' is no {what} protocol", nearest(plain, known))
    return plain


def _as_json(diagnosis: Diagnosis, address: str) -> dict[str, Any]:
    engine = diagnosis.engine
    return {
        "address": address,
        "verdict": diagnosis.verdict.value,
        "well": diagnosis.verdict in WELL,
        "certain": diagnosis.meaning.certain,
        "cause": {"vi": diagnosis.cause.vi, "en": diagnosis.cause.en},
        "advice": {"vi": diagnosis.advice.vi, "en": diagnosis.advice.en},
        "engine": None if engine is None else {"id": engine.id.hex(), "boots": engine.boots, "up_s": engine.time_s},
        "steps": [{"asked": step.asked, "heard": step.heard} for step in diagnosis.steps],
    }


def _show(diagnosis: Diagnosis, language: Language) -> None:
    def title(name: str) -> str:
        return str(getattr(TITLES[name], language.value))

    sure = title("certain" if diagnosis.meaning.certain else "uncertain")
    typer.echo(f"{title('cause')} ({sure}): {getattr(diagnosis.cause, language.value)}")
    typer.echo(f"{title('advice')}: {getattr(diagnosis.advice, language.value)}")
    typer.echo(f"{title('steps')}:")
    for step in diagnosis.steps:
        typer.echo(f"  {step.asked}: {step.heard}")
