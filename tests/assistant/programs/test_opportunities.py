"""What a creator's plan hears of the programs."""

from assistant.bootstrap import Services
from assistant.programs.opportunities import OpenTasks


def test_a_plan_hears_of_the_tasks_that_fit_best_first(starter: Services) -> None:
    today = starter.library.today()
    offers = starter.programs.matcher.offers("demo-01", today)
    told = OpenTasks(starter.programs.matcher).open_to("demo-01", today)
    assert [one.title for one in told] == [offer.version.rule.title.zh for offer in offers]
    assert told
    assert told[0].metric in {one.metric.slug for step in offers[0].outlooks for one in step}
    assert told[0].title in starter.plans.make("demo-01", today, 4).steps[2].subject
