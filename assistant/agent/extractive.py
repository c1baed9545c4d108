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
from assistant.errors import Misconfigured

# Which of the creator's own numbers a kind of question needs, in the order in which they are told.
PLANS: dict[str, tuple[str, ...]] = {
    "my_overview": ("my_numbers",),
    "my_growth": ("my_growth",),
    "my_work": ("my_work",),
    "my_plan": ("my_growth", "my_work"),
    "my_metrics": ("my_metrics",),
}
SIMPLE = ("greeting", "thanks", "human", "programs", "link")
# The guidance that goes with one's own numbers when no finding names its own.
GUIDANCE_QUERIES = {
    "zh": {
        "my_growth": "播放多涨粉少 从哪里查原因",
        "my_plan": "先修最靠前的短板 漏斗顺序",
        "my_overview": "判断作品好坏和自己比",
    },
    "en": {
        "my_growth": "many plays but few follows where to look",
        "my_plan": "order of the diagnosis funnel",
        "my_overview": "judge a work against your own",
    },
}


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
        plan = PLANS.get(turn.reading.intent, ())
        if plan and turn.creator is not None:
            missing = [name for name in plan if name in self.offered and name not in results]
            if missing:
                return AIMessage(
                    "", tool_calls=[{"name": name, "args": {}, "id": uuid.uuid4().hex} for name in missing]
                )
        draft = self._draft(turn, [results[name] for name in plan if results.get(name)])
        return AIMessage(
            draft.text,
            additional_kwargs={"refused": draft.refused, "suggestions": list(draft.suggestions)},
            response_metadata={"finish_reason": "stop"},
        )

    def _draft(self, turn: Turn, told: list[str]) -> Draft:
        intent, say = turn.reading.intent, self.composer.say
        if intent in SIMPLE:
            return Draft(
                say(turn, intent),
                refused=intent in ("human", "programs"),
                suggestions=tuple(say(turn, "starters").split("\n")),
            )
        if intent in PLANS:
            return self._own_numbers(turn, told)
        if intent in ("ideas", "templates"):
            return self.composer.listing(turn, "topic" if intent == "ideas" else "template", 3)
        if intent == "guidance":
            return self.composer.guidance(turn)
        return self.composer.refusal(turn)

    def _own_numbers(self, turn: Turn, told: list[str]) -> Draft:
        say, intent = self.composer.say, turn.reading.intent
        starters = tuple(text for text in say(turn, "own_starters").split("\n") if text != turn.question)
        query = GUIDANCE_QUERIES[turn.text_lang].get(intent, turn.question)
        # What a formula counts is a matter of its own; no guidance is about it.
        guidance = "" if intent == "my_metrics" else self.composer.guidance_for(turn, query)
        if not told and turn.creator is not None:
            return Draft(say(turn, "numbers_failed"), refused=True, suggestions=starters)
        if not told:
            parts = [say(turn, "link_first")] + ([guidance] if guidance and intent != "my_overview" else [])
            return Draft("\n\n".join(parts), refused=True, suggestions=tuple(say(turn, "starters").split("\n")))
        topics = [topic for text in told for topic in turn.evidence.topics.get(text, [])]
        advice = [self.composer.guidance_for(turn, say(turn, f"topic_{topic}")) for topic in topics[:2]] or [guidance]
        # Each computed result says that the numbers are synthetic; said once is enough.
        paragraphs = dict.fromkeys(paragraph for text in told for paragraph in text.split("\n\n"))
        blocks = [f"{say(turn, 'label_data')}\n" + "\n\n".join(paragraphs)]
        advice = [text for text in dict.fromkeys(advice) if text]
        if advice:
            blocks.append(f"{say(turn, 'label_guidance')}\n" + "\n".join(advice))
        return Draft("\n\n".join(blocks), suggestions=starters)


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
