"""A task's rule as a form: fields for what staff change most, goals as lines such as `plays >= 10000`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.programs.rule_texts import UnusableRule
from assistant.programs.rules import MOST_STEPS, Condition, TaskRule

BLANK_STEPS = 1  # empty ones below those there are
_GOAL = re.compile(r"(?P<metric>.+?)\s*(?P<sign>>=|<=|≥|≤)\s*(?P<target>[\d,.]+%?)")
_AT_LEAST = (">=", "≥")
_NAMES = ("tiers", "stages")


@dataclass(frozen=True)
class StepFields:
    """One step as it stands in the form."""

    zh: str = ""
    en: str = ""
    goals: str = ""
    yuan: str = ""
    exposures: str = ""
    badge: str = ""


@dataclass(frozen=True)
class TaskFields:
    """A task as it stands in the form; texts as they were typed."""

    values: dict[str, str] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    steps: tuple[StepFields, ...] = (StepFields(),)

    def __getattr__(self, name: str) -> str:
        """A field's text; empty where nothing was typed."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.values.get(name, "")


def fields_of(rule: TaskRule) -> TaskFields:
    """A rule as the form shows it."""
    audience, budget = rule.rule, rule.budget
    values = {
        "title_zh": rule.title.zh, "title_en": rule.title.en, "about_zh": rule.about.zh, "about_en": rule.about.en,
        "source": rule.source, "demonstration": "true" if rule.demonstration else "",
        "opens": rule.opens.isoformat(), "closes": rule.closes.isoformat(),
        "days": str(rule.days or ""), "first_day": _text(rule.first_day), "last_day": _text(rule.last_day),
        "categories": ", ".join(audience.categories), "regions": ", ".join(audience.regions),
        "joined_within_days": _text(audience.joined_within_days), "places": _text(rule.places),
        "cash": _text(budget.cash), "traffic": _text(budget.traffic), "grace_days": str(rule.grace_days),
        "needs_two_above": _text(rule.needs_two_above),
    }  # fmt: skip
    steps = tuple(
        StepFields(
            step.title.zh,
            step.title.en,
            "\n".join(goal_line(goal) for goal in step.goals),
            *(_reward(step.rewards, kind, name) for kind, name in _REWARDS),
        )
        for step in rule.steps
    )
    return TaskFields(values, audience.tiers, audience.stages, steps)


def fields_from(form: Mapping[str, list[str]]) -> TaskFields:
    """What was typed."""
    steps = []
    for at in range(MOST_STEPS):
        typed = {name: _one(form, f"step_{at}_{name}") for name in StepFields.__dataclass_fields__}
        if any(typed.values()):
            steps.append(StepFields(**typed))
    known = {name: _one(form, name) for name in form if not name.startswith("step_") and name not in _NAMES}
    return TaskFields(known, tuple(form.get("tiers", ())), tuple(form.get("stages", ())), tuple(steps))


def rule_from(fields: TaskFields) -> dict[str, Any]:
    """The rule's JSON of what was typed. Raises UnusableRule for a goal that cannot be read."""
    kept: dict[str, Any] = {
        "title": _wording(fields.title_zh, fields.title_en),
        "about": _wording(fields.about_zh, fields.about_en),
        "demonstration": fields.demonstration == "true",
        "audience": {
            "tiers": list(fields.tiers),
            "stages": list(fields.stages),
            "categories": _listed(fields.categories),
            "regions": _listed(fields.regions),
            "joined_within_days": _number(fields.joined_within_days),
        },
        "budget": {name: fields.values[name] for name in ("cash", "traffic") if fields.values.get(name)},
        "steps": [_step(step) for step in fields.steps],
    }
    names = ("source", "opens", "closes", "days", "first_day", "last_day", "places", "grace_days", "needs_two_above")
    return kept | {name: fields.values[name] for name in names if fields.values.get(name)}


def goal_line(goal: Condition) -> str:
    """A goal as it is typed."""
    return f"{goal.metric} {'>=' if goal.at_least is not None else '<='} {goal.target:g}"


def read_goal(line: str) -> dict[str, Any]:
    """A goal that was typed. Raises UnusableRule."""
    found = _GOAL.fullmatch(line.strip())
    if found is None:
        raise UnusableRule("goals", "write a goal as METRIC >= NUMBER, not {line!r}", line=line.strip()[:60])
    side = "at_least" if found["sign"] in _AT_LEAST else "at_most"
    return {"metric": found["metric"], side: found["target"].replace(",", "")}


_REWARDS = (("cash", "yuan"), ("traffic", "exposures"), ("badge", "name"))


def _step(step: StepFields) -> dict[str, Any]:
    typed = (("cash", "yuan", step.yuan), ("traffic", "exposures", step.exposures), ("badge", "name", step.badge))
    return {
        "title": _wording(step.zh, step.en),
        "goals": [read_goal(line) for line in step.goals.splitlines() if line.strip()],
        "rewards": [{"kind": kind, name: value} for kind, name, value in typed if value],
    }


def _reward(rewards: Any, kind: str, name: str) -> str:
    return next((str(getattr(one, name)) for one in rewards if one.kind == kind), "")


def _wording(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _one(form: Mapping[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()


def _listed(text: str) -> list[str]:
    return [name.strip() for name in re.split(r"[,，、\n]", text) if name.strip()]


def _number(text: str) -> int | str | None:
    return int(text) if text.isdecimal() else text or None


def _text(value: object) -> str:
    return "" if value is None else str(value)


