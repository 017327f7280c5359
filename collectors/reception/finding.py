"""What a rule over received messages says of one: how it is put into an event, and what it raises or clears."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from collectors.suricata.severity import NUMBERS
from wardwatch.model.status import Severity
from wardwatch.strict_yaml import StrictModel

LONGEST_VALUE = 256
"""Characters of a value that goes into a name; who sends decides how long it is."""

Category = Literal[
    "authentication", "configuration", "driver", "host", "iam", "malware", "network", "process", "session"
]
Kind = Literal[
    "access", "admin", "change", "connection", "creation", "deletion", "denied", "end", "error", "info", "start", "user"
]


def _template(value: str) -> str:
    try:
        value.format_map(_Known({}))
    except (ValueError, AttributeError, IndexError):
        raise ValueError("is no sentence with {names}: write {interface}, and {{ for a brace") from None
    return value


Template = Annotated[str, Field(min_length=1), AfterValidator(_template)]


class WordsDocument(StrictModel):
    """The same sentence in Vietnamese and English; `{name}` stands for a value of the message."""

    vi: Template
    en: Template


class FindingDocument(StrictModel):
    """What a message means: ECS event.category, event.type, event.action, event.outcome; how bad it is; whether it
    goes to the inbox; the condition that it raises or clears, as `link:{interface}`."""

    category: tuple[Category, ...]
    type: tuple[Kind, ...]
    action: Annotated[str, Field(pattern="^[a-zA-Z0-9-]+$")]
    outcome: Literal["success", "failure", "unknown"] | None = None
    severity: Severity = Severity.INFO
    alert: bool = False
    raises: Template | None = None
    clears: Template | None = None
    words: WordsDocument

    @model_validator(mode="after")
    def _fits(self) -> "FindingDocument":
        if self.raises and self.clears:
            raise ValueError("a message raises a condition or clears it, not both")
        if self.raises and not self.alert:
            raise ValueError("what raises a condition goes to the inbox: write alert: true")
        if self.clears and self.alert:
            raise ValueError("what clears a condition is no alert")
        return self


@dataclass(frozen=True, slots=True)
class Finding:
    """A `FindingDocument` ready for use. `event` is the constant part of the event object; documents get a copy."""

    id: str
    module: str
    event: dict[str, Any]
    severity: Severity
    alert: bool
    condition: str | None
    words_vi: str
    words_en: str

    @classmethod
    def of(cls, id_: str, module: str, dataset: str, document: FindingDocument) -> "Finding":
        event: dict[str, Any] = {
            "kind": "alert" if document.alert else "event",
            "category": list(document.category),
            "type": list(document.type),
            "module": module,
            "dataset": dataset,
            "action": document.action,
            "code": id_,
        }
        if document.outcome is not None:
            event["outcome"] = document.outcome
        if document.alert:
            event["severity"] = NUMBERS[document.severity]
        condition = document.raises or document.clears
        words = document.words
        return cls(id_, module, event, document.severity, document.alert, condition, words.vi, words.en)

    def describe(self, document: dict[str, Any], values: dict[str, str]) -> None:
        """Fills event, rule and words. An event that is no alert but has a rule clears what that rule raised."""
        known = _Known(values)
        document["event"] = self.event.copy()
        said = {"vi": self.words_vi.format_map(known), "en": self.words_en.format_map(known)}
        product = document["wardwatch"]
        product["words"] = said
        if self.alert:
            product["severity"] = self.severity.value
        if self.condition is not None:
            document["rule"] = {"id": f"{self.module}.{self.condition.format_map(known)}", "name": said["en"]}
        elif self.alert:
            document["rule"] = {"id": self.id, "name": said["en"]}


class _Known(dict[str, str]):
    """Values for a template: a bounded piece of each, a question mark for what the message does not say."""

    def __getitem__(self, key: str) -> str:
        return super().get(key, "?")[:LONGEST_VALUE]
