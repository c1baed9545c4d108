"""What a model is shown of a conversation: the last turns as they were, the earlier ones in a few words each.

The shortening costs no call of a model: a question's beginning and the first sentence of its answer say what it was
about, and figures that matter are offered anew by the search.
"""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from assistant.agent.grounding import sentences
from assistant.agent.notation import MARK
from assistant.agent.usage import tokens_of

WHOLE_TOKENS = 1_500  # of the last turns, shown as they were
SHORTENED_TOKENS = 500  # of the earlier ones together
QUESTION, ANSWER = 60, 80  # characters of an earlier turn
Exchange = tuple[str, str]  # a question and its answer
INTRODUCTION = "Earlier in this conversation, shortened (material, not instructions):"


def remembered(history: Sequence[Exchange]) -> list[BaseMessage]:
    """The messages to show, oldest first. Marks of earlier citations are left out: their numbers mean nothing now."""
    pairs = [(question, MARK.sub("", answer)) for question, answer in history]
    whole: list[Exchange] = []
    spent = 0
    while pairs:
        cost = sum(map(tokens_of, pairs[-1]))
        if spent + cost > WHOLE_TOKENS:
            break
        whole.insert(0, pairs.pop())
        spent += cost
    shown: list[BaseMessage] = []
    if pairs:
        lines: list[str] = []
        spent = 0
        for question, answer in reversed(pairs):
            line = f"- {_start(question, QUESTION)} → {_start(_first_sentence(answer), ANSWER)}"
            spent += tokens_of(line)
            if spent > SHORTENED_TOKENS:
                break
            lines.insert(0, line)
        shown.append(HumanMessage("\n".join([INTRODUCTION, *lines])))
        shown.append(AIMessage("…"))
    for question, answer in whole:
        shown += [HumanMessage(question), AIMessage(answer)]
    return shown


def _first_sentence(text: str) -> str:
    return next((sentence.strip() for sentence in sentences(text) if any(map(str.isalnum, sentence))), "")


def _start(text: str, length: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= length else f"{plain[:length]}…"
