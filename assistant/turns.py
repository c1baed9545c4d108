"""Writing a turn down: the answer with what it was made from, the passages it used, and whether it leaves a gap.

Invariant: whoever can read a turn's answer finds its uses counted and its gap waiting; the three are one transaction.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from assistant.agent.actions import offer
from assistant.agent.answers import Reply
from assistant.agent.evidence import Turn
from assistant.creators.charts.chart import Chart
from assistant.database.engine import upsert
from assistant.database.learning_tables import gap_questions, passage_uses
from assistant.database.notice_tables import told_passages
from assistant.database.tables import threads, turns
from assistant.errors import NotFound
from assistant.identity import Caller
from knowledge.documents import Passage
from knowledge.index.ranking import Hit

# Kinds of question that the knowledge is there to answer; one's own numbers and courtesies are not among them.
FOR_KNOWLEDGE = frozenset({"guidance", "ideas", "templates"})
Column = Literal["cited", "asked", "down"]
UNSURE = "unsure"  # the intent kept for a question that was declined out of doubt (see `Reading.is_unsure`)
_NOTHING = {"cited": 0, "asked": 0, "down": 0}


@dataclass(frozen=True, order=True)
class Use:
    """A passage's key in `passage_uses`: the day of the turn (YYYY-MM-DD) and which text it was."""

    day: str
    document: str
    revision: int
    passage: str


def write_turn(
    connection: Connection, caller: Caller, question: str, reply: Reply, turn: Turn | None, day: date, today: date
) -> None:
    """Keep an answered question; its thread too when this is its first. `turn` is None for a text that could not be a
    question; `day` is the one that was answered for.

    Questions of the channel `test` (evaluations) count as nobody's: they use no passage and leave no gap.
    """
    intent = _intent(turn)
    begun = {"id": reply.thread, "owner": caller.owner, "channel": caller.channel, "created_at": _now()}
    connection.execute(upsert(connection, threads).on_conflict_do_nothing(), begun)
    if connection.scalar(select(threads.c.owner).where(threads.c.id == reply.thread)) != caller.owner:
        raise NotFound("There is no such conversation.")  # two callers gave a new thread the same name
    kept = {
        "id": reply.answer_id,
        "thread_id": reply.thread,
        "asked_at": _now(),
        "as_of": day.isoformat(),
        "today": today.isoformat(),
        "question": question,
        "answer": reply.text,
        "reply": reply.as_dict(),
        "release": reply.release,
        "passages": _seen_passages(reply, turn),
        "model": reply.model,
        "grounded": reply.grounded,
        "refused": reply.refused,
        "intent": intent,
        "timings_ms": reply.timings_ms,
        "charts": [chart.spec for chart in reply.charts] or None,
        "usage": reply.usage or None,
    }
    connection.execute(insert(turns), kept)
    offer(connection, caller.owner, reply.answer_id, reply.lang, reply.actions)
    if caller.channel == "test":
        return
    count_uses(connection, "cited", Counter(_use(today, one.passage) for one in reply.citations))
    if caller.creator is not None:
        _keep_told(connection, caller.creator, reply)
    if turn is not None and intent in FOR_KNOWLEDGE and turn.found.hits:
        count_uses(connection, "asked", {_use(today, turn.found.hits[0].passage): 1})
    if reply.refused and (intent in FOR_KNOWLEDGE or intent == UNSURE):
        reason = "unpublished" if any(one.passage.unpublished for one in reply.citations) else "unanswered"
        connection.execute(insert(gap_questions), {"turn_id": reply.answer_id, "reason": reason})


def _keep_told(connection: Connection, creator: str, reply: Reply) -> None:
    """Which passages this creator has been answered from: they hear when one of them changes (see
    `assistant.programs.changed_texts`)."""
    now = _now()
    rows = {
        (one.passage.slug, one.passage.revision, one.passage.text_hash): {
            "document": one.passage.slug,
            "revision": one.passage.revision,
            "passage": one.passage.text_hash,
            "creator_id": creator,
            "turn_id": reply.answer_id,
            "told_at": now,
        }
        for one in reply.citations
    }
    if rows:
        keeping = upsert(connection, told_passages)
        last = {name: keeping.excluded[name] for name in ("turn_id", "told_at")}
        keeping = keeping.on_conflict_do_update(index_elements=told_passages.primary_key, set_=last)
        connection.execute(keeping, [rows[one] for one in sorted(rows)])


def read_chart(connection: Connection, caller: Caller, answer: str, number: int) -> Chart:
    """A chart of an answer in one of the caller's own threads, counted from 1. Raises NotFound for any other."""
    kept = select(turns.c.reply, turns.c.charts).join(threads)
    row = connection.execute(kept.where(turns.c.id == answer, threads.c.owner == caller.owner)).one_or_none()
    if row is None or not 1 <= number <= len(row.charts or ()):
        raise NotFound("There is no such chart.")
    return Chart.of(row.reply["charts"][number - 1], row.charts[number - 1])


def count_uses(connection: Connection, column: Column, uses: Mapping[Use, int]) -> None:
    """Add to one column of the sums. In the order of their keys, so that two transactions never wait for each
    other."""
    rows = [{**vars(use), **_NOTHING, column: uses[use]} for use in sorted(uses)]
    if rows:
        connection.execute(_adding(connection, column), rows)


def _adding(connection: Connection, column: Column) -> Any:
    statement = upsert(connection, passage_uses)
    added = {column: passage_uses.c[column] + statement.excluded[column]}
    return statement.on_conflict_do_update(index_elements=passage_uses.primary_key, set_=added)


def _intent(turn: Turn | None) -> str:
    if turn is None:
        return ""
    return UNSURE if turn.reading.is_unsure else turn.reading.intent


def _use(today: date, passage: Passage) -> Use:
    return Use(today.isoformat(), passage.slug, passage.revision, passage.text_hash)


def _seen_passages(reply: Reply, turn: Turn | None) -> list[dict[str, Any]]:
    """What was found, best first, and what was cited beside it."""
    cited = {one.passage.id: one.n for one in reply.citations}
    hits = turn.found.hits if turn else []
    found = {hit.passage.id for hit in hits}
    passages = [_seen(hit.passage, cited.get(hit.passage.id), hit) for hit in hits]
    return passages + [_seen(one.passage, one.n) for one in reply.citations if one.passage.id not in found]


def _seen(passage: Passage, n: int | None, hit: Hit | None = None) -> dict[str, Any]:
    """A passage as an answer keeps it: which text it was, the number it is cited under, and how it was found."""
    names = ("score", "dense", "asked", "lexical", "exact")
    scores = {name: round(getattr(hit, name), 4) for name in names} if hit else {}
    return {
        "n": n,
        "passage": passage.text_hash,
        "id": passage.id,
        "document": passage.slug,
        "revision": passage.revision,
        "heading": passage.heading,
        **scores,
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
