"""Taking up the questions that wait: each is put into the gap it belongs to."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection, Engine, func, select, update

from assistant.database.engine import reading
from assistant.database.learning_tables import gap_questions, gaps
from assistant.database.tables import turns
from assistant.learning.gaps import ITSELF, Example, Gaps, Reason, add_example, found_gap, open_again
from assistant.learning.grouping import Group, Grouping
from knowledge.library import Library

BATCH = 200  # questions that are placed before they are written, in one short transaction


@dataclass(frozen=True)
class _Waiting:
    turn: str
    question: str
    reason: Reason
    release: int | None
    asked_at: datetime


@dataclass(frozen=True)
class _Placed:
    waiting: _Waiting
    group: Group
    is_example: bool


class Intake:
    """Groups waiting questions. They wait in SQL, written with their turn, so none is lost or counted twice.

    One question costs about a millisecond while its vector is still at hand, and an embedding when it is not: call it
    every minute under load, otherwise when somebody looks.
    """

    def __init__(self, engine: Engine, library: Library, gaps: Gaps) -> None:
        self._engine = engine
        self._library = library
        self._gaps = gaps
        self._running = threading.Lock()

    def refresh(self, seconds: float = 2.0) -> int:
        """Put waiting questions into gaps, oldest first, for about `seconds`; returns how many still wait."""
        with self._running:
            waiting = self._waiting()
            grouping = self._known() if waiting else None
            until = time.monotonic() + seconds
            while grouping and waiting and time.monotonic() < until:
                placed = []
                for one in waiting:
                    placed.append(_Placed(one, *grouping.place(one.question, self._library.shelf.query_vector)))
                    if time.monotonic() >= until:
                        break
                self._write(placed)
                waiting = self._waiting()
        with reading(self._engine).begin() as connection:
            query = select(func.count()).select_from(gap_questions).where(gap_questions.c.gap_id.is_(None))
            return connection.scalar(query) or 0

    def _waiting(self) -> list[_Waiting]:
        query = (
            select(turns.c.id, turns.c.question, gap_questions.c.reason, turns.c.release, turns.c.asked_at)
            .join_from(gap_questions, turns)
            .where(gap_questions.c.gap_id.is_(None))
            .order_by(turns.c.asked_at)
            .limit(BATCH)
        )
        with reading(self._engine).begin() as connection:
            return [_Waiting(*row) for row in connection.execute(query)]

    def _known(self) -> Grouping:
        with reading(self._engine).begin() as connection:
            kept = connection.execute(select(gaps.c.id, gaps.c.examples)).all()
        texts = {row.id: [example["text"] for example in row.examples] for row in kept}
        vectors = self._library.query_vectors(list(chain.from_iterable(texts.values())))
        grouping = Grouping(self._library.shelf.term_weight)
        start = 0
        for key, some in texts.items():
            grouping.know(key, some, vectors[start : start + len(some)])
            start += len(some)
        return grouping

    def _write(self, placed: Sequence[_Placed]) -> None:
        """Keep where questions were put, leaving out those that another process placed or whose thumb was taken back
        meanwhile."""
        with self._engine.begin() as connection:
            turns_placed = [one.waiting.turn for one in placed]
            still = gap_questions.c.turn_id.in_(turns_placed) & gap_questions.c.gap_id.is_(None)
            free = set(connection.scalars(select(gap_questions.c.turn_id).where(still).with_for_update()))
            latest: dict[int, _Waiting] = {}
            for one in placed:
                if one.waiting.turn in free:
                    latest[_kept_in(connection, one)] = one.waiting
            for gap_id, last in latest.items():
                connection.execute(update(gaps).where(gaps.c.id == gap_id).values(last_asked_at=last.asked_at))
                gap = self._gaps.within(connection, gap_id)
                # It was closed too early when that release, or a later one, left the question unanswered.
                if gap.state == "closed" and (last.release or 0) >= (gap.closed_by or 0):
                    open_again(connection, gap, ITSELF, f"asked again on release {last.release}")


def _kept_in(connection: Connection, one: _Placed) -> int:
    """Write down where a question was put; the id of the gap, which is founded when it is new."""
    waiting, group = one.waiting, one.group
    example = Example(waiting.question, waiting.turn, waiting.reason)
    if group.key is None:
        group.key = found_gap(connection, example, waiting.asked_at, waiting.release)
    if one.is_example:
        add_example(connection, group.key, example)
    mine = gap_questions.c.turn_id == waiting.turn
    connection.execute(update(gap_questions).where(mine).values(gap_id=group.key))
    return group.key
