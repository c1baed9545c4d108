"""Words that mean the same to a search, prepared for the lexical side; the groups themselves are kept by staff."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.errors import BadInput
from knowledge.folding import fold, terms

Groups = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Expansion:
    """The terms of a word that stands in a query, and those of each other word of its group."""

    said: list[str]
    meant: list[list[str]]


class Thesaurus:
    """Groups of words; a word with other words of its group widens a query that holds it."""

    def __init__(self, groups: Groups) -> None:
        folded = [list(dict.fromkeys(fold(word).strip() for word in group)) for group in groups]
        self._groups = [
            sorted(((word, terms(word)) for word in group if terms(word)), key=lambda entry: -len(entry[0]))
            for group in folded
        ]

    def expansions(self, folded_query: str) -> Iterator[Expansion]:
        """One for each group of which the query holds a word: the longest it holds. Latin words count whole only."""
        in_query = frozenset(terms(folded_query))
        for group in self._groups:
            for word, said in group:
                if word in folded_query and in_query.issuperset(said):
                    yield Expansion(said, [meant for other, meant in group if other not in folded_query])
                    break


def read_synonyms(path: Path) -> list[list[str]]:
    """The groups of a YAML file: a list of lists of words. Raises BadInput for anything else."""
    try:
        groups = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput("{name} is not readable YAML; write a list of lists of words.", name=path.name) from error
    if not isinstance(groups, list) or not all(isinstance(group, list) and len(group) > 1 for group in groups):
        raise BadInput("{name} must be a list of groups, each a list of at least two words.", name=path.name)
    return [[str(word) for word in group] for group in groups]
