"""How an agent can fail us, each as an `Outcome` with a sentence that names the device, its address and the OID."""

from collections.abc import Callable

from collectors.snmp.oids import named
from wardwatch.errors import SystemFault
from wardwatch.model.records import Outcome

HINTS: dict[Outcome, str] = {
    Outcome.TIMEOUT: "check power, routing and that SNMP is allowed from here",
    Outcome.REFUSED: "the host is there but nothing listens on that port: is the SNMP agent running?",
    Outcome.AUTHENTICATION: "check the user, the passwords and the protocols of the credential",
    Outcome.LOOP: "the agent's table never ends or is not in order: update its firmware",
    Outcome.TOO_LARGE: "the agent sends more than one reply may hold",
    Outcome.MALFORMED: "what answers there may not be an SNMP agent",
    Outcome.UNSUPPORTED: "the agent answers but shows none of the standard tables: check its view or access list",
}


class AgentFailure(SystemFault):
    """One agent failed one poll. `outcome` is the kind, `oid` where it stopped; a sentence that was `explained` already
    gets no hint."""

    def __init__(self, outcome: Outcome, sentence: str, oid: str | None = None, explained: bool = False) -> None:
        super().__init__(sentence, None if explained else HINTS.get(outcome))
        self.outcome = outcome
        self.oid = oid


Sentence = Callable[[Outcome, str, str | None], AgentFailure]


def sentences(device: str, endpoint: str) -> Sentence:
    """A maker of failures for one device: `device` is its id, `endpoint` its address and port."""
    who = f"{device} at {endpoint}" if device != endpoint else endpoint

    def make(outcome: Outcome, what: str, oid: str | None) -> AgentFailure:
        where = f" at {named(oid)}" if oid else ""
        return AgentFailure(outcome, f"{who} {what}{where}", oid)

    return make


def alive(outcome: Outcome) -> bool:
    """Whether such an outcome shows that something lives at the address: only silence and refusal do not."""
    return outcome not in {Outcome.TIMEOUT, Outcome.REFUSED, Outcome.OVERLAPPED}
