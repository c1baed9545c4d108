"""The watched folder of a running server: every few seconds what has come to rest there is imported."""

import logging
import threading
from pathlib import Path

from sqlalchemy import Engine

from assistant.creators.warehouse import Warehouse
from assistant.errors import Problem
from connectors.feeds.folder import Outcome, sweep
from connectors.feeds.remembered import ColumnMappings

PAUSE_SECONDS = 10.0
log = logging.getLogger(__name__)


class FolderWatch:
    """Sweeps one folder in a thread of its own until it is stopped. A folder that is not there, or a disk that fails,
    is logged and looked for again; files that cannot be read go to `failed` with the reason beside them."""

    def __init__(
        self, folder: Path, warehouse: Warehouse, engine: Engine, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self._folder = folder
        self._warehouse = warehouse
        self._mappings = ColumnMappings(engine)
        self._pause_seconds = pause_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watched folder", daemon=True)
        self._was_there = True

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the file that is being imported."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._sweep()
            self._stopping.wait(self._pause_seconds)

    def _sweep(self) -> None:
        try:
            outcomes = sweep(self._folder, self._warehouse, self._mappings, stopping=self._stopping.is_set)
            self._was_there = True
        except Problem as problem:
            if self._was_there:  # said once, not every ten seconds
                log.warning("The watched folder cannot be read: %s", problem)
            self._was_there = False
        except Exception:  # a broken disk must not end the watch
            log.exception("The watched folder could not be swept")
        else:
            for outcome in outcomes:
                _report(outcome)


def _report(outcome: Outcome) -> None:
    if outcome.imported:
        log.info("%s: %s new, %s changed", outcome.file, outcome.report.get("new"), outcome.report.get("changed"))
    else:
        log.warning("%s was not imported: %s", outcome.file, outcome.report.get("problem"))
