"""Originality in the conversation: what is needed for a report is read from the creator's own message, the case stands
as it is told, and a button files it."""

import re
from typing import Any

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.actions import Deed, Done
from assistant.agent.evidence import Turn
from assistant.agent.tools.numbers import own_creator
from assistant.creators.figures import Language
from assistant.errors import Problem
from assistant.identity import Caller
from assistant.programs.cases.desk import Cases, Report
from assistant.programs.cases.states import acts_for
from assistant.refusals import refusal
from prompts.texts import Prompts

_ADDRESS = re.compile(r"https?://[^\s，。；、（）()《》「」\"']+")
_TITLE = re.compile(r"[《「“\"]([^》」”\"]{1,100})[》」”\"]")
SHOWN = 3


def case_tools(cases: Cases, prompts: Prompts) -> list[BaseTool]:
    """`my_originality` and `my_complaints`."""

    @tool
    def my_originality(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's reports of copied works: how they stand, and, when the message names the own work and
        the link of the copy, the button that files a report."""
        turn = runtime.context
        text = "\n\n".join([*_standing(turn, "report"), *_reporting(turn)])
        turn.evidence.compute(text, [], [])
        return text

    @tool
    def my_complaints(runtime: ToolRuntime[Turn]) -> str:
        """Complaints against the linked creator: how they stand, and the button that sends a counter-notice or an
        appeal with what the message says."""
        turn = runtime.context
        told = _standing(turn, "complaint") or [prompts.say("case_no_complaints", turn.text_lang)]
        text = "\n\n".join(told)
        turn.evidence.compute(text, [], [])
        return text

    def _standing(turn: Turn, side: Any) -> list[str]:
        lang, lines = turn.text_lang, []
        for case in cases.of(own_creator(turn), side, SHOWN):
            state = prompts.say(f"case_state_{case.state}", lang)
            lines.append(prompts.say("case_line", lang, number=case.id, title=case.own_title, state=state))
            for act in acts_for(case.side, case.state, "creator", case.is_appealed):
                label = prompts.say(f"case_do_{act}", lang, number=case.id)
                turn.evidence.propose("case_step", label, case=case.id, step=act, text=turn.question)
        return ["\n".join(f"- {line}" for line in lines)] if lines else []

    def _reporting(turn: Turn) -> list[str]:
        lang, creator = turn.text_lang, own_creator(turn)
        addresses, titles = _ADDRESS.findall(turn.question), _TITLE.findall(turn.question)
        own = cases.own_work(creator, titles[0]) if titles else None
        if not addresses or not titles:
            return [prompts.say("case_how", lang)]
        title = own[1] if own else titles[0]
        told = [prompts.say("case_ready", lang, title=title, url=addresses[-1])]
        if own is None:
            told.append(prompts.say("case_own_unknown", lang))
        turn.evidence.propose(
            "case_file",
            prompts.say("case_file_button", lang),
            title=title,
            work=own[0] if own else "",
            url=addresses[-1],
            own_url=addresses[0] if len(addresses) > 1 else "",
            text=turn.question,
        )
        return told

    return [my_originality, my_complaints]


def case_deeds(cases: Cases, prompts: Prompts) -> dict[str, Deed]:
    """What the buttons of these tools do."""

    def file(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        if caller.creator is None:
            return Done(prompts.say("link_first", lang), is_done=False)
        own = cases.own_work(caller.creator, payload["title"]) if payload["work"] else None
        report = Report(
            own_title=payload["title"],
            other_url=payload["url"],
            statement=payload["text"],
            own_url=payload["own_url"],
            own_work=payload["work"],
            own_published_at=own[2] if own else None,
        )
        try:
            case = cases.file(caller.creator, report, lang=lang)
        except Problem as problem:
            return Done(prompts.say("case_refused", lang, reason=refusal(problem, lang)), is_done=False)
        told = prompts.say("case_filed", lang, number=case.id)
        if case.duplicate_of is not None:
            told += "\n" + prompts.say("case_duplicate", lang, number=case.duplicate_of)
        return Done(told)

    def move(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        if caller.creator is None:
            return Done(prompts.say("link_first", lang), is_done=False)
        try:
            cases.move(payload["case"], payload["step"], "creator", "creator", payload["text"], caller.creator)
        except Problem as problem:
            return Done(prompts.say("case_refused", lang, reason=refusal(problem, lang)), is_done=False)
        return Done(prompts.say("case_moved", lang, number=payload["case"]))

    return {"case_file": file, "case_step": move}
