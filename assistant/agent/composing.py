"""Answers made of quotations: what the extractive model says about published knowledge, in the words of the passages.

It never invents text: everything is a passage's own sentence or a template of `prompts/`.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from assistant.agent.evidence import Turn
from assistant.agent.quoting import chosen, contradicted, quoted
from assistant.agent.reading import Reader, covers_period
from knowledge.documents import Passage
from knowledge.index.ranking import Hit
from prompts.texts import Prompts

# Kinds of answer (see `prompts/question_words.yaml`) without which a near passage answers nothing.
DECISIVE = {"money", "address"}
_DATA_OF_OTHERS = {"other-creators-data", "other-creators-data.en"}


@dataclass(frozen=True)
class Draft:
    """A composed answer before grounding, with marks in the numbers under which passages were offered."""

    text: str
    refused: bool = False
    suggestions: tuple[str, ...] = field(default=())


class Composer:
    """Composes answers from passages. Holds no state of a conversation."""

    def __init__(self, prompts: Prompts, reader: Reader) -> None:
        self._prompts = prompts
        self._reader = reader

    def say(self, turn: Turn, name: str, **values: object) -> str:
        """A text of the catalogue in the language of the turn."""
        text = self._prompts.say(name, turn.text_lang, **values)
        turn.evidence.said.append(text)
        return text

    def guidance(self, turn: Turn) -> Draft:
        """The answer of the published knowledge, or an honest refusal that says where to ask."""
        hits = chosen(turn, self._reader)
        if not hits:
            return Draft(self.say(turn, "unknown", nearest=""), refused=True, suggestions=self.suggestions(turn))
        first = hits[0].passage
        if not first.unpublished and not covers_period(first, turn.found.periods):
            return self._not_covered(turn, first)
        if not first.unpublished and not self._reader.holds_what_is_asked(first, DECISIVE & set(turn.reading.asks)):
            return Draft(
                f"{self.say(turn, 'not_stated')}\n\n{self._quotation(turn, first, 2)}", True, self.suggestions(turn)
            )
        if first.kind in ("template", "topic"):
            return self._material(turn, first)
        paragraphs = [*self._notices(turn, hits)]
        for rank, hit in enumerate(hits):
            paragraphs.append(self._quotation(turn, hit.passage, None if rank == 0 else 2))
        # “Is it true that …?” about a rumour is answered by “it has no official source”.
        refused = first.unpublished and not (turn.reading.is_claim and first.rumour)
        return Draft("\n\n".join(self._labelled(turn, hits, paragraphs)), refused, self.suggestions(turn, hits))

    def refusal(self, turn: Turn) -> Draft:
        """A polite no of the kind that the question asks for, with the published rule about it when there is one."""
        intent = turn.reading.intent
        if intent not in ("abuse", "injection"):
            return Draft(self.say(turn, "out_of_scope"), refused=True, suggestions=self._starters(turn))
        first = turn.found.hits[0] if turn.found.hits else None
        is_about_it = (
            first is not None and turn.reading.features["over"] > -0.01 and first.passage.kind in ("policy", "faq")
        )
        if intent == "injection" or first is None or not is_about_it:
            return Draft(self.say(turn, intent), refused=True, suggestions=self._starters(turn))
        opening = [] if first.passage.unpublished else [self.say(turn, "abuse")]
        if first.passage.slug in _DATA_OF_OTHERS:
            opening = [self.say(turn, "abuse_data")]
        return Draft(
            "\n\n".join([*opening, self._quotation(turn, first.passage, 2)]),
            refused=True,
            suggestions=self._starters(turn),
        )

    def guidance_for(self, turn: Turn, query: str, most: int = 1) -> str:
        """A short quotation of guidance on a subject, for a finding in the creator's numbers; empty when there is
        none."""
        found = turn.look(query, 3)
        hits = [
            hit for hit in found.hits if hit.passage.kind in ("guide", "faq", "policy") and not hit.passage.unpublished
        ]
        return "\n".join(self._quotation(turn, hit.passage, 2) for hit in hits[:most])

    def listing(self, turn: Turn, kind: str, count: int) -> Draft:
        """Several documents of a kind (topic or template) that are nearest to the question, the creator's category
        first."""
        query = f"{turn.creator.category} {turn.question}" if turn.creator and kind == "topic" else turn.question
        found = turn.look(query, 60)
        seen: dict[str, Passage] = {}
        for hit in found.hits:
            if hit.passage.kind == kind:
                seen.setdefault(hit.passage.slug, hit.passage)
        if not seen:
            return self.guidance(turn)
        if kind == "template":
            return self._material(turn, next(iter(seen.values())))
        items = [
            self.say(turn, "list_item", title=passage.title, text=quoted(passage, "", turn.shelf, 1))
            + f" [{turn.evidence.number(passage)}]"
            for passage in list(seen.values())[:count]
        ]
        return Draft(
            "\n".join([self.say(turn, "ideas_intro"), *(f"- {item}" for item in items)]),
            suggestions=self.suggestions(turn),
        )

    def _quotation(self, turn: Turn, passage: Passage, most: int | None) -> str:
        text = quoted(passage, turn.question, turn.shelf, most).strip()
        return (
            f"{text} [{turn.evidence.number(passage)}]"
            if text[-1:].isascii()
            else f"{text}[{turn.evidence.number(passage)}]"
        )

    def _material(self, turn: Turn, first: Passage) -> Draft:
        """A template or idea whole: its passages in their order."""
        parts = [
            passage
            for passage in turn.shelf.passages
            if passage.slug == first.slug and passage.is_in_force(turn.day)
        ]
        blocks = [f"**{first.title}**"]
        for part in parts:
            heading = "" if part.heading == first.title else f"**{part.heading}**\n"
            blocks.append(f"{heading}{part.text}[{turn.evidence.number(part)}]")
        return Draft("\n\n".join(blocks), suggestions=self.suggestions(turn))

    def _not_covered(self, turn: Turn, nearest: Passage) -> Draft:
        periods = self._periods_in_words(turn)
        text = self.say(turn, "not_covered", period=periods)
        return Draft(f"{text}\n\n{self._quotation(turn, nearest, 2)}", refused=True, suggestions=self.suggestions(turn))

    def _notices(self, turn: Turn, hits: list[Hit]) -> list[str]:
        """What must be said before the quotation: a text that no longer holds, a past day, a wrong figure in the
        question."""
        passages = [hit.passage for hit in hits]
        notices = []
        if turn.day != turn.today:
            notices.append(self.say(turn, "as_of", day=turn.day.isoformat()))
        elif not passages[0].is_in_force(turn.today):
            period = f"{passages[0].effective_from or '…'} – {_last_day(passages[0])}"
            notices.append(self.say(turn, "dated", period=period))
        successor = turn.shelf.next_from(passages[0].slug, max(turn.day, turn.today))
        if successor is not None:
            notices.append(self.say(turn, "successor", day=successor.isoformat()))
        if turn.text_lang == "en" and passages[0].lang != "en":
            notices.append(self.say(turn, "from_chinese"))
        if turn.reading.is_claim and not passages[0].unpublished:
            wrong = contradicted(turn.question, passages)
            if wrong:
                notices.append(self.say(turn, "claim", figures=wrong))
        return notices

    def _labelled(self, turn: Turn, hits: list[Hit], paragraphs: list[str]) -> list[str]:
        """Paragraphs with 政策 / 建议 labels when the answer rests on both."""
        kinds = ["guidance" if hit.passage.kind == "guide" else "policy" for hit in hits]
        if len(set(kinds)) < 2:
            return paragraphs
        head, quotations = paragraphs[: -len(hits)], paragraphs[-len(hits) :]
        labelled = []
        previous = ""
        for kind, paragraph in sorted(zip(kinds, quotations, strict=True), key=lambda pair: pair[0] != kinds[0]):
            labelled.append(paragraph if kind == previous else f"{self.say(turn, 'label_' + kind)}\n{paragraph}")
            previous = kind
        return head + labelled

    def _periods_in_words(self, turn: Turn) -> str:
        years = sorted(period for period in turn.found.periods if period.isdigit())
        quarters = sorted(period for period in turn.found.periods if not period.isdigit())
        return " ".join(years + quarters)

    def suggestions(self, turn: Turn, hits: list[Hit] | None = None) -> tuple[str, ...]:
        """Further questions that the knowledge answers: the first question forms of the next passages."""
        used = {hit.passage.id for hit in hits or []}
        offered: list[str] = []
        for hit in turn.found.hits:
            if (
                hit.passage.id not in used
                and hit.passage.asked
                and not hit.passage.unpublished
                and hit.passage.asked[0] != turn.question
            ):
                offered.append(hit.passage.asked[0])
        return tuple(dict.fromkeys(offered))[:3] or self._starters(turn)

    def _starters(self, turn: Turn) -> tuple[str, ...]:
        return tuple(self.say(turn, "starters").split("\n"))


def _last_day(passage: Passage) -> str:
    """The last day on which a passage held."""
    return (passage.expires_on - timedelta(days=1)).isoformat() if passage.expires_on else "…"
