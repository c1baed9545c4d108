"""What goes between creators and staff, in the conversation: being handed to a person, notices, campaigns. The tools
tell and propose; a button does it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.actions import Deed, Done
from assistant.agent.evidence import Turn
from assistant.agent.tools.numbers import own_creator
from assistant.creators.figures import Language
from assistant.identity import Caller
from assistant.programs.campaigns.desk import Campaigns
from assistant.programs.notices.notice import MUTABLE
from assistant.programs.notices.service import Notices
from assistant.programs.tickets.counter import Counter
from prompts.texts import Prompts

SHOWN = 5
OFFERED = ("campaign", "report", "alert", "rule")  # what nobody asked for: the buttons that switch it off


def service_tools(
    tickets: Counter, notices: Notices, campaigns: Campaigns, prompts: Prompts, zone: ZoneInfo
) -> list[BaseTool]:
    """`hand_off`, `my_notices` and `campaigns`."""

    @tool
    def hand_off(runtime: ToolRuntime[Turn]) -> str:
        """Hands the conversation to a person of the staff: tells the service hours and what is open already, and offers
        the button that does it."""
        turn = runtime.context
        text = "\n\n".join(_handing(turn))
        turn.evidence.compute(text, [], [])
        return text

    @tool
    def my_notices(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's notices: the newest ones, how they are sent, and buttons that switch kinds off or on."""
        turn = runtime.context
        text = "\n".join(_noticing(turn))
        turn.evidence.compute(text, [], [])
        return text

    @tool("campaigns")
    def campaigns_tool(runtime: ToolRuntime[Turn]) -> str:
        """The campaigns that the asking creator was invited to, with their links."""
        turn = runtime.context
        text = "\n".join(_inviting(turn))
        turn.evidence.compute(text, [], [])
        return text

    def _handing(turn: Turn) -> list[str]:
        lang, now = turn.text_lang, _now()
        if turn.creator is None and turn.caller.channel == "telegram":
            return [prompts.say("handoff_link_first", lang)]
        hours = tickets.hours
        first, last = (prompts.say(f"weekday_{day}", lang) for day in (hours.first, hours.last))
        opens, closes = hours.opens.strftime("%H:%M"), hours.closes.strftime("%H:%M")
        told = [prompts.say("handoff_hours", lang, first=first, last=last, opens=opens, closes=closes)]
        if not hours.are_open(now):
            local = hours.next_open(now).replace(tzinfo=UTC).astimezone(zone)
            told.append(prompts.say("handoff_closed", lang, when=local.strftime("%m-%d %H:%M")))
        still_open = next((one for one in tickets.of(turn.caller) if one.state != "closed"), None)
        if still_open is not None:
            told.append(prompts.say("handoff_open", lang, number=still_open.id, subject=still_open.subject))
        told.append(prompts.say("handoff_offer", lang))
        turn.evidence.propose("hand_off", prompts.say("handoff_button", lang), text=turn.question)
        return told

    def _noticing(turn: Turn) -> list[str]:
        lang, creator = turn.text_lang, own_creator(turn)
        page, wishes = notices.inbox.page(creator, limit=SHOWN), notices.wishes.of(creator)
        lines = [prompts.say("notices_newest", lang)] if page.notices else [prompts.say("notices_none", lang)]
        for one in page.notices:
            day = one.at.replace(tzinfo=UTC).astimezone(zone).strftime("%m-%d")
            lines.append(f"- {day} {_plain(one.title)}")
        lines.append("")
        muted = [prompts.say(f"notice_kind_{kind}", lang) for kind in wishes.muted]
        off = (", " if lang == "en" else "、").join(muted) or prompts.say("notices_nothing", lang)
        quiet = (f"{wishes.quiet_from}:00", f"{wishes.quiet_until}:00")
        lines.append(prompts.say("notices_rules", lang, start=quiet[0], end=quiet[1], muted=off))
        for kind in OFFERED:
            is_off = kind in wishes.muted
            name = prompts.say(f"notice_kind_{kind}", lang)
            on, off = prompts.say("notices_on", lang, kind=name), prompts.say("notices_off", lang, kind=name)
            turn.evidence.propose("notice_kind", on if is_off else off, notices=kind, muted=not is_off)
        return lines

    def _inviting(turn: Turn) -> list[str]:
        lang = turn.text_lang
        if turn.creator is None:
            return [prompts.say("link_first", lang)]
        found = campaigns.open_to(turn.creator.id, SHOWN)
        if not found:
            return [prompts.say("campaigns_none", lang)]
        lines = [prompts.say("campaigns_newest", lang)]
        for one in found:
            wording = one.content.wording("a", lang).filled(_known(turn))
            link = f" {one.content.link}" if one.content.link else ""
            lines.append(f"- {_plain(wording.title)}{link}")
        return lines

    return [hand_off, my_notices, campaigns_tool]


def service_deeds(tickets: Counter, notices: Notices, prompts: Prompts) -> dict[str, Deed]:
    """What the buttons of these tools do."""

    def open_ticket(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        ticket = tickets.open(caller, str(payload["text"]), lang)
        return Done(prompts.say("handoff_done", lang, number=ticket.id))

    def switch(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        kind, muted = str(payload["notices"]), bool(payload["muted"])
        if caller.creator is None or kind not in MUTABLE:
            return Done(prompts.say("link_first", lang), is_done=False)
        notices.inbox.mute(caller.creator, kind, muted)
        name = prompts.say(f"notice_kind_{kind}", lang)
        if muted:
            return Done(prompts.say("notices_off_done", lang, kind=name))
        return Done(prompts.say("notices_on_done", lang, kind=name))

    return {"hand_off": open_ticket, "notice_kind": switch}


def _known(turn: Turn) -> dict[str, str]:
    creator = turn.creator
    assert creator is not None
    return {"name": creator.name, "category": creator.category, "region": creator.region, "tier": "", "followers": ""}


def _plain(text: str) -> str:
    """A title in one line that is no markup."""
    return " ".join(text.replace("[", "［").replace("]", "］").replace("*", "＊").split())


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
