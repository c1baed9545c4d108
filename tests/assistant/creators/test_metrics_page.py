"""docs/metrics.md cannot drift from the catalogue."""

from pathlib import Path

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.funnel import STEPS

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_page_states_every_metric_as_the_catalogue_does() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = {line.split("|")[1].strip(" `"): line for line in lines if line.startswith("| `")}
    assert set(rows) == {*CATALOGUE, *(step.slug for step in STEPS)}
    for slug, metric in CATALOGUE.items():
        for stated in (metric.title_zh, metric.title_en, metric.unit, metric.definition_zh, metric.definition_en):
            assert f"| {stated} |" in rows[slug], (slug, stated)
        assert f"| {metric.direction} |" in rows[slug]
        assert f"| {metric.minimum_base} |" in rows[slug]
    for step in STEPS:
        assert step.title_zh in rows[step.slug]
        assert step.definition_zh in rows[step.slug]
