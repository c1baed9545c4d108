"""What the programs offer a creator's plan: the tasks that fit, best first."""

from collections.abc import Sequence
from datetime import date

from assistant.creators.plans import Opportunity
from assistant.programs.matching import Matcher


class OpenTasks:
    """The tasks in force, as `assistant.creators.plans.Opportunities` wants them."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def open_to(self, creator: str, today: date) -> Sequence[Opportunity]:
        """The tasks that fit this creator, each with the metric of its hardest goal and the last day to join."""
        return [
            Opportunity(
                title=offer.version.rule.title.zh,
                metric=min((one for step in offer.outlooks for one in step), key=lambda one: one.reach).metric.slug,
                ends_on=offer.version.rule.closes,
            )
            for offer in self._matcher.offers(creator, today)
        ]
