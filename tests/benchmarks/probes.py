"""What is asked of the retrieval: natural questions, also in Traditional characters, colloquial ones, bare terms.

A bare term is a string of 3 to 10 characters that stands in exactly one of the passages. It is what somebody types who
knows the word and wants the text; an embedding of it says little.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.agent.reading import in_traditional
from knowledge.folding import HAN, clean, fold

COLLOQUIAL = Path(__file__).parent / "colloquial.jsonl"
SHORTEST, LONGEST = 3, 10
MOST_TERMS, SEED = 400, 2022
_QUOTED = re.compile(rf"[《「『“\"]([^《》「」『』“”\"，。\n]{{{SHORTEST},{LONGEST}}})[》」』”\"]")
_RUNNING = re.compile(rf"[{HAN}]{{{SHORTEST},}}")


@dataclass(frozen=True)
class Probe:
    """A question and the documents of which one answers it."""

    question: str
    slugs: frozenset[str]


def natural(path: Path) -> tuple[list[Probe], int]:
    """The questions of a file, and how many of its lines were left out because nothing is asked in them."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    probes = [Probe(clean(line["question"]).strip(), frozenset({line["slug"]})) for line in lines]
    asked = [probe for probe in probes if probe.question]
    return asked, len(probes) - len(asked)


def traditional(probes: list[Probe]) -> list[Probe]:
    """The same questions in Traditional characters, by words."""
    return [Probe(in_traditional(probe.question), probe.slugs) for probe in probes]


def colloquial(corpus: str) -> list[Probe]:
    """Questions as people say them, for the passages of `../shared/data` (`shared`) or the starter knowledge
    (`starter`), written by hand."""
    lines = [json.loads(line) for line in COLLOQUIAL.read_text("utf-8").splitlines()]
    return [Probe(line["question"], frozenset(line["slugs"])) for line in lines if line["on"] == corpus]


def quoted_terms(bodies: Mapping[str, str]) -> list[Probe]:
    """Names that stand in quotes in one body only."""
    return _terms(bodies, lambda body, _: _QUOTED.findall(body))


def running_terms(bodies: Mapping[str, str]) -> list[Probe]:
    """Strings cut anywhere out of running Chinese text that stand in one body only."""

    def cut(body: str, chance: random.Random) -> Iterator[str]:
        for run in _RUNNING.findall(body):
            length = chance.randint(SHORTEST, min(LONGEST, len(run)))
            start = chance.randint(0, len(run) - length)
            yield run[start : start + length]

    return _terms(bodies, cut)


def _terms(bodies: Mapping[str, str], cut: Callable[[str, random.Random], Iterator[str] | list[str]]) -> list[Probe]:
    chance = random.Random(SEED)
    folded = {slug: fold(body) for slug, body in bodies.items()}
    found: dict[str, str] = {}
    for slug, body in bodies.items():
        for term in cut(body, chance):
            wanted = fold(term)
            is_word = any(character.isalnum() for character in wanted)
            if is_word and sum(wanted in text for text in folded.values()) == 1:
                found[term] = slug
    chosen = chance.sample(sorted(found), min(MOST_TERMS, len(found)))
    return [Probe(term, frozenset({found[term]})) for term in chosen]
