"""Which metrics a message names, by their titles or by the words people use for them."""

import re

from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.custom import CustomMetrics
from knowledge.folding import fold
from prompts.texts import Prompts


class Naming:
    """Finds the metrics a message speaks of, the custom ones of the creator first."""

    def __init__(self, custom_metrics: CustomMetrics, prompts: Prompts) -> None:
        self._custom = custom_metrics
        words = prompts.question_words["metric_words"]
        self._patterns = [
            (CATALOGUE[slug], re.compile(f"{_titles(CATALOGUE[slug])}|{pattern}")) for slug, pattern in words.items()
        ]

    def named(self, message: str, creator: str) -> list[Metric]:
        """The metrics in the order of the message. Words that one metric has taken do not name another: 转粉率 is not
        粉丝 as well."""
        rest = fold(message)
        found: list[tuple[int, Metric]] = []
        for metric in self._custom.named_in(message, creator):
            place = rest.find(fold(metric.title_zh))
            found.append((place, metric))
            rest = rest.replace(fold(metric.title_zh), " " * len(metric.title_zh))
        for metric, pattern in self._patterns:
            if match := pattern.search(rest):
                found.append((match.start(), metric))
                rest = f"{rest[: match.start()]}{' ' * len(match[0])}{rest[match.end() :]}"
        return [metric for _, metric in sorted(found, key=lambda pair: pair[0])]


def _titles(metric: Metric) -> str:
    return "|".join(re.escape(fold(title)) for title in (metric.title_zh, metric.title_en))
