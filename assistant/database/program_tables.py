"""The tables of the programs, on the same metadata as `assistant.database.tables`."""

from assistant.database.tables import metadata

__all__ = ["metadata"]
