"""Telling a creator's growth (stage, net followers, the next tier or why no date is given) and the diagnosis of a
work."""

from collections.abc import Sequence

from assistant.agent.evidence import Turn
from assistant.agent.telling import Telling, in_paragraphs
from assistant.agent.works_meant import told_apart
from assistant.creators.diagnosis import Diagnosis
from assistant.creators.figures import written
from assistant.creators.growth import Growth
from assistant.creators.reasons import Reasons
from assistant.creators.works import Work
from prompts.texts import Prompts

SHOWN_NOTABLE = 2
SHOWN_FINDINGS = 3
SHOWN_NAMESAKES = 3


def tell_growth(growth: Growth, reasons: Reasons, turn: Turn, prompts: Prompts) -> Telling:
    """A creator's growth in words: where it stands, why it slowed down as far as the numbers say, when the next tier
    may be reached; for a question about a day or a number, those alone. Notable days are never told as a cause."""
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
    why, outlook = _why(reasons, lang, prompts), _outlook(growth, lang, prompts)
    asks_when = "time" in turn.reading.asks or "amount" in turn.reading.asks
    net = prompts.say("growth_net", lang, **{f"net{days}": _signed(growth.net.get(days), lang) for days in (7, 28, 90)})
    lines += [net, outlook] if asks_when or not why else [*why, outlook]
    telling = [day for day in growth.notable if day.coincided or not day.kind.endswith("_unusual")]
    if telling and not asks_when:
        lines.append(prompts.say("notable", lang))
        lines += [f"- {day.text_en if english else day.text_zh}" for day in telling[-SHOWN_NOTABLE:]]
    figures = [] if asks_when else [reason.figure for reason in reasons.found]
    slower = [reason.topic for reason in reasons.found] if reasons.is_slower else []
    topics = ["when"] if asks_when else slower
    return Telling(in_paragraphs([line for line in lines if line]), figures, topics)


def _why(reasons: Reasons, lang: str, prompts: Prompts) -> list[str]:
    """Whether it slowed down, and the likeliest reasons, each with its figure."""
    if reasons.net is None or reasons.net.value is None or reasons.usual_net is None:
        return []
    told = {
        "net": _signed(round(reasons.net.value), lang),
        "usual": _signed(round(reasons.usual_net), lang),
        "windows": reasons.windows,
    }
    if not reasons.is_slower:
        return [prompts.say("reasons_fast", lang, **told)]
    if not reasons.found:
        return [prompts.say("reasons_unclear", lang, **told)]
    return [
        prompts.say("reasons_slow", lang, **told),
        *(f"- {reason.text_en if lang == 'en' else reason.text_zh}" for reason in reasons.found),
    ]


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


def tell_diagnosis(
    diagnosis: Diagnosis, turn: Turn, prompts: Prompts, namesakes: Sequence[Work] = ()
) -> Telling:
    """A work's funnel in words: what falls short of the creator's own usual, largest gap first, or why it is too early.
    Of several works with that title it is said which this is, and the others are offered."""
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
    if namesakes:
        lines.append(_told_apart(work, namesakes, turn, prompts))
    if diagnosis.ranks:
        lines.append(diagnosis.ranks[0].text_en if english else diagnosis.ranks[0].text_zh)
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


def _told_apart(work: Work, namesakes: Sequence[Work], turn: Turn, prompts: Prompts) -> str:
    lang = turn.text_lang
    others = [told_apart(one, namesakes, lang) for one in namesakes if one.work_id != work.work_id]
    turn.evidence.suggestions = [
        prompts.say("work_of_day", lang, title=work.title, day=day) for day in others[:SHOWN_NAMESAKES]
    ]
    return prompts.say(
        "work_namesakes",
        lang,
        title=work.title,
        count=len(namesakes),
        day=told_apart(work, namesakes, lang),
        others=others[:SHOWN_NAMESAKES],
        more=len(others) > SHOWN_NAMESAKES,
    )
