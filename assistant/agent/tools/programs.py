"""Incentive tasks, rewards, Star and readiness in the conversation: tools read and propose, buttons do."""

import re
from typing import Any

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.actions import Deed, Done
from assistant.agent.evidence import Turn
from assistant.agent.telling import in_paragraphs, synthetic_note
from assistant.agent.telling_programs import (
    tell_ended,
    tell_nomination,
    tell_offer,
    tell_progress,
    tell_readiness,
    tell_rewards,
)
from assistant.agent.tools.numbers import own_creator
from assistant.creators.figures import Language
from assistant.errors import NotAllowed, Problem
from assistant.identity import Caller
from assistant.programs.enrolment import Enrolment, NotOpen
from assistant.programs.register import NoSuchProgram
from assistant.programs.service import CHECKLISTS, Programs
from knowledge.folding import fold
from prompts.texts import Prompts

SHOWN_ENDED = 3


def program_tools(programs: Programs, prompts: Prompts) -> list[BaseTool]:
    """`my_tasks`, `my_star` and `my_readiness`, all of the caller's own creator."""
    words = prompts.question_words
    leaves, appeals = re.compile(words["task_leave"]), re.compile(words["task_appeal"])

    @tool
    def my_tasks(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's incentive tasks: those they take part in with what is still missing, their rewards, and
        the few that fit them, each with a button to join. Nothing is joined before the creator presses it."""
        turn = runtime.context
        return _kept(turn, [*synthetic_note(turn, prompts), *_tasks(turn)])

    @tool
    def my_star(runtime: ToolRuntime[Turn]) -> str:
        """How the linked creator stands to Star (快手之星): met, not met, not published; a nomination and what was
        promised; a button to propose oneself."""
        turn = runtime.context
        creator, lang = own_creator(turn), turn.text_lang
        lines = synthetic_note(turn, prompts)
        try:
            lines += tell_readiness(programs.star.readiness(creator, turn.counted_until), lang, prompts)
        except NoSuchProgram:
            lines.append(prompts.say("star_nothing", lang))
        found = programs.star.of_creator(creator)
        if found is not None:
            lines += tell_nomination(found, lang, prompts)
        if found is None or found.state in ("declined", "withdrawn", "ended"):
            lines.append(prompts.say("star_offer", lang))
            turn.evidence.propose("star_propose", prompts.say("star_button", lang))
        elif found.state == "proposed":
            turn.evidence.propose("star_withdraw", prompts.say("star_withdraw_button", lang), nomination=found.id)
        return _kept(turn, lines)

    @tool
    def my_readiness(runtime: ToolRuntime[Turn]) -> str:
        """How the linked creator stands to the checklists for selling and for brand work, from published rules."""
        turn = runtime.context
        creator, lines = own_creator(turn), synthetic_note(turn, prompts)
        for slug in CHECKLISTS:
            try:
                rule = programs.register.criteria(slug)
            except NoSuchProgram:
                continue
            standing = programs.reader.readiness(rule, creator, turn.counted_until)
            lines += tell_readiness(standing, turn.text_lang, prompts)
        return _kept(turn, lines or [prompts.say("readiness_nothing", turn.text_lang)])

    def _tasks(turn: Turn) -> list[str]:
        creator, lang, today = own_creator(turn), turn.text_lang, turn.counted_until
        mine = programs.tasks.of_creator(creator)
        running = [one for one in mine if one.state == "joined"]
        lines: list[str] = []
        for one in running:
            lines += tell_progress(programs.tasks.progress(one, today), today, lang, prompts)
        ended = [one for one in mine if one.state not in ("joined", "withdrawn")]
        lines += [f"- {tell_ended(one, _title(one, lang), lang, prompts)}" for one in ended[:SHOWN_ENDED]]
        told = tell_rewards(programs.ledger.awards(creator=creator, limit=30), lang, prompts)
        lines += [told] if told else []
        folded = fold(turn.question)
        if leaves.search(folded) and running:
            lines.append(prompts.say("task_leave_offer", lang))
            for one in _named(running, folded, lang):
                label = prompts.say("task_leave_button", lang, title=_title(one, lang))
                turn.evidence.propose("task_leave", label, enrolment=one.id)
            return lines
        if appeals.search(folded):
            lines += _appeal(turn, ended)
            return lines
        return lines + _offers(turn, bool(running))

    def _offers(turn: Turn, has_some: bool) -> list[str]:
        creator, lang = own_creator(turn), turn.text_lang
        found = programs.matcher.offers(creator, turn.counted_until)
        if not found:
            return [] if has_some else [prompts.say("task_none", lang)]
        lines = [prompts.say("task_offers", lang, count=len(found), more=has_some)]
        for offer in found:
            first, *goals = tell_offer(offer, lang, prompts)
            lines += [first, *(f"- {line}" for line in goals)]
            label = prompts.say("task_join_button", lang, title=offer.version.rule.title.told(lang))
            turn.evidence.propose("task_join", label, program=offer.slug)
        return [*lines, prompts.say("task_join_hint", lang)]

    def _appeal(turn: Turn, ended: list[Enrolment]) -> list[str]:
        lang = turn.text_lang
        out = [one for one in ended if one.state == "disqualified"]
        open_ones = [one for one in out if not programs.tasks.appeals(waiting=False, enrolment=one.id)]
        if not open_ones:
            return [prompts.say("task_no_appeal", lang)]
        label = prompts.say("task_appeal_button", lang, title=_title(open_ones[0], lang))
        turn.evidence.propose("task_appeal", label, enrolment=open_ones[0].id, text=turn.question)
        return [prompts.say("task_appeal_offer", lang)]

    def _named(running: list[Enrolment], folded: str, lang: Language) -> list[Enrolment]:
        """Those whose title the message names, else all."""
        return [one for one in running if fold(_title(one, lang)) in folded] or running

    def _title(own: Enrolment, lang: Language) -> str:
        version = programs.register.task_versions().get((own.program, own.version))
        return version.rule.title.told(lang) if version else own.program

    def _kept(turn: Turn, lines: list[str]) -> str:
        text = in_paragraphs(lines)
        turn.evidence.compute(text, [], [])
        return text

    return [my_tasks, my_star, my_readiness]


def program_deeds(programs: Programs, prompts: Prompts) -> dict[str, Deed]:
    """What the buttons do: `task_join`, `task_leave`, `task_appeal`, `star_propose`, `star_withdraw`."""

    def join(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        creator = _creator_of(caller)
        try:
            found = programs.tasks.join(creator, payload["program"], programs.today())
        except NotOpen as refused:
            return Done(prompts.say("task_not_open", lang, why=refused.why), is_done=False)
        except Problem:
            return Done(prompts.say("task_refused", lang), is_done=False)
        title = programs.register.task_versions()[(found.program, found.version)].rule.title.told(lang)
        first, last = found.first_day.isoformat(), found.last_day.isoformat()
        text = prompts.say("task_joined", lang, title=title, first=first, last=last)
        return Done(text, (prompts.say("task_ask", lang),))

    def leave(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        try:
            programs.tasks.withdraw(_creator_of(caller), payload["enrolment"])
        except Problem:
            return Done(prompts.say("task_refused", lang), is_done=False)
        return Done(prompts.say("task_left", lang))

    def appeal(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        try:
            programs.tasks.appeal(_creator_of(caller), payload["enrolment"], payload["text"])
        except Problem:
            return Done(prompts.say("task_refused", lang), is_done=False)
        return Done(prompts.say("task_appealed", lang))

    def propose(caller: Caller, _: dict[str, Any], lang: Language) -> Done:
        creator = _creator_of(caller)
        try:
            programs.star.nominate(creator, creator, "", programs.today())
        except Problem:
            return Done(prompts.say("star_refused", lang), is_done=False)
        return Done(prompts.say("star_proposed", lang))

    def withdraw(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        try:
            programs.star.withdraw(payload["nomination"], _creator_of(caller))
        except Problem:
            return Done(prompts.say("star_refused", lang), is_done=False)
        return Done(prompts.say("star_taken_back", lang))

    return {
        "task_join": join,
        "task_leave": leave,
        "task_appeal": appeal,
        "star_propose": propose,
        "star_withdraw": withdraw,
    }


def _creator_of(caller: Caller) -> str:
    if caller.creator is None:
        raise NotAllowed("Nobody is linked to this chat.")
    return caller.creator
