"""Telling a creator's growth (stage, net followers, the next tier or why no date is given) and the diagnosis of a
work."""

from assistant.agent.evidence import Turn
from assistant.agent.telling import Telling, in_paragraphs
from assistant.creators.diagnosis import Diagnosis
from assistant.creators.figures import written
from assistant.creators.growth import Growth
from prompts.texts import Prompts

SHOWN_NOTABLE = 3
SHOWN_FINDINGS = 3


def tell_growth(growth: Growth, turn: Turn, prompts: Prompts) -> Telling:
    """A creator's growth in words. The latest notable days are told, never as a cause."""
    lang = turn.text_lang
    english = lang == "en"
    if growth.is_empty:
        return Telling(prompts.say("no_data", lang), [])
    lines = [prompts.say("synthetic", lang)] if turn.creator is not None and turn.creator.synthetic else []
    if growth.stage is not None:
        lines.append(
            prompts.say(
                "growth_head",
                lang,
                last_day=growth.last_day,
                followers=written(growth.followers, "count", lang),
                tier=(growth.tier_en if english else growth.tier) or "—",
                stage=growth.stage.en if english else growth.stage.zh,
                rule=growth.stage.rule_en if english else growth.stage.rule_zh,
            )
        )
    lines.append(
        prompts.say("growth_net", lang, **{f"net{days}": _signed(growth.net.get(days), lang) for days in (7, 28, 90)})
    )
    lines.append(_outlook(growth, lang, prompts))
    if growth.notable:
        lines.append(prompts.say("notable", lang))
        lines += [f"- {day.text_en if english else day.text_zh}" for day in growth.notable[-SHOWN_NOTABLE:]]
    topics = ["profile_follow"] if growth.stage is not None and growth.stage.zh in ("风险", "稳定") else ["reach"]
    return Telling(in_paragraphs(lines), [], topics)


def _outlook(growth: Growth, lang: str, prompts: Prompts) -> str:
    if growth.milestone is None:
        refusal = growth.refusal
        return "" if refusal is None else (refusal.en if lang == "en" else refusal.zh)
    milestone = growth.milestone
    return prompts.say(
        "milestone",
        lang,
        name=milestone.title_en if lang == "en" else milestone.title_zh,
        target=f"{milestone.target:,}",
        p10=milestone.early,
        p50=milestone.middle,
        p90=milestone.late,
        horizon=milestone.horizon_days,
        days=milestone.days_used,
        error=written(milestone.backtest.error, "count", lang) if milestone.backtest else "",
        error_days=milestone.backtest.horizon_days if milestone.backtest else 0,
    )


def _signed(value: int | None, lang: str) -> str:
    return written(value, "count", lang) if value is None or value <= 0 else "+" + written(value, "count", lang)


def tell_diagnosis(diagnosis: Diagnosis, turn: Turn, prompts: Prompts) -> Telling:
    """A work's funnel in words: what falls short of the creator's own usual, largest gap first, or why it is too
    early."""
    lang = turn.text_lang
    english = lang == "en"
    work = diagnosis.work
    lines = [prompts.say("synthetic", lang)] if turn.creator is not None and turn.creator.synthetic else []
    lines.append(
        prompts.say(
            "work_head",
            lang,
            title=work.title,
            published=work.published_at.date(),
            plays=written(work.plays, "count", lang),
        )
    )
    if diagnosis.is_refused:
        lines.append(diagnosis.refusal_en if english else diagnosis.refusal_zh)
    elif not diagnosis.findings:
        lines.append(prompts.say("no_gap", lang))
    else:
        lines.append(prompts.say("finding_intro", lang))
        lines += [
            f"- {finding.text_en if english else finding.text_zh}" for finding in diagnosis.findings[:SHOWN_FINDINGS]
        ]
    figures = [step.figure for step in diagnosis.steps]
    return Telling(in_paragraphs(lines), figures, [finding.topic for finding in diagnosis.findings[:SHOWN_FINDINGS]])
