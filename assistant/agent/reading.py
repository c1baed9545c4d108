"""Reading a question: its language, what kind of answer it asks for, and what it wants, by its nearest examples."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

import numpy as np
import opencc
from numpy.typing import NDArray

from assistant.agent.wishes import Wishes, without_formula
from assistant.creators.catalogue import CATALOGUE
from assistant.creators.custom import is_named
from knowledge.documents import Passage
from knowledge.embeddings import Vectors
from knowledge.errors import Unavailable
from knowledge.folding import HAN, fold, simplify, terms
from knowledge.library import Library
from knowledge.shelf import Found, Shelf
from prompts.texts import Intent, Prompts

Lang = Literal["zh", "zh-Hant", "en"]
Share = TypeVar("Share", float, NDArray[np.float64])
_HAN = re.compile(f"[{HAN}]")
SHORTEST_PART = 4  # terms
# From here on a refusal is doubt. Measured on questions of creators that the starter knowledge does not answer: all
# that were declined lie above, beside one in seven of those that had to be declined.
DOUBTFUL = 0.3
# See `_cosine_by_words`.
LEAST_COSINE, WORDS_COUNT = 0.82, 0.15
_BORDER = re.compile(r"[。！？!?；;\n]|[，,](?=然后|再|顺便|接着|完了|之后|並|并|then)|(?<=[a-z])\.\s|(?<=\d)\.\s")
_YEAR = re.compile(r"20\d\d")
_to_traditional = opencc.OpenCC("s2tw")


def language_of_question(text: str) -> Lang:
    """Simplified, Traditional or English; a message with any Han text is Chinese unless it is plainly English
    around names. A formula at its end, which is English whoever writes it, does not count."""
    text = without_formula(text)
    han = _HAN.findall(text)
    latin_words = re.findall(r"[A-Za-z]{2,}", text)
    if not han or (len(latin_words) >= 4 and len(latin_words) > len(han)):
        return "en" if latin_words or not han else "zh"
    return "zh-Hant" if simplify("".join(han)) != "".join(han) else "zh"


def in_traditional(text: str) -> str:
    """Simplified text in Traditional characters, by words rather than one by one."""
    return str(_to_traditional.convert(text))


def in_script(text: str, lang: str) -> str:
    """A Simplified or English text as it is said in a language: Traditional answers are made from Simplified texts."""
    return in_traditional(text) if lang == "zh-Hant" else text


@dataclass(frozen=True)
class Reading:
    """What was understood of a message. `confidence` is the calibrated chance that the best passage answers it;
    `intent` is the nearest kind of message, `guidance` when the knowledge is nearer than any example."""

    question: str
    lang: Lang
    intent: str
    confidence: float
    asks: tuple[str, ...]
    is_claim: bool
    features: dict[str, float]

    @property
    def is_unsure(self) -> bool:
        """Whether the message is declined for want of a text rather than for what it asks: it came near to being
        answered, and no word in it shows another intention."""
        has_cue = any(value for name, value in self.features.items() if name.startswith("cue_"))
        return self.intent in ("out_of_scope", "abuse") and self.confidence >= DOUBTFUL and not has_cue


class Reader:
    """Reads questions by the examples in `prompts/intents.yaml`. Built once; reading one costs a few dot products."""

    def __init__(self, prompts: Prompts, library: Library) -> None:
        self._prompts = prompts
        self._library = library
        self._examples = [example for _, example in prompts.examples]
        self._begins: dict[str, int] = {}  # the first example of each intent; they stand intent by intent
        for place, (owner, _) in enumerate(prompts.examples):
            self._begins.setdefault(owner, place)
        self._vectors = self._example_vectors()
        holders: dict[str, list[int]] = {}
        for place, example in enumerate(self._examples):
            for term in set(terms(fold(example))):
                holders.setdefault(term, []).append(place)
        # The examples with a term, as an array: a list would be made one for every question.
        self._holders = {term: np.array(places) for term, places in holders.items()}
        self._asks = {
            name: (re.compile(entry["question"]), re.compile(entry["answer"]))
            for name, entry in prompts.question_words["asks"].items()
        }
        self._own = re.compile(prompts.question_words["own"])
        self._personal = {intent.name for intent in prompts.intents if intent.needs_creator}
        self._others = {intent.name: intent.other for intent in prompts.intents if intent.unlike}
        self._outright = [intent.name for intent in prompts.intents if intent.outright]
        self._answered = self._personal.union(self._outright)
        self._signs = {
            intent.name: (_any_of(intent.signs), _any_of(intent.signs_unless_creating))
            for intent in prompts.intents
            if intent.signs or intent.signs_unless_creating
        }
        self._creating = re.compile(prompts.question_words["creating"])
        self._claims = re.compile(prompts.question_words["claims"])
        self._lately = re.compile(prompts.question_words["lately"])
        self._value = re.compile(prompts.question_words["value"])
        self._wishes = Wishes(prompts)

    def read(
        self, question: str, found: Found, shelf: Shelf, is_linked: bool, titles: Sequence[str] = ()
    ) -> Reading:
        """What the question wants, given what the shelf found for it. Somebody who is not linked to a creator is
        taken to ask about their own numbers only when they say so (我, my …); “怎么涨粉” is then a general question.
        `titles` are those of the creator's custom metrics: a question that names one asks for its number."""
        folded = fold(question)
        asks = tuple(name for name, (asked, _) in self._asks.items() if asked.search(folded))
        nearest = self._nearest(question, folded, shelf)
        features = self._features(folded, found, shelf, asks, nearest)
        confidence = self._confidence(features)
        if not is_linked and not self._own.search(folded):
            nearest = {name: value for name, value in nearest.items() if name not in self._personal}
        intent = self._shown(folded, nearest, features) or self._decide(nearest, features, confidence)
        if self._wishes.read(question) is not None:
            intent = "my_metrics"
        elif is_linked and intent not in self._answered and self._asks_number(folded, intent, titles):
            intent = "my_overview"
        return Reading(
            question,
            language_of_question(question),
            intent,
            confidence,
            asks,
            bool(self._claims.search(folded)),
            features,
        )

    def _asks_number(self, folded: str, intent: str, titles: Sequence[str]) -> bool:
        """Whether a question is after the creator's own number of a metric: of one that is not the knowledge's, or, in
        so many words, of any."""
        is_own = bool(self._own.search(folded) or self._lately.search(folded))
        if any(is_named(title, folded) for title in titles):
            return is_own or intent != "guidance"
        built_in = (title for metric in CATALOGUE.values() for title in (metric.title_zh, metric.title_en))
        return is_own and bool(self._value.search(folded)) and any(is_named(title, folded) for title in built_in)

    def holds_what_is_asked(self, passage: Passage, asks: Iterable[str]) -> bool:
        """Whether a passage has the kind of thing the question asks for (an amount of money, an address, a time …), or
        says itself that it is not published."""
        if passage.unpublished:
            return True
        text = fold(f"{passage.heading}\n{passage.text}")
        return all(self._asks[name][1].search(text) for name in asks)

    def _nearest(self, question: str, folded: str, shelf: Shelf) -> dict[str, float]:
        """Per intent the likeness of its nearest example: cosine, helped by shared telling words. It is 0 for what is
        declined outright unless its example is the nearest of all, and where a message that an intent is unlike is
        nearer."""
        vector = shelf.vector_or_none(question)
        if vector is not None and self._vectors is None:
            self._vectors = self._example_vectors()  # the embedder failed when the process began
        weights = {word: shelf.term_weight(word) for word in set(terms(folded))}
        shared = np.zeros(len(self._examples))
        for word in weights.keys() & self._holders.keys():
            shared[self._holders[word]] += weights[word]
        shared /= sum(weights.values()) or 1.0
        cosines = _cosine_by_words(shared)
        if vector is not None and self._vectors is not None:
            cosines = (self._vectors @ vector).astype(np.float64)
        begins = list(self._begins.values())
        nearest = dict(zip(self._begins, np.maximum.reduceat(cosines + 0.1 * shared, begins).tolist(), strict=True))
        # Without the words, for “how can I make … at home” says nothing of what is made.
        alone = dict(zip(self._begins, np.maximum.reduceat(cosines, begins).tolist(), strict=True))
        other_than = [name for name, other in self._others.items() if alone[other] > alone[name]]
        # By the words, when the embedder fails, all may be equally far: that declines nothing.
        if max(alone[name] for name in self._outright) <= max(alone[name] for name in alone.keys() - self._outright):
            other_than += self._outright
        nearest |= dict.fromkeys(other_than, 0.0)
        return {intent.name: max(0.0, nearest[intent.name]) for intent in self._prompts.intents}

    def _example_vectors(self) -> Vectors | None:
        """The examples' vectors; None while they are not kept and the embedder fails."""
        try:
            return self._library.query_vectors(self._examples)
        except Unavailable:
            return None

    def _features(
        self, folded: str, found: Found, shelf: Shelf, asks: tuple[str, ...], nearest: dict[str, float]
    ) -> dict[str, float]:
        hits = found.hits[:3]
        refusing = max((nearest[intent.name] for intent in self._prompts.intents if intent.refuses), default=0.0)
        cues = {intent.name: _has_cue(intent, folded) for intent in self._prompts.intents if intent.cues}
        cues = {name: value and nearest[name] > 0 for name, value in cues.items()}
        if not hits:
            return {
                "score": 0.0,
                "dense": 0.0,
                "asked": 0.0,
                "lexical": 0.0,
                "over": -1.0,
                "refusing": refusing,
                "lacks": 1.0,
                **_cue_features(cues),
            }
        shares = [self._shared(folded, hit.passage, shelf) for hit in hits]
        is_by_words = not any(hit.dense or hit.asked for hit in hits)
        asked = max(
            (_cosine_by_words(share) if is_by_words else hit.asked) + 0.1 * share
            for hit, share in zip(hits, shares, strict=True)
        )
        return {
            "score": hits[0].score,
            "dense": _cosine_by_words(hits[0].lexical) if is_by_words else hits[0].dense,
            "asked": asked,
            "lexical": hits[0].lexical,
            "over": asked - refusing,
            "refusing": refusing,
            "lacks": float(not any(self.holds_what_is_asked(hit.passage, asks) for hit in hits[:2])),
            **_cue_features(cues),
        }

    def _shared(self, folded: str, passage: Passage, shelf: Shelf) -> float:
        """The share of a question's telling terms that the passage's nearest question form holds."""
        words = frozenset(terms(folded))
        total = sum(shelf.term_weight(word) for word in words) or 1.0
        return max(
            (
                sum(shelf.term_weight(word) for word in words & set(_form_terms(form))) / total
                for form in passage.asked
            ),
            default=0.0,
        )

    def _confidence(self, features: dict[str, float]) -> float:
        weights = self._prompts.calibration
        total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in features.items())
        return float(1.0 / (1.0 + np.exp(-total)))

    def _shown(self, folded: str, nearest: dict[str, float], features: dict[str, float]) -> str | None:
        """The intent that a message shows in so many words, unless it has the words of one that is refused. What is
        declined outright is recognised between spaces and points, too (冰.毒)."""
        lines = folded.splitlines()
        letters = "".join(filter(str.isalnum, folded))
        for name in self._signs:
            if name in self._outright and self._shows(name, [*lines, letters]):
                return name
        if any(value for name, value in features.items() if name.startswith("cue_")):
            return None
        return next((name for name in self._signs if name in nearest and self._shows(name, lines)), None)

    def _shows(self, name: str, lines: Iterable[str]) -> bool:
        signs, bare = self._signs[name]
        return any(signs.search(line) or (bare.search(line) and not self._creating.search(line)) for line in lines)

    def _decide(self, nearest: dict[str, float], features: dict[str, float], confidence: float) -> str:
        best = max(nearest, key=lambda name: nearest[name])
        by_name = {intent.name: intent for intent in self._prompts.intents}
        refusing = [intent.name for intent in self._prompts.intents if intent.refuses]
        if not by_name[best].refuses and nearest[best] >= features["asked"]:
            return best
        if confidence >= 0.5:
            return "guidance"
        if best in self._outright:
            return best
        cued = [name for name in refusing if features.get(f"cue_{name}")]
        return max(cued or refusing, key=lambda name: nearest[name])


