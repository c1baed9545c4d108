"""Answers made of quotations: what the extractive model says about published knowledge, in the words of the passages.

It never invents text: everything is a passage's own sentence or a template of `prompts/`.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from assistant.agent.evidence import Turn
from assistant.agent.quoting import chosen, contradicted, quoted
from assistant.agent.reading import Reader, covers_period
from knowledge.documents import Passage
from knowledge.index.ranking import Hit
from prompts.texts import Prompts

SHOWN_IDEAS = 3
SEARCHED = 60  # hits among which material of one kind is looked for
SOON_DAYS = 92  # an activity that ends later is a program, not an occasion
LONGEST_SUBJECT = 20  # characters
_PLACE = re.compile(r"\{(?:主题|topic)\}")
_NAMED = re.compile(r"^(?:选题“[^”]*”：|The idea \"[^\"]*\": )")
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
        self._subjects = re.compile(prompts.question_words["subject"], re.IGNORECASE)

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
        if intent == "self_harm":
            return Draft(self.say(turn, intent), refused=True)  # nothing to ask next about plays and followers
        if intent not in ("abuse", "injection"):
            said = intent if intent == "harm" else "out_of_scope"
            return Draft(self.say(turn, said), refused=True, suggestions=self._starters(turn))
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

    def ideas(self, turn: Turn) -> Draft:
        """A few topics that are nearest to the question, the creator's category first, and what runs to an end date."""
        seen = self._nearest(turn, "topic", turn.creator.category if turn.creator else "")
        if not seen:
            return self.guidance(turn)
        items = [
            self.say(turn, "list_item", title=passage.title, text=_said_once(quoted(passage, "", turn.shelf, 1)))
            + f" [{turn.evidence.number(passage)}]"
            for passage in seen[:SHOWN_IDEAS]
        ]
        lines = [self.say(turn, "ideas_intro"), *(f"- {item}" for item in items)]
        running = self._running(turn)
        if running:
            lines.append("\n" + self.say(turn, "ideas_running", activities=running))
        return Draft("\n".join(lines), suggestions=tuple(passage.asked[0] for passage in seen[:3] if passage.asked))

    def template(self, turn: Turn) -> Draft:
        """The nearest template whole, filled with the subject that the question names."""
        seen = self._nearest(turn, "template", "")
        return self._material(turn, seen[0]) if seen else self.guidance(turn)

    def _nearest(self, turn: Turn, kind: str, category: str) -> list[Passage]:
        """One passage of each document of a kind, the nearest to the question first; what the thread has shown before
        comes last."""
        seen: dict[str, Passage] = {}
        for hit in turn.look(f"{category} {turn.question}".strip(), SEARCHED).hits:
            if hit.passage.kind == kind:
                seen.setdefault(hit.passage.slug, hit.passage)
        return sorted(seen.values(), key=lambda passage: passage.slug in turn.shown)

    def _running(self, turn: Turn) -> list[tuple[str, str]]:
        """Topic activities of the knowledge that are in force and end soon: (title with its mark, last day)."""
        ending = {
            passage.slug: passage
            for passage in turn.shelf.passages
            if passage.kind in ("topic", "program")
            and passage.lang == turn.text_lang
            and passage.expires_on is not None
            and passage.is_in_force(turn.day)
            and (passage.expires_on - turn.day).days <= SOON_DAYS
        }
        first = sorted(ending.values(), key=lambda passage: str(passage.expires_on))[:SHOWN_IDEAS]
        return [(f"{passage.title}[{turn.evidence.number(passage)}]", _last_day(passage)) for passage in first]

    def _quotation(self, turn: Turn, passage: Passage, most: int | None) -> str:
        text = quoted(passage, turn.question, turn.shelf, most).strip()
        return (
            f"{text} [{turn.evidence.number(passage)}]"
            if text[-1:].isascii()
            else f"{text}[{turn.evidence.number(passage)}]"
        )

    def _material(self, turn: Turn, first: Passage) -> Draft:
        """An idea whole; of a template what is to be filled in, with the subject of the question in its place, and what
        to mind."""
        parts = [part for part in turn.shelf.passages if part.slug == first.slug and part.is_in_force(turn.day)]
        forms = [part for part in parts if "{" in part.text] if first.kind == "template" else []
        subject = self._subject(turn)
        blocks = [f"**{first.title}**"]
        for part in forms[:1] or parts:
            heading = "" if part.heading == first.title else f"**{part.heading}**\n"
            text = _PLACE.sub(subject, part.text) if subject else part.text
            blocks.append(f"{heading}{text}[{turn.evidence.number(part)}]")
        if forms and parts[-1] not in forms:
            blocks.append(self._quotation(turn, parts[-1], 1))
        if forms and subject:
            turn.evidence.said.append(subject)
        return Draft("\n\n".join(blocks), suggestions=self.suggestions(turn))

    def _subject(self, turn: Turn) -> str:
        """What the question wants a template for, in its own words; empty when it names nothing."""
        found = self._subjects.search(turn.question)
        words = next((group for group in found.groups() if group), "") if found else ""
        return "" if len(words) > LONGEST_SUBJECT else words.strip(" “”\"《》")

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


def _said_once(text: str) -> str:
    """A topic's first sentence without the name that stands before it already."""
    return _NAMED.sub("", text)


def _last_day(passage: Passage) -> str:
    """The last day on which a passage held."""
    return (passage.expires_on - timedelta(days=1)).isoformat() if passage.expires_on else "…"
