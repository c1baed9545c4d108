"""Plans in the conversation: made and kept when asked for, told again within the week, looked back on after it."""

import re
from functools import partial

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.charting import metric_chart
from assistant.agent.evidence import Turn
from assistant.agent.telling import synthetic_note
from assistant.agent.telling_plans import Advise, tell_effects, tell_plan
from assistant.agent.tools.numbers import own_creator
from assistant.creators.catalogue import CATALOGUE
from assistant.creators.metrics import last_day
from assistant.creators.plans import REVIEWED_AFTER, Plan, Plans
from assistant.creators.reasons import reasons_of
from assistant.creators.warehouse import Warehouse
from prompts.texts import Prompts

FIRST_REVIEW = REVIEWED_AFTER[0]


def plan_tools(warehouse: Warehouse, plans: Plans, prompts: Prompts, advise: Advise) -> list[BaseTool]:
    """`my_plan` and `my_review`."""
    long, anew = (re.compile(prompts.question_words[f"plan_{name}"]) for name in ("long", "anew"))

    @tool
    def my_plan(runtime: ToolRuntime[Turn]) -> str:
        """A plan for the linked creator's account of one week, or of four when the message says so: from stage, what
        fell, the last work, and cited guidance, each step with the metric that will show it. It is kept; asked for
        again after a week, the last one is looked back on first."""
        turn = runtime.context
        creator, today = own_creator(turn), turn.counted_until
        kept = plans.latest(creator, today)
        age = (today - kept.made_on).days if kept is not None else 0
        weeks = 4 if long.search(turn.question.lower()) else 1
        parts = synthetic_note(turn, prompts)
        if kept is not None and age < FIRST_REVIEW and kept.weeks == weeks and not anew.search(turn.question.lower()):
            left = FIRST_REVIEW - age
            parts += [prompts.say("plan_kept", turn.text_lang, day=kept.made_on, left=left), _told(kept, turn)]
            return _kept(turn, parts)
        if kept is not None and age >= FIRST_REVIEW:
            parts.append(tell_effects(kept, plans.review(kept, today), today, turn, prompts))
        plan = plans.make(creator, today, weeks)
        if plan is None:
            return _kept(turn, [prompts.say("no_data", turn.text_lang)])
        if _is_to_be_kept(turn):
            plans.keep(plan)
        return _kept(turn, [*parts, _told(plan, turn)])

    @tool
    def my_review(runtime: ToolRuntime[Turn]) -> str:
        """What became of the linked creator's last plan: each step's metric 7 and 14 days after it, beside as many
        days before."""
        turn = runtime.context
        today = turn.counted_until
        kept = plans.latest(own_creator(turn), today)
        if kept is None:
            turn.evidence.suggestions[:] = [prompts.say("plan_ask", turn.text_lang)]
            return _kept(turn, [prompts.say("review_none", turn.text_lang)])
        told = tell_effects(kept, plans.review(kept, today), today, turn, prompts)
        return _kept(turn, [*synthetic_note(turn, prompts), told])

    def _told(plan: Plan, turn: Turn) -> str:
        reasons = reasons_of(warehouse, plan.creator_id, turn.counted_until)
        text = tell_plan(plan, reasons, turn, prompts, advise)
        end = last_day(warehouse, plan.creator_id, turn.counted_until)
        if plan.steps and end is not None:
            first, lang = CATALOGUE[plan.steps[0].metric], turn.text_lang
            chart = partial(metric_chart, warehouse, plan.creator_id, first, end, lang)
            turn.evidence.charts[first.slug] = chart
            title = first.title_en if lang == "en" else first.title_zh
            label = prompts.say("alert_button", lang, title=title, works=None)
            turn.evidence.propose("alert_watch", label, metric=first.name, rule="worse", threshold=None)
        other = (
            prompts.say("plan_ask", turn.text_lang) if plan.weeks > 1 else prompts.say("plan_ask_long", turn.text_lang)
        )
        turn.evidence.suggestions[:] = [prompts.say("review_ask", turn.text_lang), other]
        return text

    def _kept(turn: Turn, parts: list[str]) -> str:
        text = "\n\n".join(parts)
        turn.evidence.compute(text, [], [])
        return text

    return [my_plan, my_review]


def _is_to_be_kept(turn: Turn) -> bool:
    """Only what a creator was really given today."""
    return not turn.is_rehearsed and turn.caller.channel != "test" and turn.day == turn.today
