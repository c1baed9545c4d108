"""Telling what a custom metric counts, what it gives on the creator's own numbers, and what is wrong with a formula."""

from collections.abc import Sequence

from assistant.agent.evidence import Turn
from assistant.agent.telling import Telling, in_paragraphs
from assistant.creators.catalogue import CATALOGUE
from assistant.creators.custom import STAFF, Definition
from assistant.creators.figures import written
from assistant.creators.language.explaining import explain
from assistant.creators.language.faults import FormulaFault
from assistant.creators.previewing import Preview
from prompts.texts import Prompts

SHOWN_WORKS = 3
SHOWN_METRICS = 12
AROUND_FAULT = 30  # characters of the formula that are shown before and after a fault


def tell_tried(preview: Preview, is_named: bool, turn: Turn, prompts: Prompts) -> Telling:
    """A metric that is not kept yet: what it counts, what it gives, and how to keep it."""
    lang, figure = turn.text_lang, preview.figure
    title = figure.title_en if lang == "en" else figure.title_zh
    counted = figure.definition_en if lang == "en" else figure.definition_zh
    lines = [prompts.say("synthetic", lang)] if turn.creator is not None and turn.creator.synthetic else []
    lines.append(prompts.say("metric_counts", lang, title=title, counted=counted))
    if figure.value is None:
        lines.append(prompts.say("metric_empty", lang))
    else:
        first, last = figure.window.split("..")
        lines.append(
            prompts.say(
                "metric_gives",
                lang,
                window=f"{first} – {last}",
                value=figure.shown(lang),
                baseline=figure.baseline_shown(lang) if figure.baseline is not None else "",
                n=f"{figure.n:,}",
            )
        )
    works = [(work.name, written(work.value, preview.unit, lang)) for work in preview.works[:SHOWN_WORKS]]
    if works:
        lines.append(prompts.say("metric_works", lang, works=works))
    if is_named:
        lines.append(prompts.say("metric_ask", lang))
        turn.evidence.suggestions[:] = [prompts.say("metric_yes", lang)]
    else:
        lines.append(prompts.say("metric_name_first", lang))
    return Telling(in_paragraphs(lines), [figure] if figure.value is not None else [])


def tell_kept(kept: Definition, turn: Turn, prompts: Prompts) -> Telling:
    """A metric that was kept: its version, what it counts, and how to ask for it."""
    lang = turn.text_lang
    turn.evidence.suggestions[:] = [prompts.say("metric_question", lang, title=kept.title)]
    counted = explain(kept.formula, lang)
    return Telling(prompts.say("metric_kept", lang, title=kept.title, version=kept.version, counted=counted), [])


def tell_metrics(defined: Sequence[Definition], turn: Turn, prompts: Prompts) -> Telling:
    """The creator's own metrics and those that staff defined for everybody, and how to define one."""
    lang = turn.text_lang
    built_in = [metric.title_en if lang == "en" else metric.title_zh for metric in CATALOGUE.values()]
    lines = [prompts.say("metric_list", lang)] if defined else [prompts.say("metric_none", lang)]
    lines += [f"- {_listed(one, lang, prompts)}" for one in defined[:SHOWN_METRICS]]
    if len(defined) > SHOWN_METRICS:
        lines.append(prompts.say("metric_more", lang, count=len(defined) - SHOWN_METRICS))
    lines += [prompts.say("metric_built_in", lang, titles=built_in), prompts.say("metric_how", lang)]
    turn.evidence.suggestions[:] = [prompts.say("metric_question", lang, title=one.title) for one in defined[:3]]
    return Telling(in_paragraphs(lines), [])


def tell_fault(fault: FormulaFault, turn: Turn, prompts: Prompts) -> Telling:
    """What is wrong with a formula, and the formula with a mark before the character it is about."""
    lang = turn.text_lang
    text = "".join(character if character.isprintable() else " " for character in fault.text).replace("`", "'")
    before, after = text[max(fault.at - AROUND_FAULT, 0) : fault.at], text[fault.at : fault.at + AROUND_FAULT]
    return Telling(prompts.say("metric_fault", lang, told=fault.sentence(lang), before=before, after=after), [])


def _listed(one: Definition, lang: str, prompts: Prompts) -> str:
    of_staff, own = prompts.say("metric_of_staff", lang), prompts.say("metric_of_you", lang)
    whose = of_staff if one.owner == STAFF else own
    counted = explain(one.formula, lang)
    return prompts.say("metric_item", lang, title=one.title, whose=whose, version=one.version, counted=counted)
