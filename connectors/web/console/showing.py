"""How the console writes metrics, amounts and parts of an audience, in the reader's language."""

from dataclasses import dataclass

from assistant.bootstrap import Services
from assistant.creators.catalogue import Metric
from assistant.creators.figures import Language, written
from assistant.creators.stages import STAGES
from assistant.creators.tiers import TIERS
from assistant.errors import NotFound
from assistant.programs.rewards import FEN
from assistant.programs.rules import Condition

_NAMES = {tier.zh: tier.en for tier in TIERS} | dict(STAGES)


@dataclass(frozen=True)
class Showing:
    """Templates have one as `show`."""

    services: Services
    lang: Language

    def metric(self, name: str) -> str:
        """A metric's title; its name where it is no more."""
        found = self._find(name)
        return name if found is None else self.title(found)

    def title(self, metric: Metric) -> str:
        """A metric's title."""
        return metric.title_en if self.lang == "en" else metric.title_zh

    def definition(self, metric: Metric) -> str:
        """What a metric means."""
        return metric.definition_en if self.lang == "en" else metric.definition_zh

    def value(self, name: str, value: float | None) -> str:
        """A number of a metric."""
        found = self._find(name)
        return written(value, found.unit if found else "count", self.lang)

    def written(self, value: float | None, metric: Metric) -> str:
        """A number of a metric that is at hand."""
        return written(value, metric.unit, self.lang)

    def goal(self, goal: Condition) -> str:
        """A goal in a few words."""
        sign = "≥" if goal.at_least is not None else "≤"
        return f"{self.metric(goal.metric)} {sign} {self.value(goal.metric, goal.target)}"

    def name(self, trait: str) -> str:
        """A tier or a stage; categories and regions are as they are."""
        return _NAMES.get(trait, trait) if self.lang == "en" else trait

    def yuan(self, fen: int) -> str:
        """An amount of money."""
        return f"¥{fen / FEN:,.2f}".removesuffix(".00")

    def count(self, number: float) -> str:
        """A large number, short."""
        return written(number, "count", self.lang)

    def amount(self, kind: str, amount: int) -> str:
        """An amount of a reward's kind, without its unit."""
        return self.yuan(amount) if kind == "cash" else self.count(amount)

    def _find(self, name: str) -> Metric | None:
        try:
            return self.services.custom_metrics.metric(name, None)
        except NotFound:
            return None
