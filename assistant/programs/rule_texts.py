"""Rules as texts: read from JSON and from YAML as it is written by hand, with one sentence for what cannot be, and
written again."""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from assistant.errors import BadInput, Said
from assistant.programs.rule_parts import Impossible
from assistant.programs.rules import CriteriaRule, Kind, Rule, TaskRule

FAULTS = {
    "missing": Said("it is missing"),
    "extra_forbidden": Said("there is no such field"),
    "greater_than": Said("it must be more than {gt}"),
    "greater_than_equal": Said("it must be at least {ge}"),
    "less_than": Said("it must be less than {lt}"),
    "less_than_equal": Said("it must be at most {le}"),
    "string_too_short": Said("it must have at least {min_length} characters"),
    "string_too_long": Said("it may have at most {max_length} characters"),
    "too_short": Said("it must have at least {min_length} entries"),
    "too_long": Said("it may have at most {max_length} entries"),
    "literal_error": Said("it must be {expected}"),
    "string_pattern_mismatch": Said("it is not written as it must be"),
    "finite_number": Said("it must be a finite number"),
    "int_parsing": Said("it must be a whole number"),
    "int_from_float": Said("it must be a whole number"),
    "int_type": Said("it must be a whole number"),
    "decimal_parsing": Said("it must be a number"),
    "float_parsing": Said("it must be a number"),
    "date_from_datetime_parsing": Said("it must be a day such as 2026-11-30"),
    "date_parsing": Said("it must be a day such as 2026-11-30"),
    "date_type": Said("it must be a day such as 2026-11-30"),
    "string_type": Said("it must be a text"),
}


class UnusableRule(BadInput):
    """A rule that cannot be: where in it, and why."""

    def __init__(self, place: str, fault: str | Said, /, **values: object) -> None:
        self.place, self.fault = place, fault if isinstance(fault, Said) else Said(fault, **values)
        if place:
            super().__init__("The rule cannot be used: {place}: {fault}.", place=place, fault=self.fault)
        else:
            super().__init__("The rule cannot be used: {fault}.", fault=self.fault)


def rule_of(kind: Kind, kept: Mapping[str, Any]) -> Rule:
    """The rule of its JSON. Raises UnusableRule, which says in one sentence what to mend."""
    try:
        return TaskRule.model_validate(kept) if kind == "task" else CriteriaRule.model_validate(kept)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("cash", "traffic", "badge"))
        raise UnusableRule(place, _fault_of(first["type"], first.get("ctx", {}))) from error


def _fault_of(kind: str, context: Mapping[str, Any]) -> Said:
    """What Pydantic has to say of a value. Its kinds of errors are in pydantic_core.list_all_errors()."""
    own = context.get("error")
    if isinstance(own, Impossible):
        return own.said
    known = FAULTS.get(kind, Said("this value cannot be used here")).sentence
    return Said(known, **{name: value for name, value in context.items() if f"{{{name}}}" in known})


def read_yaml(text: str) -> dict[str, Any]:
    """A rule as it is written by hand. Raises UnusableRule for what is no YAML mapping."""
    try:
        # A few lines of aliases can stand for gigabytes.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise UnusableRule("", "a rule has no YAML aliases")
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a day such as 2026-02-30
        mark = getattr(error, "problem_mark", None)
        raise UnusableRule(f"line {mark.line + 1}" if mark else "", "this is no YAML") from error
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise UnusableRule("", "a rule is a YAML mapping")
    return data


def write_yaml(rule: Rule) -> str:
    """The rule as it is written by hand, without what is left at its default; `read_yaml` reads it again."""
    kept = rule.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(_plain(kept), allow_unicode=True, sort_keys=False, width=110)


def _plain(value: Any) -> Any:
    """A text that has no English is written without its language."""
    if isinstance(value, dict):
        return value["zh"] if set(value) == {"zh"} else {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
