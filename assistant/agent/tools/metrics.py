"""The tool for the creator's own metrics: it tries, keeps or lists what the creator's message asks for."""

from functools import partial

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.charting import days_chart
from assistant.agent.evidence import Turn
from assistant.agent.telling import Telling
from assistant.agent.telling_metrics import tell_fault, tell_kept, tell_metrics, tell_tried
from assistant.agent.tools.numbers import own_creator
from assistant.agent.wishes import Wish, Wishes
from assistant.creators.custom import CustomMetrics, as_metric
from assistant.creators.language.faults import FormulaFault
from assistant.creators.previewing import preview
from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput, Conflict
from prompts.texts import Prompts

TRIED_DAYS = 28
SHORTEST_TITLE = 2


def metrics_tool(warehouse: Warehouse, custom_metrics: CustomMetrics, prompts: Prompts) -> BaseTool:
    """`my_metrics`. The formula is read from the creator's own message, never from what a model says."""
    wishes = Wishes(prompts)

    @tool
    def my_metrics(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's custom metrics. Tries the metric that the message defines, keeps it when the message
        says so, and lists what is defined for any other message."""
        turn = runtime.context
        telling = _done(wishes.read(turn.question), turn)
        turn.evidence.compute(telling.text, telling.figures, telling.topics)
        return telling.text

    def _done(wish: Wish | None, turn: Turn) -> Telling:
        if wish is None:
            return tell_metrics(custom_metrics.visible_to(own_creator(turn)), turn, prompts)
        if not wish.formula and wish.kind == "keep":
            return Telling(prompts.say("metric_nothing", turn.text_lang), [])
        if not wish.formula:
            return Telling(prompts.say("metric_how", turn.text_lang), [])
        try:
            is_kept = wish.kind == "keep" and not turn.is_rehearsed
            return _kept(wish.formula, turn) if is_kept else _tried(wish.formula, turn)
        except FormulaFault as fault:
            return tell_fault(fault, turn, prompts)
        except (BadInput, Conflict):
            return Telling(prompts.say("metric_conflict", turn.text_lang), [])

    def _tried(formula: str, turn: Turn) -> Telling:
        creator = own_creator(turn)
        understood = custom_metrics.understood(formula, creator)
        title = understood.title or prompts.say("metric_unnamed", turn.text_lang)
        metric = as_metric("preview", title, understood.formula, understood.unit, None)
        shown = preview(warehouse, metric, creator, TRIED_DAYS, turn.counted_until)
        if any(line.value is not None for line in shown.days):
            turn.evidence.charts["metric"] = partial(days_chart, metric, shown.days, turn.text_lang)
        return tell_tried(shown, understood.title is not None, turn, prompts)

    def _kept(formula: str, turn: Turn) -> Telling:
        creator = own_creator(turn)
        understood = custom_metrics.understood(formula, creator)
        if understood.title is None:
            return Telling(prompts.say("metric_untitled", turn.text_lang, formula=formula.replace("`", "")), [])
        if len(understood.title) < SHORTEST_TITLE:
            raise BadInput("A metric of a single character could not be asked for by its name.")
        slug = custom_metrics.slug_for(understood.title, creator)
        kept = custom_metrics.define(slug, formula, creator, actor=creator)
        return tell_kept(kept, turn, prompts)

    return my_metrics
