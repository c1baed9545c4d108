"""Metric files of platforms, read into the warehouse."""

from connectors.feeds.importing import Request, UnknownColumns, import_file
from connectors.feeds.intake import ImportReport

__all__ = ["ImportReport", "Request", "UnknownColumns", "import_file"]
