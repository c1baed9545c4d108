"""Small rows for the tests of this folder."""

from datetime import date, datetime, timedelta
from typing import Any

FIRST = date(2026, 3, 1)


def work(work_id: str = "w1", published: datetime = datetime(2026, 3, 1, 12), **more: Any) -> dict[str, Any]:
    return {"creator_id": "ann", "work_id": work_id, "title": work_id, "published_at": published, **more}


def number(day: date | None = FIRST, work_id: str = "w1", **more: Any) -> dict[str, Any]:
    return {"creator_id": "ann", "work_id": work_id, "day": day, "source": "test", "definition": "heliotrope", **more}


def creator_day(shift: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "creator_id": "ann",
        "day": FIRST + timedelta(days=shift),
        "source": "test",
        "definition": "heliotrope",
        **more,
    }
