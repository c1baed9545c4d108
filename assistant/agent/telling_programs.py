"""Telling a creator's tasks, rewards and readiness: what fits and why, how far, what is still needed."""

from collections.abc import Sequence
from datetime import date

from assistant.creators.catalogue import Metric
from assistant.creators.figures import Language, written
from assistant.creators.stages import STAGES
from assistant.creators.tiers import TIERS
from assistant.programs.awards import Award
from assistant.programs.criteria import Readiness, Verdict
from assistant.programs.enrolment import Enrolment, GoalProgress, Progress
from assistant.programs.matching import Offer
from assistant.programs.measuring import growth_of
from assistant.programs.rewards import FEN, RewardKind
from assistant.programs.rules import Step
from assistant.programs.star import Nomination
from prompts.texts import Prompts

_NAMES = {tier.zh: tier.en for tier in TIERS} | dict(STAGES)
_ORDER: tuple[Verdict, ...] = ("met", "not met", "not known", "yours to say", "not published")


def tell_offer(offer: Offer, lang: Language, prompts: Prompts) -> list[str]:
    """A task that fits: what it asks and gives, why it fits, and what the own rate would come to."""
    rule = offer.version.rule
    fits = [_fit(part, value, lang, prompts) for part, value in offer.fits]
    lines = [
        prompts.say(
            "task_offer",
            lang,
            title=rule.title.told(lang),
            about=rule.about.told(lang),
            fits=fits,
            closes=rule.closes.isoformat(),
            days=rule.width,
            rewards=[one for step in rule.steps for one in _rewards(step, lang, prompts)],
        )
    ]
    for step in offer.outlooks:
        for look in step:
            lines.append(
                prompts.say(
                    "task_outlook",
                    lang,
                    title=_title(look.metric, lang),
                    target=written(look.goal.target, look.metric.unit, lang),
                    is_most=look.goal.at_most is not None,
                    expected=written(look.expected, look.metric.unit, lang) if look.expected is not None else "",
                    is_effort=growth_of(look.metric.expression) == "own hands",
                )
            )
    return lines


def tell_progress(progress: Progress, today: date, lang: Language, prompts: Prompts) -> list[str]:
    """A task that somebody takes part in: each goal with what is reached and what is missing."""
    own = progress.enrolment
    lines = [
        prompts.say(
            "task_progress",
            lang,
            title=progress.rule.title.told(lang),
            percent=round(progress.share * 100),
            last_day=own.last_day.isoformat(),
            left=max((own.last_day - today).days, 0),
            step=own.steps_done,
            steps=len(progress.rule.steps),
        )
    ]
    for at, step in enumerate(progress.steps):
        if at >= own.steps_done:
            lines += [f"- {_goal(goal, lang, prompts)}" for goal in step]
            break
    return lines


def tell_ended(own: Enrolment, title: str, lang: Language, prompts: Prompts) -> str:
    """A task that is over, in a line."""
    day = own.settled_at.date().isoformat() if own.settled_at else own.last_day.isoformat()
    return prompts.say("task_ended", lang, title=title, state=own.state, day=day, reason=own.reason)


def tell_rewards(awards: Sequence[Award], lang: Language, prompts: Prompts) -> str:
    """What was awarded, by state."""
    told = [
        (one.state, amount_shown(one.kind, one.amount, one.label, lang, prompts))
        for one in awards
        if one.state != "void"
    ]
    return prompts.say("task_rewards", lang, awards=told) if told else ""


def tell_readiness(readiness: Readiness, lang: Language, prompts: Prompts) -> list[str]:
    """How a creator stands to a list, what is met first; unpublished criteria are named as such."""
    rule = readiness.rule
    counts = {verdict.replace(" ", "_"): readiness.count(verdict) for verdict in _ORDER}
    lines = [prompts.say("readiness_head", lang, title=rule.title.told(lang), about=rule.about.told(lang), **counts)]
    for verdict in _ORDER:
        for one in readiness.standings:
            if one.verdict == verdict:
                unit = one.metric.unit if one.metric else "count"
                lines.append(
                    "- "
                    + prompts.say(
                        "readiness_line",
                        lang,
                        title=one.criterion.title.told(lang),
                        verdict=verdict,
                        basis=one.criterion.basis,
                        value=written(one.value, unit, lang) if one.value is not None else "",
                    )
                )
    first, last = readiness.first_day.isoformat(), readiness.last_day.isoformat()
    lines.append(prompts.say("readiness_window", lang, first=first, last=last))
    return lines


def tell_nomination(found: Nomination, lang: Language, prompts: Prompts) -> list[str]:
    """Where a nomination stands, and what was promised and given."""
    lines = [
        prompts.say(
            "star_state",
            lang,
            state=found.state,
            day=(found.decided_at or found.nominated_at).date().isoformat(),
            reason=found.reason,
            contact=found.contact,
        )
    ]
    for one in found.benefits:
        amount = f"¥{one.amount / FEN:,.2f}".removesuffix(".00")
        if one.kind != "guarantee":
            amount = written(one.amount, "count", lang)
        due = one.due_on.isoformat() if one.due_on else ""
        told = prompts.say(
            "star_benefit", lang, kind=one.kind, amount=amount, given=one.delivered_at is not None, due=due
        )
        lines.append(f"- {told}")
    return lines


def amount_shown(kind: RewardKind, amount: int, label: str, lang: Language, prompts: Prompts) -> str:
    """A reward as a creator reads it."""
    shown = f"¥{amount / FEN:,.2f}".removesuffix(".00") if kind == "cash" else written(amount, "count", lang)
    return prompts.say("reward_amount", lang, kind=kind, amount=shown, label=label)


def _rewards(step: Step, lang: Language, prompts: Prompts) -> list[str]:
    return [amount_shown(one.kind, one.amount, one.label, lang, prompts) for one in step.rewards]


def _goal(goal: GoalProgress, lang: Language, prompts: Prompts) -> str:
    unit = goal.metric.unit
    missing = goal.missing
    return prompts.say(
        "task_goal",
        lang,
        title=_title(goal.metric, lang),
        reached=written(goal.reached.value, unit, lang),
        target=written(goal.goal.target, unit, lang),
        is_most=goal.goal.at_most is not None,
        met=goal.met,
        is_level=growth_of(goal.metric.expression) == "level",
        missing=written(missing, unit, lang) if missing else "",
    )


def _fit(part: str, value: str, lang: Language, prompts: Prompts) -> str:
    name = _NAMES.get(value, value) if lang == "en" else value
    return prompts.say("task_fit", lang, part=part, value=name)


def _title(metric: Metric, lang: Language) -> str:
    return metric.title_en if lang == "en" else metric.title_zh
