"""All tables of the assistant: whoever imports `metadata` from here finds every one of them on it."""

from assistant.database import (
    case_tables,
    learning_tables,
    notice_tables,
    number_tables,
    program_tables,
    site_tables,
    telegram_tables,
)
from assistant.database.tables import metadata

__all__ = [
    "case_tables",
    "learning_tables",
    "metadata",
    "notice_tables",
    "number_tables",
    "program_tables",
    "site_tables",
    "telegram_tables",
]
