"""From a gap to what closes it: a FAQ draft with the questions as they were asked, and a golden question."""

import json
from collections.abc import Sequence
from typing import Any

from assistant.agent.reading import language_of_question
from assistant.errors import Conflict
from assistant.evaluation import Question
from assistant.golden import GoldenQuestions
from assistant.learning.gaps import Gap, Gaps
from knowledge.catalog import Added
from knowledge.documents import NewRevision
from knowledge.library import Library
from knowledge.reading.markdown import read_markdown

LONGEST_HEADING = 200  # characters of a question that becomes a title


class Closing:
    """Starts what is to close a gap."""

    def __init__(self, library: Library, gaps: Gaps, golden: GoldenQuestions) -> None:
        self._library = library
        self._gaps = gaps
        self._golden = golden

    def draft(self, gap_id: int, text: str, author: str) -> Added:
        """Keep a document, made from `faq_text` and the answer that somebody wrote, as a draft for the gap.

        Raises NotFound, Conflict for a gap that is closed or a document that exists already, and BadInput for a text
        without an answer.
        """
        name = slug_of(self._gaps.find(gap_id))
        return self.keep(gap_id, read_markdown(text, f"{name}.md"), author)

    def keep(self, gap_id: int, new: NewRevision, author: str, based_on: int = 0, reason: str = "") -> Added:
        """The same for a text that was read already; `based_on` is the revision of its document that it follows, 0 for
        a new document."""
        gap = self._gaps.find(gap_id)
        if gap.state == "closed":
            raise Conflict("This gap is closed: a release answers its questions. Reopen it when the answer is wrong.")
        added = self._library.catalog.save(new, author, based_on, reason or f"gap {gap.id}")
        self._gaps.drafted(gap_id, added.slug, author)
        return added

    def golden_question(self, gap_id: int, must_contain: Sequence[Sequence[str]], author: str) -> str:
        """Ask the gap's question of every release from now on; returns the golden question's id, the same every time.

        Of each group in `must_contain` the answer must say one alternative. Raises NotFound, and BadInput for none.
        """
        gap = self._gaps.find(gap_id)
        lang = language_of_question(gap.question)
        groups = tuple(tuple(group) for group in must_contain)
        asked = Question(golden_id(gap), gap.question, lang, "gap", True, must_contain=groups)
        return self._golden.put([asked], author, f"gap {gap.id}")[0]


def slug_of(gap: Gap) -> str:
    """The name of the document that is started from a gap."""
    return f"faq-gap-{gap.id}"


def golden_id(gap: Gap) -> str:
    """The id of the golden question that is made from a gap."""
    return f"gap-{gap.id}"


def faq_fields(gap: Gap, answer: str = "") -> dict[str, Any]:
    """A FAQ document by its fields (see docs/knowledge.md): the gap's question as heading, the other wordings as its
    question forms, and the answer, which is for staff to write."""
    question = _one_line(gap.question)
    lang = "en" if language_of_question(question) == "en" else "zh"
    forms = dict.fromkeys(_one_line(example.text) for example in gap.examples)
    asked = "".join(f"- {_quoted(form)}\n" for form in forms)
    heading = question.lstrip("#").strip()
    body = f"## {heading}\n<!--\nasked:\n{asked}-->\n\n{answer}".rstrip() + "\n"
    return {"slug": slug_of(gap), "kind": "faq", "lang": lang, "title": question, "source": "", "body": body}


def faq_text(gap: Gap, answer: str = "") -> str:
    """The same document as Markdown."""
    front = faq_fields(gap, answer)
    body = front.pop("body")
    lines = "".join(f"{name}: {_quoted(value)}\n" for name, value in front.items())
    return f"---\n{lines}---\n\n{body}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_HEADING]


def _quoted(text: str) -> str:
    """A text that YAML reads back as it is, whatever stands in it, and that ends no comment."""
    return json.dumps(text.replace("-->", "→"), ensure_ascii=False)
