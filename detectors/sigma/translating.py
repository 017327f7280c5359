"""pySigma's tree of a condition into ours: fields by the names of our documents, values by what they mean."""

from collections.abc import Callable, Mapping
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

from detectors.sigma.terms import (
    All,
    Expression,
    Field,
    Leaf,
    Moment,
    Network,
    Not,
    Number,
    Other,
    Presence,
    Some,
    Term,
    Text,
    Truth,
    Value,
    Wild,
)
from wardwatch.errors import UserError

FieldOf = Callable[[str | None], Field]
Placeholders = Mapping[str, tuple[str, ...]]

_OPERATORS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=", "NEQ": "!="}
_WILD = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}


def term_of(node: Any, field_of: FieldOf, placeholders: Placeholders) -> Term:
    """The term of a parsed and postprocessed condition. Raises `UserError` for what has no meaning here."""
    if isinstance(node, ConditionAND):
        return _joined(All, node.args, field_of, placeholders)
    if isinstance(node, ConditionOR):
        return _joined(Some, node.args, field_of, placeholders)
    if isinstance(node, ConditionNOT):
        return Not(term_of(node.args[0], field_of, placeholders))
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return _leaf(field_of(node.field), node.value, field_of, placeholders)
    if isinstance(node, ConditionValueExpression):
        return _leaf(field_of(None), node.value, field_of, placeholders)
    raise UserError(f"the condition holds {type(node).__name__}, which has no meaning")


def _joined(kind: type[All | Some], args: list[Any], field_of: FieldOf, placeholders: Placeholders) -> Term:
    parts = tuple(term_of(each, field_of, placeholders) for each in args if each is not None)
    if not parts:
        raise UserError("the condition is empty")
    return parts[0] if len(parts) == 1 else kind(parts)


def _leaf(field: Field, value: Any, field_of: FieldOf, placeholders: Placeholders) -> Term:
    if isinstance(value, SigmaExpansion):
        parts = tuple(_leaf(field, each, field_of, placeholders) for each in value.values)
        return parts[0] if len(parts) == 1 else Some(parts)
    if isinstance(value, SigmaString | SigmaRegularExpression) and value.contains_placeholder():
        expanded = value.replace_placeholders(lambda placeholder: iter(_meanings(placeholder, placeholders)))
        parts = tuple(_leaf(field, each, field_of, placeholders) for each in expanded)
        return parts[0] if len(parts) == 1 else Some(parts)
    return Leaf(field, _value(value, field_of))


def _meanings(placeholder: Placeholder, placeholders: Placeholders) -> tuple[str, ...]:
    if placeholder.name not in placeholders:
        raise UserError(
            f"%{placeholder.name}% stands for nothing: list its values in placeholders.yaml beside the rules"
        )
    return placeholders[placeholder.name]


def _value(value: Any, field_of: FieldOf) -> Value:
    if isinstance(value, SigmaString):
        return Text(tuple(_parts(value)), cased=isinstance(value, SigmaCasedString))
    if isinstance(value, SigmaTimestampPart):
        return Moment(value.timestamp_part.name.lower(), int(value.number))
    if isinstance(value, SigmaNumber):
        return Number(value.number)
    if isinstance(value, SigmaBool):
        return Truth(value.boolean)
    if isinstance(value, SigmaNull):
        return Presence(False)
    if isinstance(value, SigmaExists):
        return Presence(value.exists)
    if isinstance(value, SigmaRegularExpression):
        flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
        return Expression(str(value.regexp), flags)
    if isinstance(value, SigmaCompareExpression):
        return Number(_number(value.number), _OPERATORS[value.op.name])
    if isinstance(value, SigmaCIDRExpression):
        return Network(value.network)
    if isinstance(value, SigmaFieldReference):
        return Other(field_of(value.field), value.starts_with, value.ends_with)
    raise UserError(f"a value of the kind {type(value).__name__} has no meaning here")


def _number(number: Any) -> int | float:
    return number.number if isinstance(number, SigmaNumber) else number


def _parts(value: SigmaString) -> list[str | Wild]:
    """The plain parts and wildcards of a text; neighbours are joined, so that equal patterns are equal."""
    found: list[str | Wild] = []
    for part in value.s:
        if isinstance(part, SpecialChars):
            found.append(_WILD[part])
        elif isinstance(part, str) and part:
            if found and isinstance(found[-1], str):
                found[-1] += part
            else:
                found.append(part)
    return found
