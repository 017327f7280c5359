"""The diagnosis: which questions are asked of an agent, in which order, and what their answers come to.

By v1 and v2c silence is all a wrong community gives, so whether the agent lives is asked by other ways: SNMPv3's engine
discovery (most agents answer it to anybody), an echo request, TCP ports. By v3 each step has a report of its own (RFC
3414); a wrong privacy key alone is met by silence, which the same request without privacy tells from a dead agent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from collectors.snmp.explain.messages import (
    AUTH,
    PRIV,
    Answer,
    Engine,
    Reply,
    community_reply,
    community_request,
    discovery_request,
    user_reply,
    user_request,
)
from collectors.snmp.explain.verdicts import MEANINGS, Meaning, Verdict, filled
from collectors.snmp.explain.wire import Silence, Wire
from collectors.snmp.simulator.keys import Authentication, Privacy, localised_key, privacy_key
from collectors.snmp.simulator.usm import UsmUser
from wardwatch.model.text import NO_WORDS, Words

AUTHENTICATIONS = ("md5", "sha", "sha224", "sha256", "sha384", "sha512")
PRIVACIES = ("des", "aes128", "aes192", "aes192c", "aes256", "aes256c")
V1, V2C = 0, 1

Heard = Reply | Silence


@dataclass(frozen=True, slots=True)
class Login3:
    """A v3 user as a person types it; passwords, not references."""

    name: str
    auth_protocol: str = ""
    auth_password: str = ""
    privacy_protocol: str = ""
    privacy_password: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One question and what came back, in the protocol's words."""

    asked: str
    heard: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict, its detail, and how it was come by."""

    verdict: Verdict
    detail: Words = NO_WORDS
    steps: tuple[Step, ...] = ()
    engine: Engine | None = None

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.verdict]

    @property
    def cause(self) -> Words:
        return filled(self.meaning.cause, self.detail)

    @property
    def advice(self) -> Words:
        return filled(self.meaning.advice, self.detail)


@dataclass(slots=True)
class Diagnosing:
    """One diagnosis while it is made."""

    wire: Wire
    steps: list[Step] = field(default_factory=list)
    engine: Engine | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def nobody(self) -> Diagnosis:
        """Without a login: who lives there?"""
        found = self._discover()
        if self.engine is not None:
            return self._ends(Verdict.ALIVE, Words.same("SNMPv3"))
        return self._absent(found, Verdict.SILENT)

    def community(self, community: str, version: int) -> Diagnosis:
        """With a community, as v1 or v2c."""
        heard = self._with_community(version, community)
        if isinstance(heard, Reply):
            return self._answered(heard.answer)
        if heard is not Silence.TIMEOUT:
            return self._absent(heard, Verdict.SILENT)
        other = V1 if version == V2C else V2C
        if isinstance(self._with_community(other, community), Reply):
            return self._ends(Verdict.VERSION, Words.same("SNMPv1" if other == V1 else "SNMPv2c"))
        found = self._discover()
        if self.engine is not None:
            return self._ends(
                Verdict.COMMUNITY, Words("nó trả lời dò tìm SNMPv3", "it answers SNMPv3 engine discovery")
            )
        return self._absent(found, Verdict.SILENT)

    def user(self, user: Login3) -> Diagnosis:
        """With a user, as v3: each key by itself."""
        found = self._discover()
        if self.engine is None:
            return self._absent(found, Verdict.NO_V3)
        if not user.auth_password:
            return self._judge(self._as(user, 0), user, 0)
        heard = self._as(user, AUTH)
        if not user.privacy_password:
            return self._judge(heard, user, AUTH)
        if heard_answer(heard) in _AUTHENTICATED:
            return self._judge(self._as(user, AUTH | PRIV), user, AUTH | PRIV)
        return self._judge(heard, user, AUTH)

    def _judge(self, heard: Heard, user: Login3, level: int) -> Diagnosis:
        """What an answer at a level comes to."""
        answer = heard_answer(heard)
        if answer is Answer.WRONG_DIGEST:
            return self._wrong_authentication(user)
        if answer is Answer.UNSUPPORTED_LEVEL:
            return self._ends(Verdict.LEVEL, _LEVELS[level])
        if answer is Answer.DECRYPTION_ERROR or (isinstance(heard, Silence) and level & PRIV):
            return self._wrong_privacy(user, heard)
        if isinstance(heard, Silence):
            return self._absent(heard, Verdict.NO_V3)
        return self._answered(heard.answer)

    def _wrong_authentication(self, user: Login3) -> Diagnosis:
        """Whether the same password works with another protocol."""
        for protocol in AUTHENTICATIONS:
            if protocol != user.auth_protocol:
                other = Login3(user.name, protocol, user.auth_password)
                if heard_answer(self._as(other, AUTH)) in _AUTHENTICATED:
                    return self._ends(Verdict.AUTHENTICATION_PROTOCOL, Words.same(protocol))
        return self._ends(Verdict.AUTHENTICATION)

    def _wrong_privacy(self, user: Login3, heard: Heard) -> Diagnosis:
        for protocol in PRIVACIES:
            if protocol != user.privacy_protocol:
                other = Login3(user.name, user.auth_protocol, user.auth_password, protocol, user.privacy_password)
                if heard_answer(self._as(other, AUTH | PRIV)) in _AUTHENTICATED:
                    return self._ends(Verdict.PRIVACY_PROTOCOL, Words.same(protocol))
        if isinstance(heard, Silence):
            return self._ends(
                Verdict.PRIVACY,
                Words("không mã hóa thì nó trả lời, có mã hóa thì im lặng", "it answers without privacy, not with it"),
            )
        return self._ends(Verdict.PRIVACY, Words.same("usmStatsDecryptionErrors"))

    def _answered(self, answer: Answer) -> Diagnosis:
        return self._ends(_ANSWERED.get(answer, Verdict.NOT_SNMP))

    def _absent(self, heard: Heard, alive: Verdict) -> Diagnosis:
        """SNMP is silent: is anybody there?"""
        if isinstance(heard, Reply):
            return self._ends(Verdict.NOT_SNMP)
        if heard in _NETWORK:
            return self._ends(_NETWORK[heard])
        pinged = self.wire.pings()
        self._note("ping", {True: "answers", False: "silence", None: "not allowed here"}[pinged])
        if pinged:
            return self._ends(alive, Words("trả lời ping", "it answers ping"))
        port = self.wire.tcp_lives()
        self._note("TCP ports", f"port {port} answers" if port else "silence")
        if port:
            return self._ends(alive, Words(f"cổng TCP {port} trả lời", f"TCP port {port} answers"))
        return self._ends(Verdict.DEAD)

    def _discover(self) -> Heard:
        """Finds the engine; else what came instead."""
        heard = self._ask("SNMPv3 engine discovery", discovery_request(next(self._numbers)), None)
        if isinstance(heard, Reply) and heard.engine is not None and heard.engine.id:
            self.engine = heard.engine
        return heard

    def _with_community(self, version: int, community: str) -> Heard:
        request = community_request(version, community.encode(), next(self._numbers))
        heard = self.wire.ask(request)
        reply = heard if isinstance(heard, Silence) else community_reply(heard)
        self._note(f"GET sysUpTime by {'SNMPv1' if version == V1 else 'SNMPv2c'}", _said(reply))
        return reply

    def _as(self, words: Login3, level: int) -> Heard:
        """A GET as the user at a level; an agent whose clock moved on tells us, and is asked again."""
        engine = self.engine or Engine(b"")
        user = usm_user(words, engine.id)
        asked = " ".join(filter(None, ("GET sysUpTime", _named(words, level))))
        heard: Heard = Silence.TIMEOUT
        for _ in range(2):
            request = user_request(engine, user, level, next(self._numbers))
            heard = self._ask(asked, request, user.privacy)
            if heard_answer(heard) is not Answer.NOT_IN_TIME_WINDOW or not isinstance(heard, Reply):
                return heard
            engine = self.engine = heard.engine or engine
        return heard

    def _ask(self, asked: str, request: bytes, privacy: Privacy | None) -> Heard:
        data = self.wire.ask(request)
        heard = data if isinstance(data, Silence) else user_reply(data, privacy)
        self._note(asked, _said(heard))
        return heard

    def _note(self, asked: str, heard: str) -> None:
        self.steps.append(Step(asked, heard))

    def _ends(self, verdict: Verdict, detail: Words = NO_WORDS) -> Diagnosis:
        return Diagnosis(verdict, detail, tuple(self.steps), self.engine)


_AUTHENTICATED = frozenset({Answer.VALUE, Answer.NO_OBJECT, Answer.DENIED, Answer.ERROR})
"""Answers that an agent gives only to who proved to know the keys."""

_ANSWERED: dict[Answer, Verdict] = {
    Answer.VALUE: Verdict.OK,
    Answer.NO_OBJECT: Verdict.VIEW,
    Answer.ERROR: Verdict.VIEW,
    Answer.DENIED: Verdict.ACCESS,
    Answer.UNKNOWN_USER: Verdict.USER,
    Answer.NOT_IN_TIME_WINDOW: Verdict.CLOCK,
    Answer.UNKNOWN_ENGINE: Verdict.CLOCK,
}
_NETWORK: dict[Silence, Verdict] = {
    Silence.CLOSED: Verdict.CLOSED,
    Silence.UNREACHABLE: Verdict.UNREACHABLE,
    Silence.PROHIBITED: Verdict.PROHIBITED,
}
_LEVELS: dict[int, Words] = {
    0: Words("quyền vào không xác thực", "access without authentication"),
    AUTH: Words("khóa xác thực", "authentication key"),
    AUTH | PRIV: Words("khóa mã hóa", "privacy key"),
}


def heard_answer(heard: Heard) -> Answer | None:
    """The answer of a reply; None for silence."""
    return heard.answer if isinstance(heard, Reply) else None


def usm_user(words: Login3, engine_id: bytes) -> UsmUser:
    """The user with its keys at an engine."""
    name = words.name.encode()
    if not words.auth_password:
        return UsmUser(name, None, None)
    algorithm = words.auth_protocol
    signing = Authentication(algorithm, localised_key(words.auth_password.encode(), algorithm, engine_id))
    if not words.privacy_password:
        return UsmUser(name, signing, None)
    cipher = words.privacy_protocol
    key = privacy_key(words.privacy_password.encode(), algorithm, cipher, engine_id)
    return UsmUser(name, signing, Privacy(cipher, key))


def _named(words: Login3, level: int) -> str:
    used = [words.auth_protocol] * bool(level & AUTH) + [words.privacy_protocol] * bool(level & PRIV)
    return f"as {words.name} ({' + '.join(used) or 'no authentication'})"


def _said(heard: Heard) -> str:
    return heard.value if isinstance(heard, Silence) else heard.answer.value
