"""What may leave this house for an outside model, as `HELIOTROPE_MODEL_SEES` says.

Without `question` no outside model is asked. Without `history` it sees the question alone. Without `figures` nothing
that was computed from a creator's numbers is sent: questions about them are answered here. Without `names` the
creator's name and the titles of the works are replaced by placeholders, which are put back in what the model writes.
"""

from collections.abc import Callable, Sequence
from typing import get_args

from assistant.agent.allowance import Veil
from assistant.agent.evidence import Turn
from assistant.agent.remembering import Exchange
from assistant.settings import Leaves

# Characters of what is replaced: shorter ones stand inside ordinary words.
SHORTEST_TITLE, SHORTEST_NAME = 4, 2
ALL: frozenset[Leaves] = frozenset(get_args(Leaves))


class Leaving:
    """Decides, for each turn, what is sent. `titles_of` gives the titles of a creator's works."""

    def __init__(self, leaves: frozenset[Leaves], titles_of: Callable[[str], Sequence[str]]) -> None:
        self._leaves = leaves
        self._titles_of = titles_of

    def may_ask(self, turn: Turn) -> bool:
        """Whether an outside model may be asked this at all."""
        is_about_numbers = turn.reading.intent.startswith("my_") and turn.creator is not None
        return "question" in self._leaves and not (is_about_numbers and not self.allows_figures)

    @property
    def allows_figures(self) -> bool:
        """Whether what was computed from a creator's numbers may be sent."""
        return "figures" in self._leaves

    def history(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """The earlier questions and answers that may be sent."""
        return exchanges if "history" in self._leaves else ()

    def hides_names(self, turn: Turn) -> bool:
        """Whether there are names in this turn that may not be sent."""
        return "names" not in self._leaves and turn.creator is not None

    def veil(self, turn: Turn) -> Veil:
        """What stands for the names in this turn. Reads the titles of the works where names are hidden."""
        if turn.creator is None or not self.hides_names(turn):
            return Veil()
        titles = dict.fromkeys(title for title in self._titles_of(turn.creator.id) if len(title) >= SHORTEST_TITLE)
        names = {title: f"〔作品{number}〕" for number, title in enumerate(titles, 1)}
        if len(turn.creator.name) >= SHORTEST_NAME:
            names[turn.creator.name] = "〔创作者〕"
        return Veil(names)
