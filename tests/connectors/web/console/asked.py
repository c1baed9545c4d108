"""Questions that somebody asked, as they stand in SQL, for pages that tell of them."""

import uuid
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import insert

from assistant.database.learning_tables import feedback, gap_questions
from assistant.database.tables import threads, turns
from assistant.turns import Use, count_uses
from tests.connectors.web.scripted import ANSWER, ScriptedServices

SECRET_OWNER = "creator:nobody-may-see-me"


def asked(
    services: ScriptedServices,
    question: str,
    answer: str = ANSWER,
    *,
    at: datetime | None = None,
    reason: str = "",
    verdict: Literal["up", "down"] | None = None,
    comment: str = "",
    **fields: Any,
) -> str:
    """Write down an answered question that cites the served document; its id. With a `reason` it waits to become a
    gap."""
    answer_id, thread = uuid.uuid4().hex, uuid.uuid4().hex
    moment = at or datetime.now(UTC).replace(tzinfo=None)
    passage = services.library.shelf.passages[0]
    seen = {
        "n": 1,
        "passage": passage.text_hash,
        "id": passage.id,
        "document": passage.slug,
        "revision": passage.revision,
        "heading": passage.heading,
        "score": 1.5,
        "dense": 0.91,
        "asked": 0.2,
        "lexical": 0.4,
        "exact": 0.0,
    }
    turn = {
        "id": answer_id,
        "thread_id": thread,
        "asked_at": moment,
        "as_of": moment.date().isoformat(),
        "today": moment.date().isoformat(),
        "question": question,
        "answer": answer,
        "reply": {"figures": []},
        "release": services.library.release,
        "passages": [seen],
        "model": "extractive",
        "grounded": True,
        "refused": bool(reason),
        "intent": "guidance",
        "timings_ms": {"search": 12.4, "total": 30.0, "model_failed": 1.0},
        **fields,
    }
    kept = {"id": thread, "owner": SECRET_OWNER, "channel": "web", "created_at": moment}
    with services.engine.begin() as connection:
        connection.execute(insert(threads).values(kept))
        connection.execute(insert(turns).values(turn))
        if reason:
            connection.execute(insert(gap_questions).values(turn_id=answer_id, reason=reason))
        if verdict:
            given = {"turn_id": answer_id, "verdict": verdict, "comment": comment, "at": moment}
            connection.execute(insert(feedback).values(given))
    return answer_id


def used(services: ScriptedServices, day: date, cited: int = 0, down: int = 0) -> None:
    """Count uses of the served passage on a day."""
    passage = services.library.shelf.passages[0]
    use = Use(day.isoformat(), passage.slug, passage.revision, passage.text_hash)
    with services.engine.begin() as connection:
        count_uses(connection, "cited", {use: cited})
        count_uses(connection, "down", {use: down})
