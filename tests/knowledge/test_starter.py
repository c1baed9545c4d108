"""The starter knowledge: complete, in two languages, sound by the gate's own rules, and with its vectors beside it."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from assistant.bootstrap import STARTER, STARTER_VECTORS, Services
from knowledge.documents import NewRevision, text_hash
from knowledge.folding import simplify
from knowledge.reading.files import read_path
from prompts.texts import load_prompts

FACTS = 296
TEMPLATE_KINDS = {"script", "title", "hook", "cover"}


@cache
def written(lang: str) -> dict[str, NewRevision]:
    """The starter's revisions of a language by file name. Reading them is the test that each one parses."""
    return {file.stem: read_path(file)[0] for file in sorted((STARTER / lang).glob("*.md"))}


def of_kind(kind: str) -> dict[str, NewRevision]:
    return {name: revision for name, revision in written("zh").items() if revision.kind == kind}


def test_every_fact_is_told_and_none_is_invented() -> None:
    told = {fact for revision in written("zh").values() for fact in revision.attributes["facts"]}
    assert told == set(range(1, FACTS + 1))


def test_every_chinese_article_has_an_english_companion_that_tells_the_same() -> None:
    chinese, english = written("zh"), written("en")
    assert chinese.keys() == english.keys()
    for name, revision in chinese.items():
        companion = english[name]
        assert (revision.lang, companion.lang) == ("zh", "en"), name
        assert companion.slug == f"{revision.slug}.en", name
        assert companion.attributes["facts"] == revision.attributes["facts"], name
        assert (companion.kind, companion.effective_from, companion.expires_on) == (
            revision.kind,
            revision.effective_from,
            revision.expires_on,
        ), name


def test_both_languages_call_the_same_sections_unpublished() -> None:
    for name, revision in written("zh").items():
        chinese, english = (
            {(heading.count(" › "), section.unpublished, section.rumour) for heading, section in sections}
            for sections in (
                [(section.heading, section) for section in one.sections] for one in (revision, written("en")[name])
            )
        )
        assert chinese == english, name


def test_there_are_templates_of_the_four_kinds_and_topics_enough_to_start_with() -> None:
    kinds = Counter(revision.attributes["template"] for revision in of_kind("template").values())
    assert set(kinds) == TEMPLATE_KINDS
    assert kinds.total() >= 12
    assert len(of_kind("topic")) >= 12


def test_a_topic_names_a_template_that_exists() -> None:
    templates = {revision.slug for revision in of_kind("template").values()}
    for name, revision in of_kind("topic").items():
        assert revision.attributes["template"] in templates, name
        assert revision.attributes["categories"], name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_section_can_be_asked_for_and_names_its_source(lang: str) -> None:
    for name, revision in written(lang).items():
        for section in revision.sections:
            assert section.provenance.source, (name, section.heading)
            assert section.heading, name
        assert any(section.asked for section in revision.sections), name


def test_periods_of_one_document_follow_each_other() -> None:
    by_slug: dict[str, list[NewRevision]] = {}
    for revision in (*written("zh").values(), *written("en").values()):
        by_slug.setdefault(revision.slug, []).append(revision)
    for slug, revisions in by_slug.items():
        starts = [revision.effective_from for revision in revisions]
        assert len(starts) == len(set(starts)), slug


def test_the_starter_passes_the_gate(starter: Services) -> None:
    assert starter.library.releases.find(1).report["blocking"] == 0
    assert starter.library.verify() == []


def test_the_vectors_beside_the_starter_hold_every_text_that_a_fresh_home_needs(starter: Services) -> None:
    passages = starter.library.shelf.passages
    examples = [example for _, example in load_prompts().examples]
    needed = {("passage", one.embedded_text) for one in passages}
    needed |= {("query", form) for one in passages for form in one.asked} | {("query", form) for form in examples}
    with np.load(STARTER_VECTORS) as file:
        kept = {key.decode() for key in file["hashes"]}
    missing = [text for role, text in needed if text_hash(f"{role}: {simplify(text)}") not in kept]
    assert not missing, f"{len(missing)} texts have no vector; run `make vectors`. The first: {missing[0]}"
