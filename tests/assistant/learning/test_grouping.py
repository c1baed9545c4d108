"""Questions that ask the same thing come together, whatever order they come in."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml

from assistant.bootstrap import Services
from assistant.learning.grouping import Group, Grouping

Labelled = list[tuple[str, str]]
SETS = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))


def grouped(starter: Services, labelled: Labelled) -> list[list[str]]:
    """The labels of the questions, group by group."""
    vectors = dict(zip(*zip(*labelled, strict=True), strict=True))  # question → label, for its order
    rows = starter.library.query_vectors(list(vectors))
    by_question = dict(zip(vectors, rows, strict=True))
    grouping = Grouping(starter.library.shelf.term_weight)
    found: dict[int, tuple[Group, list[str]]] = {}
    for question, label in labelled:
        group, _ = grouping.place(question, by_question.__getitem__)
        found.setdefault(id(group), (group, []))[1].append(label)
    return [labels for _, labels in found.values()]


@pytest.mark.parametrize(("name", "purity", "most_groups"), [("fitted", 0.98, 1.75), ("held_out", 0.95, 2.0)])
def test_groups_are_pure_and_few(starter: Services, name: str, purity: float, most_groups: float) -> None:
    labelled = [(question, label) for label, questions in SETS[name].items() for question in questions]
    purities, counts = [], []
    for seed in range(5):
        groups = grouped(starter, random.Random(seed).sample(labelled, len(labelled)))
        purities.append(sum(max(Counter(labels).values()) for labels in groups) / len(labelled))
        counts.append(len(groups))
    print(name, np.mean(purities), np.mean(counts), len(SETS[name]))
    assert np.mean(purities) >= purity
    assert np.mean(counts) <= most_groups * len(SETS[name])
