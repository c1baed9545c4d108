"""Tools that read the caller's own numbers. Who asks comes from the run's context; no argument can name another
creator."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import partial

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.charting import metric_chart
from assistant.agent.evidence import Turn
from assistant.agent.telling import Telling, asked_for, tell_digest
from assistant.agent.telling_growth import tell_diagnosis, tell_growth
from assistant.agent.works_meant import work_meant
from assistant.creators.custom import CustomMetrics
from assistant.creators.diagnosis import diagnose
from assistant.creators.digest import digest_of
from assistant.creators.growth import trajectory
from assistant.creators.reasons import reasons_of
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import Work, works_between
from assistant.errors import NotAllowed
from knowledge.dates import day_named
from prompts.texts import Prompts

_QUOTED = re.compile(r"《(?P<title>[^《》]{1,200})》")
SHOWN_TITLES = 3
MOST_CHARTS = 2  # of metrics that a question names


def number_tools(warehouse: Warehouse, custom_metrics: CustomMetrics, prompts: Prompts) -> list[BaseTool]:
    """`my_numbers`, `my_growth` and `my_work`, all of the caller's own creator."""

    @tool
    def my_numbers(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's own last 28 days: plays, followers, rates, and the custom metrics that the question
        names, each against the 28 days before."""
        turn = runtime.context
        creator = own_creator(turn)
        named = custom_metrics.named_in(turn.question, creator)
        digest = digest_of(warehouse, creator, turn.counted_until, named)
        custom = {metric.name: metric for metric in named}
        for figure in asked_for(digest, turn)[:MOST_CHARTS]:
            assert digest.last_day is not None
            metric = custom.get(figure.metric, figure.metric)
            chart = partial(metric_chart, warehouse, creator, metric, digest.last_day, turn.text_lang)
            turn.evidence.charts[figure.metric] = chart
        return _kept(turn, tell_digest(digest, turn, prompts))

    @tool
    def my_growth(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's own growth: stage, net followers, when the next tier may be reached, what coincided
        with changes."""
        turn = runtime.context
        growth = trajectory(warehouse, own_creator(turn), turn.counted_until)
        if not growth.is_empty:
            from assistant.creators.charts.trajectory import trajectory_chart  # Altair is loaded for the first chart

            turn.evidence.charts["growth"] = partial(trajectory_chart, growth, turn.text_lang)
        reasons = reasons_of(warehouse, own_creator(turn), turn.counted_until)
        return _kept(turn, tell_growth(growth, reasons, turn, prompts))

    @tool
    def my_work(runtime: ToolRuntime[Turn]) -> str:
        """Diagnosis of the linked creator's latest settled work: each funnel step against the creator's own last
        works."""
        turn = runtime.context
        end_of_day = datetime.combine(_counted_until(turn), time.max)
        creator = own_creator(turn)
        works = works_between(warehouse, creator, date.min, end_of_day.date())
        meant = work_meant(turn.question, works, end_of_day)
        quoted = _QUOTED.search(turn.question)
        if meant.work is None and quoted is not None:
            return _kept(turn, _unknown_work(works, quoted["title"], turn, prompts))
        diagnosis = diagnose(warehouse, creator, meant.work.work_id if meant.work else None, end_of_day)
        if diagnosis.steps:
            from assistant.creators.charts.funnel import funnel_chart

            turn.evidence.charts["work"] = partial(funnel_chart, diagnosis, turn.text_lang)
        return _kept(turn, tell_diagnosis(diagnosis, turn, prompts, meant.namesakes))

    return [my_numbers, my_growth, my_work]


def own_creator(turn: Turn) -> str:
    """The id of the creator who asks. Raises NotAllowed for somebody who is linked to none."""
    if turn.creator is None:
        raise NotAllowed("Nobody is linked to this chat.")
    return turn.creator.id


def _counted_until(turn: Turn) -> date:
    """The last day whose numbers count. A past day that a question about a work names is that of its publication."""
    return turn.today if day_named(turn.question, turn.today) == turn.day else turn.counted_until


def _unknown_work(works: Sequence[Work], title: str, turn: Turn, prompts: Prompts) -> Telling:
    """There is no such work of the creator's; which there are. To diagnose another in its place would mislead."""
    latest = list(dict.fromkeys(work.title for work in works if work.title))
    return Telling(prompts.say("work_unknown", turn.text_lang, title=title, latest=latest[:SHOWN_TITLES]), [])


def _kept(turn: Turn, telling: Telling) -> str:
    turn.evidence.compute(telling.text, telling.figures, telling.topics)
    return telling.text
