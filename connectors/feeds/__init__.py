"""Metric files of platforms, read into the warehouse."""

from connectors.feeds.importing import import_file
from connectors.feeds.intake import ImportReport

__all__ = ["ImportReport", "import_file"]
