"""The finished answer: the Reply of a turn, with its charts, once its last sentence was said."""

import logging
import uuid
from collections.abc import Sequence

from assistant.agent.answers import Action, Reply
from assistant.agent.evidence import Turn
from assistant.agent.guide import Outcome
from assistant.agent.reading import in_script, in_traditional
from assistant.creators.charts.chart import Chart

log = logging.getLogger(__name__)


def charts_of(turn: Turn) -> list[Chart]:
    """The charts of what was computed; one that cannot be made is left out, the answer stands without it."""
    charts = []
    for name, make in sorted(turn.evidence.charts.items()):  # tools run side by side, in no steady order
        try:
            chart = make()
            charts.append(chart.reworded(in_traditional) if turn.lang == "zh-Hant" else chart)
        except Exception:  # whatever is odd in somebody's numbers
            log.exception("the chart %s could not be made", name)
    return charts


def reply_of(
    text: str,
    outcome: Outcome,
    turn: Turn | None,
    thread: str,
    lang: str,
    release: int | None,
    charts: Sequence[Chart] = (),
) -> Reply:
    """What an outcome and its turn come to; `turn` is None for what was said without a search."""
    figures = list(turn.evidence.figures.values()) if turn else []
    is_computed = turn is not None and bool(turn.evidence.computed)
    proposals = turn.evidence.proposals if turn and not turn.is_rehearsed else []
    offered = turn.evidence.suggestions if turn and turn.evidence.suggestions else outcome.suggestions
    return Reply(
        text=text,
        grounded=outcome.dropped == 0 and bool(outcome.citations or figures or is_computed or outcome.refused),
        refused=outcome.refused,
        citations=outcome.citations,
        figures=figures,
        charts=charts,
        suggestions=[in_script(text, lang) for text in offered],
        release=release,
        model=outcome.model,
        thread=thread,
        answer_id=outcome.answer_id,
        lang=lang,
        timings_ms={name: round(value, 1) for name, value in outcome.timings_ms.items()},
        usage=outcome.usage.as_dict(),
        actions=[
            Action(uuid.uuid4().hex, one.kind, in_script(one.label, lang), one.payload)
            for one in proposals
        ],
    )
