"""What whoever asked thought of an answer: one verdict an answer, which they may change or take back."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, delete, insert, select

from assistant.database.learning_tables import feedback, gap_questions
from assistant.database.tables import threads, turns
from assistant.errors import NotFound
from assistant.identity import Caller
from assistant.turns import FOR_KNOWLEDGE, Use, count_uses
from knowledge.folding import clean

Verdict = Literal["up", "down"]
LONGEST_COMMENT = 1000  # characters


class Feedback:
    """Keeps verdicts. Invariant: a passage's `down` is the number of answers citing it that are thumbed down now."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def give(self, caller: Caller, answer_id: str, verdict: Verdict | None, comment: str = "") -> None:
        """Set the verdict on one of the caller's own answers, or take it back with None; the comment goes with it.

        Raises NotFound for an answer in somebody else's thread, as for one that does not exist.
        """
        with self._engine.begin() as connection:
            turn = _own_turn(connection, caller, answer_id)
            removed = connection.execute(delete(feedback).where(feedback.c.turn_id == answer_id)).rowcount
            if verdict is not None:
                at = datetime.now(UTC).replace(tzinfo=None)
                kept = {"turn_id": answer_id, "verdict": verdict, "comment": clean(comment).strip(), "at": at}
                connection.execute(insert(feedback).values(kept))
            was_down, is_down = bool(removed) and turn.verdict == "down", verdict == "down"
            if is_down != was_down and turn.channel != "test":
                _count(connection, turn, 1 if is_down else -1)
                _open_or_withdraw(connection, turn, is_down)


def _own_turn(connection: Connection, caller: Caller, answer_id: str) -> Row[Any]:
    columns = (turns.c.id, turns.c.today, turns.c.intent, turns.c.passages, threads.c.owner, threads.c.channel)
    query = select(*columns, feedback.c.verdict).join_from(turns, threads).outerjoin(feedback)
    # Two clicks at once are taken one after the other, also where transactions do not exclude each other.
    row: Any = connection.execute(query.where(turns.c.id == answer_id).with_for_update(of=turns)).first()
    if row is None or row.owner != caller.owner:
        raise NotFound("There is no such answer of yours.")
    return row


def _count(connection: Connection, turn: Row[Any], step: int) -> None:
    """Add to the cited passages on the day of the turn, so that a verdict taken back leaves nothing behind."""
    cited = [seen for seen in turn.passages if seen["n"] is not None]
    uses = {Use(turn.today, seen["document"], seen["revision"], seen["passage"]): step for seen in cited}
    count_uses(connection, "down", uses)


def _open_or_withdraw(connection: Connection, turn: Row[Any], is_down: bool) -> None:
    """A thumb down on what the knowledge is there to answer waits to be grouped; one taken back leaves its gap."""
    mine = gap_questions.c.turn_id == turn.id
    if not is_down:
        connection.execute(delete(gap_questions).where(mine, gap_questions.c.reason == "down"))
    elif turn.intent in FOR_KNOWLEDGE and not connection.scalar(select(gap_questions.c.turn_id).where(mine)):
        connection.execute(insert(gap_questions).values(turn_id=turn.id, reason="down"))
