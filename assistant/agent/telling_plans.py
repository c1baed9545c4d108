"""Telling a plan step by step, and what became of one."""

from collections.abc import Callable, Sequence
from datetime import date

from assistant.agent.evidence import Turn
from assistant.creators.catalogue import CATALOGUE
from assistant.creators.figures import Figure, written
from assistant.creators.plans import Effect, Plan, PlanStep
from assistant.creators.reasons import Reasons
from assistant.creators.stages import STAGES
from prompts.texts import Prompts

Advise = Callable[[Turn, str], str]  # what is searched for → a quotation with its mark, or nothing
SHOWN_REASONS = 2
# What guidance goes with a step that is no topic of the diagnosis.
_TOPICS = {"return": "reach", "rhythm": "reach", "slower": "reach", "reach": "repeat"}


def tell_plan(plan: Plan, reasons: Reasons, turn: Turn, prompts: Prompts, advise: Advise) -> str:
    """The stage and what fell, then a line a step: what to do, the number that will show it, and why it may help."""
    lang = turn.text_lang
    stage = dict(STAGES).get(plan.stage, "") if lang == "en" else plan.stage
    about = [prompts.say("plan_stage", lang, stage=stage)] if stage else []
    if reasons.is_slower:
        about += [f"- {one.text_en if lang == 'en' else one.text_zh}" for one in reasons.found[:SHOWN_REASONS]]
    lines = [prompts.say("plan_head", lang, weeks=plan.weeks, day=plan.made_on)]
    used: set[str] = set()
    for place, step in enumerate(plan.steps, 1):
        advice = advise(turn, prompts.say(f"topic_{_TOPICS.get(step.do, step.do)}", lang))
        lines.append(f"- {_step(place, step, plan, turn, prompts)}{'' if advice in used else _after(advice, lang)}")
        used.add(advice)
    lines.append(prompts.say("plan_foot", lang))
    blocks = [f"{prompts.say('label_data', lang)}\n" + "\n".join(about)] if about else []
    blocks.append(f"{prompts.say('label_guidance', lang)}\n" + "\n".join(lines[:-1]) + f"\n\n{lines[-1]}")
    return "\n\n".join(blocks)


def tell_effects(plan: Plan, effects: Sequence[Effect], today: date, turn: Turn, prompts: Prompts) -> str:
    """Each step's metric before and after, with what it rests on; a difference is never claimed as the plan's doing."""
    lang = turn.text_lang
    lines = [prompts.say("review_head", lang, day=plan.made_on, days=(today - plan.made_on).days)]
    is_known = any(effect.after is not None for effect in effects)
    for step in plan.steps if is_known else ():
        told = [_effect(effect, turn, prompts) for effect in effects if effect.step == step]
        what = _what(step, turn, prompts).rstrip("。.")
        lines.append(f"- **{what}**" + (": " if lang == "en" else "：") + " ".join(dict.fromkeys(told)))
    lines.append("\n" + (prompts.say("review_foot", lang) if is_known else prompts.say("review_early", lang)))
    return f"{prompts.say('label_data', lang)}\n" + "\n".join(lines)


def _step(place: int, step: PlanStep, plan: Plan, turn: Turn, prompts: Prompts) -> str:
    lang = turn.text_lang
    metric = CATALOGUE[step.metric]
    return prompts.say(
        "plan_step",
        lang,
        place=place,
        week=step.week if plan.weeks > 1 else 0,
        what=_what(step, turn, prompts),
        title=metric.title_en if lang == "en" else metric.title_zh,
        value=written(step.value, metric.unit, lang),
        target=written(step.target, metric.unit, lang) if step.target is not None else "",
        n=f"{step.n:,}",
        work=step.work,
    )


def _what(step: PlanStep, turn: Turn, prompts: Prompts) -> str:
    return prompts.say(f"do_{step.do}", turn.text_lang, subject=step.subject)


def _effect(effect: Effect, turn: Turn, prompts: Prompts) -> str:
    lang = turn.text_lang
    metric = CATALOGUE[effect.step.metric]
    title = metric.title_en if lang == "en" else metric.title_zh
    if effect.after is None:
        return prompts.say("review_waits", lang)
    is_inverse = metric.direction == "lower is better"
    rose = (effect.after.value or 0) > (effect.before.value or 0)
    verdict = "unclear" if not effect.is_clear else "better" if rose is not is_inverse else "worse"
    before, after = (_with_base(figure, lang) for figure in (effect.before, effect.after))
    values = {"title": title, "days": effect.days, "before": before, "after": after, "verdict": verdict}
    return prompts.say("review_effect", lang, **values)


def _with_base(figure: Figure, lang: str) -> str:
    return figure.shown(lang) if figure.value is None else f"{figure.shown(lang)} (n={figure.n:,})"


def _after(advice: str, lang: str) -> str:
    return f" {advice}" if advice and lang == "en" else advice
