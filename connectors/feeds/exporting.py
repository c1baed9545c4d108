"""A creator's numbers as a file in our own layout, which `metrics import` reads back."""

import csv
from datetime import date, datetime
from pathlib import Path

from assistant.creators.layout import FOLLOWERS, NUMBERS
from assistant.creators.warehouse import Row, Warehouse
from assistant.errors import BadInput, NotFound
from connectors.feeds.cells import for_spreadsheet
from connectors.feeds.columns import DESCRIPTION, PLACES

COLUMNS = (*PLACES, *DESCRIPTION, *NUMBERS, *FOLLOWERS)


def export_file(warehouse: Warehouse, creator_id: str, path: Path, source: str | None = None) -> int:
    """Write every row of one creator and source to `path` as CSV; returns how many.

    No text in it is run as a formula by a program that opens it. Raises NotFound without rows, BadInput when there are
    several sources and none is named: side by side they would count the same plays twice.
    """
    numbers, days = warehouse.work_numbers, warehouse.creator_days
    rows = [
        *warehouse.rows(numbers.filter(numbers.creator_id == creator_id).order_by("source", "work_id", "day")),
        *warehouse.rows(days.filter(days.creator_id == creator_id).order_by("source", "day")),
    ]
    sources = sorted({row["source"] for row in rows})
    if source is None and len(sources) > 1:
        raise BadInput(f"{creator_id} has numbers of {', '.join(sources)}; name one of these sources.")
    rows = [row for row in rows if source in (None, row["source"])]
    if not rows:
        raise NotFound(f"There are no numbers of {creator_id}" + (f" from {source}." if source else "."))
    works = warehouse.works
    described = {row["work_id"]: row for row in warehouse.rows(works.filter(works.creator_id == creator_id))}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            whole = {**described.get(row.get("work_id"), {}), **row}
            writer.writerow(_written(whole, name) for name in COLUMNS)
    return len(rows)


def _written(row: Row, name: str) -> object:
    value = row.get(name)
    if isinstance(value, str):
        return for_spreadsheet(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
