"""How a creator stands to criteria: met, not met, not published, or not known. For Star and the checklists."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from assistant.creators.catalogue import Metric
from assistant.creators.custom import CustomMetrics
from assistant.creators.followers import follower_series
from assistant.creators.warehouse import Warehouse
from assistant.programs.measuring import Measured, measure_span
from assistant.programs.rules import CriteriaRule, Criterion

WINDOW_DAYS = 28
Verdict = Literal["met", "not met", "not published", "not known", "yours to say"]


@dataclass(frozen=True)
class Standing:
    """One criterion for one creator. `value` is the creator's number, where a number decides."""

    criterion: Criterion
    verdict: Verdict
    metric: Metric | None = None
    value: float | None = None
    base: int = 0


@dataclass(frozen=True)
class Readiness:
    """How a creator stands to a whole list, counted from `first_day` to `last_day`, both included."""

    rule: CriteriaRule
    standings: tuple[Standing, ...]
    first_day: date
    last_day: date

    def count(self, verdict: Verdict) -> int:
        """How many criteria have this verdict."""
        return sum(one.verdict == verdict for one in self.standings)

    def as_dict(self) -> dict[str, Any]:
        """What is kept of it with a nomination, and what `--json` prints."""
        return {
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "criteria": [
                {
                    "key": one.criterion.key, "title": one.criterion.title.model_dump(), "basis": one.criterion.basis,
                    "document": one.criterion.document, "verdict": one.verdict, "value": one.value,
                }
                for one in self.standings
            ],
        }  # fmt: skip


class Reader:
    """Reads a creator's numbers against criteria. An unpublished criterion is neither met nor missed, and what no
    number tells is never guessed."""

    def __init__(self, warehouse: Warehouse, metrics: CustomMetrics) -> None:
        self._warehouse = warehouse
        self._metrics = metrics

    def readiness(self, rule: CriteriaRule, creator: str, today: date) -> Readiness:
        """One creator's standing over the last 28 days before today."""
        first, last = today - timedelta(days=WINDOW_DAYS), today - timedelta(days=1)
        metrics = {one.metric: self._metrics.metric(one.metric, None) for one in rule.conditions}
        numbers = measure_span(self._warehouse, creator, metrics, first, last)
        followers = None
        if any(one.followers for one in rule.criteria):
            followers = follower_series(self._warehouse, creator, today).latest
        standings = tuple(_standing(one, metrics, numbers, followers) for one in rule.criteria)
        return Readiness(rule, standings, first, last)


def _standing(
    criterion: Criterion, metrics: dict[str, Metric], numbers: dict[str, Measured], followers: int | None
) -> Standing:
    if criterion.basis == "unpublished":
        return Standing(criterion, "not published")
    if criterion.followers is not None:
        if followers is None:
            return Standing(criterion, "not known")
        return Standing(criterion, "met" if followers >= criterion.followers else "not met", None, float(followers))
    if criterion.condition is None:
        return Standing(criterion, "yours to say")
    metric, own = metrics[criterion.condition.metric], numbers[criterion.condition.metric]
    if own.value is None or own.base < metric.minimum_base:
        return Standing(criterion, "not known", metric, own.value, own.base)
    return Standing(criterion, "met" if criterion.condition.met(own.value) else "not met", metric, own.value, own.base)
