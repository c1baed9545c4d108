"""Metric alerts in the conversation: offered, listed, ended; a button begins and ends them."""

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.actions import Deed, Done
from assistant.agent.charting import metric_chart
from assistant.agent.evidence import Turn
from assistant.agent.naming import Naming
from assistant.agent.telling import in_paragraphs, synthetic_note
from assistant.agent.tools.numbers import own_creator
from assistant.creators.alarms import WATCHED_DAYS, alarm_of, worse_side
from assistant.creators.alerts import (
    FEWEST_IN_A_ROW,
    IN_A_ROW,
    MOST_IN_A_ROW,
    AlertRule,
    MetricAlert,
    MetricAlerts,
)
from assistant.creators.by_work import can_be_judged_by_work
from assistant.creators.catalogue import Metric
from assistant.creators.custom import CustomMetrics
from assistant.creators.figures import Language, written
from assistant.creators.metrics import last_day, measure
from assistant.creators.warehouse import Warehouse
from assistant.errors import Conflict, NotAllowed, NotFound
from assistant.identity import Caller
from knowledge.folding import fold
from prompts.texts import Prompts

OFFERED = ("completion_rate", "net_followers", "plays")  # to choose from when a message names no metric
OFFERED_BY_WORK = ("completion_rate", "engagement_rate", "plays")
_FACTORS = {"%": 0.01, "％": 0.01, "万": 1e4, "千": 1e3, "k": 1e3, "m": 1e6}


