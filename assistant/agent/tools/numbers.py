"""Tools that read the caller's own numbers. Who asks comes from the run's context; no argument can name another
creator."""

from datetime import datetime, time

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.evidence import Turn
from assistant.agent.telling import Telling, tell_digest
from assistant.agent.telling_growth import tell_diagnosis, tell_growth
from assistant.creators.custom import CustomMetrics
from assistant.creators.diagnosis import diagnose
from assistant.creators.digest import digest_of
from assistant.creators.growth import trajectory
from assistant.creators.warehouse import Warehouse
from assistant.errors import NotAllowed
from prompts.texts import Prompts


def number_tools(warehouse: Warehouse, custom_metrics: CustomMetrics, prompts: Prompts) -> list[BaseTool]:
    """`my_numbers`, `my_growth` and `my_work`, all of the caller's own creator."""

    @tool
    def my_numbers(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's own last 28 days: plays, followers, rates, and the custom metrics that the question
        names, each against the 28 days before."""
        turn = runtime.context
        named = custom_metrics.named_in(turn.question, _own(turn))
        return _kept(turn, tell_digest(digest_of(warehouse, _own(turn), turn.counted_until, named), turn, prompts))

    @tool
    def my_growth(runtime: ToolRuntime[Turn]) -> str:
        """The linked creator's own growth: stage, net followers, when the next tier may be reached, what coincided
        with changes."""
        turn = runtime.context
        return _kept(turn, tell_growth(trajectory(warehouse, _own(turn), turn.counted_until), turn, prompts))

    @tool
    def my_work(runtime: ToolRuntime[Turn]) -> str:
        """Diagnosis of the linked creator's latest settled work: each funnel step against the creator's own last
        works."""
        turn = runtime.context
        end_of_day = datetime.combine(turn.counted_until, time.max)
        return _kept(turn, tell_diagnosis(diagnose(warehouse, _own(turn), None, end_of_day), turn, prompts))

    return [my_numbers, my_growth, my_work]


def _own(turn: Turn) -> str:
    if turn.creator is None:
        raise NotAllowed("Nobody is linked to this chat.")
    return turn.creator.id


def _kept(turn: Turn, telling: Telling) -> str:
    turn.evidence.compute(telling.text, telling.figures, telling.topics)
    return telling.text