def _cosine_by_words(share: Share) -> Share:
    """What stands for a cosine while there are no vectors: the embedder's own run from `LEAST_COSINE` for texts that
    have nothing to do with each other, and the share of the telling words that two texts have in common tells how far
    above it they are."""
    return LEAST_COSINE + WORDS_COUNT * share


def parts_of(question: str) -> list[str]:
    """The sentences and clauses of a message that could be a question by themselves."""
    return [part for text in _BORDER.split(question) if len(terms(fold(part := text.strip()))) >= SHORTEST_PART]


@lru_cache(maxsize=50_000)
def _form_terms(form: str) -> frozenset[str]:
    return frozenset(terms(fold(form)))


def covers_period(passage: Passage, periods: frozenset[str]) -> bool:
    """Whether a passage speaks about a year and quarter that were asked about; True when none were."""
    years = {period for period in periods if period.isdigit()}
    quarters = periods - years
    named = {str(day.year) for day in (passage.effective_from, passage.expires_on) if day}
    named |= set(_YEAR.findall(f"{passage.heading}{passage.text}")) or set(_YEAR.findall(passage.title))
    if years and not years & named:
        return False
    own_quarters = {period for period in passage.periods if not period.isdigit()}
    return not (quarters and own_quarters) or bool(quarters & own_quarters)


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """One expression for several; for none, one that matches nothing."""
    return re.compile("|".join(patterns) or r"(?!)")


def _has_cue(intent: Intent, folded: str) -> bool:
    return any(cue in folded for cue in intent.cues)


def _cue_features(cues: dict[str, bool]) -> dict[str, float]:
    return {f"cue_{name}": float(present) for name, present in cues.items()}