def alerts_tool(
    warehouse: Warehouse, custom_metrics: CustomMetrics, alerts: MetricAlerts, prompts: Prompts
) -> BaseTool:
    """`my_alerts`. What is to be watched is read from the creator's own message."""
    naming = Naming(custom_metrics, prompts)
    words = prompts.question_words
    stops, lists = re.compile(words["alert_stop"]), re.compile(words["alert_list"])
    below, above = re.compile(words["alert_below"]), re.compile(words["alert_above"])
    in_a_row, counted = re.compile(words["alert_in_a_row"]), words["alert_counts"]
    lower, higher = re.compile(words["alert_lower"]), re.compile(words["alert_higher"])

    @tool
    def my_alerts(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's metric alerts: offers to watch the metric that the message names, lists those that are
        set, or offers to stop. Nothing is set before the creator presses the button."""
        turn = runtime.context
        lines = _lines(turn)
        text = in_paragraphs(lines)
        turn.evidence.compute(text, [], [])
        return text

    def _lines(turn: Turn) -> list[str]:
        folded, creator = fold(turn.question), own_creator(turn)
        metrics = naming.named(turn.question, creator)
        if stops.search(folded):
            return _stopping(turn, metrics)
        if not metrics and lists.search(folded):
            return _listing(turn)
        if not metrics:
            return _choosing(turn, _works(folded))
        return _offering(turn, metrics[0], folded)

    def _offering(turn: Turn, metric: Metric, folded: str) -> list[str]:
        creator, lang, title = own_creator(turn), turn.text_lang, _title(metric, turn.text_lang)
        rule, threshold = _rule(folded)
        works = _works(folded)
        lines = synthetic_note(turn, prompts)
        if works and not can_be_judged_by_work(metric):
            lines.append(prompts.say("alert_no_works", lang, title=title))
            works = 0
        if works and rule == "worse":
            rule = _side(folded, metric)
        alert = MetricAlert(creator, metric.name, rule, threshold, datetime.now(), works)
        end = last_day(warehouse, creator, turn.counted_until)
        if end is not None:
            figure = measure(warehouse, creator, metric, end - timedelta(days=WATCHED_DAYS - 1), end)
            turn.evidence.figures[figure.id] = figure
            turn.evidence.charts[metric.name] = partial(metric_chart, warehouse, creator, metric, end, lang)
            value, n = figure.shown(lang), f"{figure.n:,}"
            lines.append(prompts.say("alert_now", lang, title=title, days=WATCHED_DAYS, value=value, n=n))
            alarm = alarm_of(warehouse, alert, metric, turn.counted_until)
            if alarm is not None:
                lines.append(prompts.say("alert_due", lang, told=alarm.text_en if lang == "en" else alarm.text_zh))
        lines.append(prompts.say("alert_offer", lang, told=_told(alert, metric, lang, prompts)))
        label = prompts.say("alert_button", lang, title=title, works=works)
        turn.evidence.propose("alert_watch", label, metric=metric.name, rule=rule, threshold=threshold, works=works)
        if not works and can_be_judged_by_work(metric):
            other = {"title": title, "works": IN_A_ROW, "rule": worse_side(metric)}
            turn.evidence.suggestions[:] = [prompts.say("alert_ask_in_a_row", lang, **other)]
        return lines

    def _works(folded: str) -> int:
        """How many works in a row a message speaks of; 0 when of none."""
        match = in_a_row.search(folded)
        if match is None:
            return 0
        said = match["works"] or match["works_en"]
        number = int(said) if said.isdecimal() else counted[said]
        return min(max(number, FEWEST_IN_A_ROW), MOST_IN_A_ROW)

    def _side(folded: str, metric: Metric) -> AlertRule:
        """On which side of the creator's own median; where a message does not say, the worse one."""
        if higher.search(folded):
            return "above"
        return "below" if lower.search(folded) else worse_side(metric)

    def _rule(folded: str) -> tuple[AlertRule, float | None]:
        """The rule that a message names; without a number, `worse`."""
        rules: tuple[tuple[AlertRule, re.Pattern[str]], ...] = (("below", below), ("above", above))
        for rule, pattern in rules:
            if match := pattern.search(folded):
                return rule, float(match["value"].replace(",", "").rstrip(".")) * _FACTORS.get(match["unit"] or "", 1.0)
        return "worse", None

    def _stopping(turn: Turn, metrics: list[Metric]) -> list[str]:
        lang, kept = turn.text_lang, alerts.of(own_creator(turn))
        names = {metric.name for metric in metrics}
        chosen = [alert for alert in kept if not names or alert.metric in names]
        if not chosen:
            return [prompts.say("alert_none_such", lang) if kept else prompts.say("alert_none", lang)]
        lines = [prompts.say("alert_stop_offer", lang)]
        for alert in chosen:
            metric = _metric(alert)
            if metric is not None:
                lines.append(f"- {_told(alert, metric, lang, prompts)}")
                label = prompts.say("alert_stop_button", lang, title=_title(metric, lang), works=alert.works)
                turn.evidence.propose("alert_stop", label, metric=alert.metric, works=alert.works)
        return lines

    def _listing(turn: Turn) -> list[str]:
        lang, kept = turn.text_lang, alerts.of(own_creator(turn))
        if not kept:
            return [prompts.say("alert_none", lang)]
        known = [(alert, metric) for alert in kept if (metric := _metric(alert)) is not None]
        return [
            prompts.say("alert_list", lang),
            *(f"- {_told(alert, metric, lang, prompts)}" for alert, metric in known),
        ]

    def _choosing(turn: Turn, works: int) -> list[str]:
        lang = turn.text_lang
        metrics = [custom_metrics.metric(slug, None) for slug in (OFFERED_BY_WORK if works else OFFERED)]
        turn.evidence.suggestions[:] = [
            prompts.say("alert_ask_in_a_row", lang, title=_title(one, lang), works=works, rule=worse_side(one))
            if works
            else prompts.say("alert_ask", lang, title=_title(one, lang))
            for one in metrics
        ]
        return [prompts.say("alert_which", lang)]

    def _metric(alert: MetricAlert) -> Metric | None:
        try:
            return custom_metrics.metric(alert.metric, alert.creator_id)
        except NotFound:  # a custom metric that is no more
            return None

    return my_alerts


def alert_deeds(custom_metrics: CustomMetrics, alerts: MetricAlerts, prompts: Prompts) -> dict[str, Deed]:
    """`alert_watch` and `alert_stop`."""

    def watch(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        creator = _creator_of(caller)
        metric = custom_metrics.metric(payload["metric"], creator)
        try:
            alerts.watch(creator, metric.name, payload["rule"], payload["threshold"], payload.get("works", 0))
        except Conflict:
            return Done(prompts.say("alert_many", lang), is_done=False)
        kept = alerts.of(creator)
        alert = next(one for one in kept if (one.metric, one.works) == (metric.name, payload.get("works", 0)))
        text = prompts.say("alert_set", lang, told=_told(alert, metric, lang, prompts))
        return Done(text, (prompts.say("alert_show", lang),))

    def stop(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        alerts.stop(_creator_of(caller), payload["metric"], payload.get("works", 0))
        return Done(prompts.say("alert_stopped", lang))

    return {"alert_watch": watch, "alert_stop": stop}


def _told(alert: MetricAlert, metric: Metric, lang: Language, prompts: Prompts) -> str:
    """The alert in one sentence without its stop."""
    threshold = "" if alert.threshold is None else written(alert.threshold, metric.unit, lang)
    values = {"title": _title(metric, lang), "rule": alert.rule, "threshold": threshold, "works": alert.works}
    return prompts.say("alert_rule", lang, **values)


def _title(metric: Metric, lang: Language) -> str:
    return metric.title_en if lang == "en" else metric.title_zh


def _creator_of(caller: Caller) -> str:
    if caller.creator is None:
        raise NotAllowed("Nobody is linked to this chat.")
    return caller.creator
