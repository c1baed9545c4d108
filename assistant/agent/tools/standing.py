"""Tools about where a creator stands: leaderboards, peers, and the rhythm of publishing."""

import re
from datetime import date
from functools import partial

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.evidence import Turn
from assistant.agent.naming import Naming
from assistant.agent.telling import Telling
from assistant.agent.telling_standing import tell_board, tell_peers, tell_rhythm, tell_standing
from assistant.agent.tools.numbers import own_creator
from assistant.creators.accounts import Accounts
from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.custom import CustomMetrics, is_named
from assistant.creators.leaderboards.periods import Period
from assistant.creators.leaderboards.ranking import Cut
from assistant.creators.leaderboards.service import Leaderboards
from assistant.creators.metrics import last_day
from assistant.creators.peers import Peers
from assistant.creators.rhythm import rhythm_of
from assistant.creators.tiers import TIERS
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import works_between
from knowledge.folding import fold
from prompts.texts import Prompts

USUAL_BOARD = "plays"
MOST_PEERS = 4  # of metrics that a question names


def standing_tools(
    warehouse: Warehouse,
    custom_metrics: CustomMetrics,
    leaderboards: Leaderboards,
    peers: Peers,
    accounts: Accounts,
    prompts: Prompts,
) -> list[BaseTool]:
    """`leaderboard` for everybody; `my_rank`, `my_peers` and `my_rhythm` of the caller's own creator.

    Which metric, period, category and tier is read from the question, never from what a model says.
    """
    asking = Asking(leaderboards, custom_metrics, accounts, prompts)

    @tool
    def leaderboard(runtime: ToolRuntime[Turn]) -> str:
        """The first places of the leaderboard that the message asks for: by metric, day, week or month, category and
        tier."""
        turn = runtime.context
        board = leaderboards.board(asking.metric(turn).name, asking.period(turn), _day_after(turn), asking.cut(turn))
        if board.entries:
            from assistant.creators.charts.standing import board_chart  # Altair is loaded for the first chart

            mine = turn.creator.id if turn.creator else None
            turn.evidence.charts["leaderboard"] = partial(board_chart, board, board.entries, mine, turn.text_lang)
        return _kept(turn, tell_board(board, turn, prompts))

    @tool
    def my_rank(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's place on the leaderboard that the message asks for, its change, and the neighbours."""
        turn = runtime.context
        creator = own_creator(turn)
        standing = leaderboards.standing(creator, asking.metric(turn).name, asking.period(turn), _day_after(turn))
        if standing.mine is not None:
            from assistant.creators.charts.standing import board_chart

            chart = partial(board_chart, standing.board, standing.around, creator, turn.text_lang)
            turn.evidence.charts["rank"] = chart
        return _kept(turn, tell_standing(standing, turn, prompts))

    @tool
    def my_peers(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's numbers of the last 28 days among creators of the same tier and category."""
        turn = runtime.context
        asked = asking.built_in(turn)[:MOST_PEERS]
        return _kept(turn, tell_peers(peers.compare(own_creator(turn), _day_after(turn)), asked, turn, prompts))

    @tool
    def my_rhythm(runtime: ToolRuntime[Turn]) -> str:
        """How often the linked creator publishes, and which days and hours did better, by reach and by quality."""
        turn = runtime.context
        creator = own_creator(turn)
        last = last_day(warehouse, creator, turn.counted_until)
        works = works_between(warehouse, creator, date.min, last) if last else []
        return _kept(turn, tell_rhythm(rhythm_of(works, last) if last else None, turn, prompts))

    return [leaderboard, my_rank, my_peers, my_rhythm]


class Asking:
    """What a question about standing names."""

    def __init__(
        self, leaderboards: Leaderboards, custom_metrics: CustomMetrics, accounts: Accounts, prompts: Prompts
    ) -> None:
        self._leaderboards = leaderboards
        self._accounts = accounts
        self._naming = Naming(custom_metrics, prompts)
        periods = prompts.question_words["board_periods"]
        self._periods = {period: re.compile(pattern) for period, pattern in periods.items()}

    def built_in(self, turn: Turn) -> list[str]:
        """The built-in metrics that a question names."""
        creator = turn.creator.id if turn.creator else ""
        return [metric.slug for metric in self._naming.named(turn.question, creator) if metric.slug in CATALOGUE]

    def metric(self, turn: Turn) -> Metric:
        """The metric of the board that is meant: a custom one that is allowed there, else a built-in one."""
        question = fold(turn.question)
        allowed = [metric for metric, _ in self._leaderboards.metrics() if metric.slug not in CATALOGUE]
        custom = next((metric for metric in allowed if is_named(metric.title_zh, question)), None)
        return custom or CATALOGUE[next(iter(self.built_in(turn)), USUAL_BOARD)]

    def period(self, turn: Turn) -> Period:
        """Day, month, or else week."""
        question = fold(turn.question)
        found: list[Period] = [period for period, words in self._periods.items() if words.search(question)]
        return found[0] if found else "week"

    def cut(self, turn: Turn) -> Cut:
        """The category and the tier that a question names."""
        question = fold(turn.question)
        category = next((one for one in self._accounts.category_names() if is_named(one, question)), None)
        tiers = sorted(TIERS, key=lambda tier: -len(tier.zh))
        tier = next((one for one in tiers if fold(one.zh) in question or fold(one.en) in question), None)
        return Cut(category, tier)


def _day_after(turn: Turn) -> date:
    """The day from which a question looks back: boards and cohorts tell what was over when it began."""
    return turn.counted_until


def _kept(turn: Turn, telling: Telling) -> str:
    turn.evidence.compute(telling.text, telling.figures, telling.topics)
    return telling.text
