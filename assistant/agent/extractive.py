"""The model that needs no key: it plans tool calls by intent and composes the answer from passages and computed facts.

A LangChain chat model like any other, so it enters the agent by the same door. It reads the turn from the artifact
of the search that precedes every answer, and never writes a word that is not a template's, a passage's or a tool's.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from assistant.agent.composing import Composer, Draft
from assistant.agent.evidence import Turn
from assistant.agent.kinds import KINDS, Kind
from assistant.agent.permissions import is_permitted
from assistant.errors import Misconfigured

SURE = 0.5  # the chance that the best passage answers, from which it is quoted beside
MOST_ADVICE = 2
SIMPLE = ("greeting", "thanks", "link", "insulted", "unreadable")  # answered by a text of that name


class ExtractiveModel(BaseChatModel):
    """Plans and composes; deterministic."""

    composer: Composer
    offered: tuple[str, ...] = ()

    model_config = {"arbitrary_types_allowed": True}

    @property
    def _llm_type(self) -> str:
        return "extractive"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> "ExtractiveModel":
        """The same model knowing which tools it may plan with."""
        return self.model_copy(update={"offered": tuple(tool.name for tool in tools)})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        message = self._next(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> ChatResult:
        # Composing takes a few milliseconds of Python: a thread would cost more than it frees.
        return self._generate(messages)

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        results, turn = _since_question(messages)
        kind = KINDS.get(turn.reading.intent)
        plan = [name for name in kind.tools if name in self.offered] if kind else []
        missing = [name for name in plan if name not in results]
        if missing:
            return AIMessage("", tool_calls=[{"name": name, "args": {}, "id": uuid.uuid4().hex} for name in missing])
        draft = self._draft(turn, kind, [results[name] for name in plan if results[name]], is_there=bool(plan))
        return AIMessage(
            draft.text,
            additional_kwargs={"refused": draft.refused, "suggestions": list(draft.suggestions)},
            response_metadata={"finish_reason": "stop"},
        )

    def _draft(self, turn: Turn, kind: Kind | None, told: list[str], is_there: bool) -> Draft:
        intent = turn.reading.intent
        if intent in SIMPLE:
            is_refused = intent == "unreadable"
            return Draft(self.composer.say(turn, intent), is_refused, suggestions=self._starters(turn))
        if intent == "ideas":
            return self._ideas(turn, told)
        if kind is not None and not any(is_permitted(name, turn) for name in kind.tools):
            return self._unlinked(turn, kind)
        if kind is not None and not is_there:
            return self._absent(turn, kind)
        if kind is not None:
            return self._computed(turn, kind, told)
        if intent == "templates":
            return self.composer.template(turn)
        if intent == "guidance":
            return self.composer.guidance(turn)
        return self.composer.refusal(turn)

    def _ideas(self, turn: Turn, told: list[str]) -> Draft:
        """Topics of the creator's category, and first what worked in the creator's own numbers."""
        ideas = self.composer.ideas(turn)
        if not told or turn.shown:  # asked for more: the numbers have been told
            return ideas
        own = f"{self.composer.say(turn, 'label_data')}\n{told[0]}"
        text = f"{own}\n\n{self.composer.say(turn, 'label_guidance')}\n{ideas.text}"
        return Draft(text, suggestions=ideas.suggestions)

    def _absent(self, turn: Turn, kind: Kind) -> Draft:
        """What this house cannot do, and what is published about it."""
        absent = self.composer.say(turn, kind.absent)
        if turn.reading.confidence < SURE:
            return Draft(absent, refused=True, suggestions=self._starters(turn))
        published = self.composer.guidance(turn)
        return Draft(f"{absent}\n\n{published.text}", published.refused, self._starters(turn))

    def _unlinked(self, turn: Turn, kind: Kind) -> Draft:
        """How to link, and the guidance that can be given without."""
        linking, starters = self.composer.say(turn, "link_first"), _lines(self.composer.say(turn, "starters"))
        if not kind.is_about_numbers and turn.reading.confidence >= SURE:
            published = self.composer.guidance(turn)
            return Draft(f"{published.text}\n\n{linking}", published.refused, starters)
        general = self._guidance(turn, kind) if turn.reading.intent != "my_overview" else ""
        return Draft("\n\n".join(filter(None, (linking, general))), refused=True, suggestions=starters)

    def _computed(self, turn: Turn, kind: Kind, told: list[str]) -> Draft:
        """What the tools told, and the guidance that addresses it."""
        if not told:
            return Draft(self.composer.say(turn, "numbers_failed"), refused=True, suggestions=self._starters(turn))
        topics = dict.fromkeys(topic for text in told for topic in turn.evidence.topics.get(text, []))
        found = [self.composer.guidance_for(turn, self.composer.say(turn, f"topic_{topic}")) for topic in topics]
        advice = list(dict.fromkeys(text for text in found if text))[:MOST_ADVICE]
        general = self._guidance(turn, kind) if not advice else ""
        # Each computed result says that the numbers are synthetic; said once is enough.
        paragraphs = dict.fromkeys(paragraph for text in told for paragraph in text.split("\n\n"))
        blocks = ["\n\n".join(paragraphs)]
        if kind.is_about_numbers:
            blocks = [f"{self.composer.say(turn, 'label_data')}\n{blocks[0]}"]
        if advice or general:
            blocks.append(f"{self.composer.say(turn, 'label_guidance')}\n" + "\n".join(advice or [general]))
        return Draft("\n\n".join(blocks), suggestions=_lines(self.composer.say(turn, kind.then)))

    def _guidance(self, turn: Turn, kind: Kind) -> str:
        return self.composer.guidance_for(turn, self.composer.say(turn, kind.seeks)) if kind.seeks else ""

    def _starters(self, turn: Turn) -> tuple[str, ...]:
        say, is_linked = self.composer.say, turn.creator is not None
        return _lines(say(turn, "own_starters") if is_linked else say(turn, "starters"))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n"))


def _since_question(messages: list[BaseMessage]) -> tuple[dict[str, str], Turn]:
    """Tool results by name since the last question (empty for a tool that failed), and the turn they belong to."""
    results: dict[str, str] = {}
    turn: Turn | None = None
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        if isinstance(message, ToolMessage):
            if isinstance(message.artifact, Turn):
                turn = message.artifact
            elif message.name:
                results.setdefault(message.name, "" if message.status == "error" else str(message.content))
    if turn is None:
        raise Misconfigured("The extractive model answers only inside the guide, after its search.")
    return results, turn
