"""What is kept about whoever asks, told and deleted in the conversation itself."""

from dataclasses import dataclass

from assistant.agent.requests import Request
from assistant.identity import Caller
from assistant.privacy import Privacy
from prompts.texts import Prompts

_TOLD = ("turns", "threads", "creator_days", "works", "chat_links")  # the tables that are named; others are summed up
# Counted with what they belong to, or no matter of the person's.
_UNTOLD = ("work_numbers", "feedback", "gap_questions", "link_codes")


@dataclass(frozen=True)
class Note:
    """What is said without a search. One that is not `is_kept` is written down nowhere: its thread is gone."""

    text: str
    suggestions: tuple[str, ...] = ()
    is_kept: bool = True


class OwnData:
    """Answers requests about one's own data. Deleting takes two messages: what would go is said first."""

    def __init__(self, privacy: Privacy, prompts: Prompts) -> None:
        self._privacy = privacy
        self._say = prompts.say

    def answer(
        self, request: Request, before: Request | None, caller: Caller, thread: str, turns: int, lang: str
    ) -> Note:
        """The answer to `request`; `before` is what the previous message asked for, `turns` counts those of this
        conversation, for a caller to whom nothing else belongs."""
        if self._privacy.scope(caller) == "conversation":
            return self._of_conversation(request, before, caller, thread, turns, lang)
        say = self._say
        if request == "confirms" and before == "deletes":
            self._privacy.forget(caller)
            return Note(say("deleted", lang), is_kept=False)
        if request == "confirms":
            return Note(say("delete_first", lang))
        if request == "exports":
            return Note(say("export_how", lang))
        kept = self._told(self._privacy.summary(caller), lang)
        if not kept:
            return Note(say("kept_nothing", lang))
        if request == "deletes":
            return Note(say("delete_ask", lang, kept=kept), (say("delete_yes", lang),))
        return Note(say("kept", lang, kept=kept, own=caller.creator is not None))

    def _of_conversation(
        self, request: Request, before: Request | None, caller: Caller, thread: str, turns: int, lang: str
    ) -> Note:
        say = self._say
        if not turns:
            return Note(say("kept_nothing", lang))
        if request == "confirms" and before == "deletes":
            self._privacy.forget_thread(caller, thread)
            return Note(say("deleted_here", lang), is_kept=False)
        if request == "confirms":
            return Note(say("delete_first", lang))
        if request == "deletes":
            return Note(say("delete_ask_here", lang, turns=turns), (say("delete_yes_here", lang),))
        return Note(say("kept_here", lang, turns=turns))

    def _told(self, counts: dict[str, int], lang: str) -> str:
        """What is kept in one phrase, the main things by name."""
        say, named = self._say, []
        if counts.get("threads"):
            named.append(say("kept_conversations", lang, count=counts["threads"], turns=counts.get("turns", 0)))
        if counts.get("creator_days"):
            named.append(say("kept_days", lang, count=counts["creator_days"]))
        if counts.get("works"):
            named.append(say("kept_works", lang, count=counts["works"]))
        if counts.get("chat_links"):
            named.append(say("kept_links", lang, count=counts["chat_links"]))
        others = sum(count for name, count in counts.items() if name not in (*_TOLD, *_UNTOLD))
        if others:
            named.append(say("kept_others", lang, count=others))
        return (", " if lang == "en" else "、").join(named)
