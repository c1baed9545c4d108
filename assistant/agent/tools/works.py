"""What worked for a creator, told; and a title held against published rules and the creator's own works."""

import re
from functools import partial

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.charting import metric_chart
from assistant.agent.evidence import Turn
from assistant.agent.telling import in_paragraphs, synthetic_note
from assistant.agent.telling_plans import Advise
from assistant.agent.tools.numbers import own_creator
from assistant.creators.digest import WorkLine, digest_of
from assistant.creators.figures import written
from assistant.creators.warehouse import Warehouse
from assistant.creators.worked import Pattern, like_title, strengths_of
from knowledge.folding import fold
from prompts.texts import Prompts

SHOWN_WORKS = 2
SHOWN_PATTERNS = 2
LONGEST_TITLE = 120  # characters; what is longer is no title
_QUOTED = re.compile(r"[《“\"「『【]([^》”\"」』】]{1,120})[》”\"」』】]")
_AFTER_COLON = re.compile(r"[:：]\s*(\S.*)$", re.DOTALL)


def work_tools(warehouse: Warehouse, prompts: Prompts, advise: Advise) -> list[BaseTool]:
    """`my_works`, `my_strengths` and `check_title`."""
    rules = {name: re.compile(rule) for name, rule in prompts.question_words["title_rules"].items()}

    @tool
    def my_works(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's last ten works in review: the best and the weakest against the own median, and what the
        better ones share."""
        turn = runtime.context
        creator, lang = own_creator(turn), turn.text_lang
        digest = digest_of(warehouse, creator, turn.counted_until)
        known = [work for work in digest.works if work.multiple is not None]
        if digest.last_day is None or not known:
            return _kept(turn, [prompts.say("works_none", lang)])
        ranked = sorted(known, key=lambda work: -(work.multiple or 0))
        count = min(SHOWN_WORKS, len(ranked) // 2) or 1
        median = written(digest.median_plays, "count", lang)
        lines = [*synthetic_note(turn, prompts), prompts.say("works_head", lang, count=len(known), median=median)]
        lines.append(prompts.say("works_best", lang, works=[_line(work, lang) for work in ranked[:count]]))
        if len(ranked) > count:
            lines.append(prompts.say("works_worst", lang, works=[_line(work, lang) for work in ranked[-count:]]))
        lines += _shared(turn)
        turn.evidence.charts["works"] = partial(
            metric_chart, warehouse, creator, "median_plays_per_work", digest.last_day, lang
        )
        return _kept(turn, lines, ["repeat"])

    @tool
    def my_strengths(runtime: ToolRuntime[Turn]) -> str:
        """What the linked creator's own works with more plays share (words in titles, lengths), for choosing the next
        subject."""
        turn = runtime.context
        strengths = strengths_of(warehouse, own_creator(turn), turn.counted_until)
        if not strengths.works or strengths.median_plays is None:
            return _kept(turn, [prompts.say("works_none", turn.text_lang)])
        lines = _shared(turn)
        return _kept(turn, [*synthetic_note(turn, prompts), *lines])

    @tool
    def check_title(runtime: ToolRuntime[Turn]) -> str:
        """Holds the title in the message against published rules, each cited, and against the creator's own works with
        words in common."""
        turn = runtime.context
        lang, title = turn.text_lang, _title_in(turn.question)
        if not title:
            return _kept(turn, [prompts.say("title_which", lang)])
        lines = [prompts.say("title_head", lang, title=title)]
        found = [(name, match[0]) for name, rule in rules.items() if (match := rule.search(fold(title)))]
        for name, word in found:
            told = prompts.say(f"title_{name}", lang, word=word)
            quoted = advise(turn, prompts.say(f"seek_title_{name}", lang))
            lines.append(f"- {told} {quoted}" if lang == "en" else f"- {told}{quoted}")
        if not found:
            lines.append(prompts.say("title_clean", lang))
        if turn.creator is not None:
            lines += _own_history(title, turn)
        lines.append(prompts.say("title_foot", lang))
        return _kept(turn, lines)

    def _shared(turn: Turn) -> list[str]:
        """What the better works share, or that nothing stands out, with the works to repeat."""
        lang = turn.text_lang
        strengths = strengths_of(warehouse, own_creator(turn), turn.counted_until)
        if strengths.patterns:
            return [
                prompts.say("works_shared", lang),
                *(f"- {_pattern(one, lang, prompts)}" for one in strengths.patterns[:SHOWN_PATTERNS]),
            ]
        if not strengths.works or not strengths.median_plays:
            return []
        best = strengths.works[0]
        multiple = f"{(best.plays or 0) / strengths.median_plays:.1f}"
        plays = written(best.plays, "count", lang)
        return [prompts.say("works_unshared", lang, title=best.title, plays=plays, multiple=multiple)]

    def _own_history(title: str, turn: Turn) -> list[str]:
        lang = turn.text_lang
        strengths = strengths_of(warehouse, own_creator(turn), turn.counted_until)
        phrase, alike = like_title(title, strengths.works)
        if not alike or not strengths.median_plays:
            return [prompts.say("title_new", lang)] if strengths.works else []
        plays = sorted(work.plays or 0 for work in alike)
        return [
            prompts.say(
                "title_alike",
                lang,
                phrase=phrase,
                count=len(alike),
                plays=written(plays[len(plays) // 2], "count", lang),
                median=written(strengths.median_plays, "count", lang),
            )
        ]

    return [my_works, my_strengths, check_title]


def _kept(turn: Turn, lines: list[str], topics: list[str] | None = None) -> str:
    text = in_paragraphs(lines)
    turn.evidence.compute(text, [], topics or [])
    return text


def _line(work: WorkLine, lang: str) -> tuple[str, str, str]:
    return work.title, written(work.plays, "count", "en" if lang == "en" else "zh"), f"{work.multiple:.1f}"


def _pattern(pattern: Pattern, lang: str, prompts: Prompts) -> str:
    language = "en" if lang == "en" else "zh"
    return prompts.say(
        "works_pattern",
        lang,
        kind=pattern.kind,
        name=pattern.name,
        count=len(pattern.works),
        plays=written(pattern.plays, "count", language),
        others=pattern.others,
        multiple=f"{pattern.multiple:.1f}",
    )


def _title_in(message: str) -> str:
    """The title that a message puts up: in quotation marks, or after a colon."""
    if quoted := _QUOTED.search(message):
        return quoted[1].strip()
    after = _AFTER_COLON.search(message)
    return after[1].strip() if after and len(after[1]) <= LONGEST_TITLE else ""
