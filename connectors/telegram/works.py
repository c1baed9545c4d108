"""Choosing one of the creator's works: a list with a button for each, some on a page."""

from datetime import datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from assistant.agent.works_meant import told_apart
from assistant.creators.charts.chart import Chart
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import Work, works_between
from connectors.telegram.buttons import LONGEST_LABEL, Button
from connectors.telegram.markup import ELLIPSIS, Run
from connectors.telegram.parts import Outgoing
from connectors.telegram.texts import Texts

PAGE = 6
# How far back the list reaches.
SHOWN_DAYS = 365


class Works:
    """The works of one creator at a time, the newest first."""

    def __init__(self, warehouse: Warehouse, zone: ZoneInfo) -> None:
        self._warehouse = warehouse
        self._zone = zone

    def page(self, creator: str, page: int, texts: Texts) -> Outgoing:
        """One page of the list, counted from 0; one past the end is the last."""
        works = self._works(creator)
        if not works:
            return Outgoing.of(texts("works.none"))
        last = (len(works) - 1) // PAGE
        page = min(max(page, 0), last)
        rows = [[Button(_label(work), f"work:{_key(work)}")] for work in works[page * PAGE : (page + 1) * PAGE]]
        turns = [
            *([Button(texts("page.before"), f"works:{page - 1}")] if page else []),
            *([Button(texts("page.after"), f"works:{page + 1}")] if page < last else []),
        ]
        said = texts("works.choose", page=page + 1, pages=last + 1) if last else texts("works.choose_one")
        return Outgoing([Run(said)], (), [*rows, *([turns] if turns else [])])

    def question(self, creator: str, key: str, texts: Texts) -> str | None:
        """What is asked about the creator's own work behind a button; None when there is no such work (any more)."""
        works = self._works(creator)
        work = next((work for work in works if _key(work) == key), None)
        if work is None:
            return None
        day = told_apart(work, works, texts.language)
        if not day:
            return texts("question.work", title=work.title)
        return texts("question.work_of_day", title=work.title, day=day)

    def _works(self, creator: str) -> list[Work]:
        today = datetime.now(self._zone).date()
        return works_between(self._warehouse, creator, today - timedelta(days=SHOWN_DAYS), today)


def shows_work(chart: Chart) -> bool:
    """Whether a chart is the diagnosis of one work."""
    return chart.id.startswith("funnel@")


def _label(work: Work) -> str:
    day = f"{work.published_at:%m-%d} "
    room = LONGEST_LABEL - len(day)
    return day + (work.title if len(work.title) <= room else work.title[: room - 1] + ELLIPSIS)


def _key(work: Work) -> str:
    """Short enough for a button, whatever the platform's own numbers look like."""
    return blake2b(work.work_id.encode(), digest_size=9).hexdigest()
