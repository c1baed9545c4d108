"""What goes on by itself: rounds at given times, and long jobs that survive a kill. Run by DBOS, which keeps how far
they have come in SQL.

A job is a step that is made again and again until it says that nothing is left; each step is noted when it is done, and
after a kill the job goes on with the step that was not. That step may then run a second time: steps must bear it.
Here they do, for what they change stands under keys in our own tables.
"""

import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from assistant.errors import Unavailable
from assistant.programs.timetable import Due, Timetable

log = logging.getLogger(__name__)
QUEUE, ROUNDS = "heliotrope", "heliotrope-rounds"
AT_ONCE, ROUNDS_AT_ONCE = 2, 4  # jobs and rounds that one process works on side by side
TICK_SECONDS = 1.0  # how often it is looked whether a round is due
# Work that an older version began is finished by the newer one: steps are named, and their effects stand under keys.
VERSION = "1"
KEPT_DAYS = 2  # for which finished work can be looked up
Round = Callable[[], object]
Step = Callable[[str], bool]


@dataclass(frozen=True)
class _Scheduled:
    cron: str
    work: Round


class Jobs:
    """Rounds and jobs of one process. Declare them, then `start`; only a server does, commands leave what they begin
    to it.

    The jobs of several processes on one database are shared: each runs in one of them at a time, or after its death in
    another.
    """

    def __init__(self, sql_url: str, home: Path, timezone: str) -> None:
        # SQLite has one writer a file: progress is kept beside the truth, so that neither waits for the other.
        self._url = f"sqlite:///{home / 'jobs.db'}" if sql_url.startswith("sqlite") else sql_url
        self._zone = ZoneInfo(timezone)
        self._rounds: dict[str, _Scheduled] = {"tidy": _Scheduled("17 4 * * *", self._tidy)}
        self._steps: dict[str, Step] = {}
        self._dbos: Any = None
        self._run_job: Any = None
        self._run_round: Any = None
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None
        self._beginning = ThreadPoolExecutor(1, "jobs")

    @property
    def is_running(self) -> bool:
        """Whether this process works on jobs."""
        return self._dbos is not None

    def every(self, name: str, cron: str, work: Round) -> None:
        """Declare a round: `work()` at the times of `cron` in the house's time zone, once for all processes."""
        self._rounds[name] = _Scheduled(cron, work)

    def job(self, name: str, step: Step) -> None:
        """Declare a job: `step(subject)` again and again while it returns True."""
        self._steps[name] = step

    def start(self) -> None:
        """Take up what an earlier process left and begin the rounds. Imports DBOS, which takes a second or two."""
        with self._starting:
            if self._dbos is None:
                try:
                    self._launch()
                except BaseException:
                    if self._dbos is not None:
                        with suppress(Exception):  # what was begun of it stands in the way of the next start
                            self._dbos.destroy(destroy_registry=True)
                    self._dbos = None
                    raise

    def stop(self) -> None:
        """Begin nothing more; a step under way is finished or made again by the next process."""
        with self._starting:
            if self._dbos is not None:
                self._stopping.set()
                if self._keeper is not None:
                    self._keeper.join(TICK_SECONDS)
                self._dbos.destroy(destroy_registry=True)
                self._dbos = None

    def begin(self, name: str, subject: str = "") -> bool:
        """Put a job in the queue unless the same one is there already. False where no server runs: whoever declared the
        job looks for what is left in a round."""
        if self._dbos is None:
            return False
        # In a thread of its own: DBOS lets no step, which may well be where this is called, put anything in a queue.
        self._beginning.submit(self._put_in_queue, name, subject)
        return True

    def _put_in_queue(self, name: str, subject: str) -> None:
        from dbos import SetEnqueueOptions

        try:
            with SetEnqueueOptions(deduplication_id=f"{name}:{subject}", duplication_policy="return-existing"):
                self._dbos.enqueue_workflow(QUEUE, self._run_job, name, subject)
        except Exception:
            log.exception("The job %s was not begun; a round begins it later", name)

    def _launch(self) -> None:
        from dbos import DBOS

        logging.getLogger("dbos").setLevel(logging.WARNING)
        DBOS(
            config={
                "name": "heliotrope",
                "system_database_url": self._url,
                "application_version": VERSION,
                "executor_id": socket.gethostname(),
                "log_level": "WARNING",
                "max_executor_threads": 8,
                "sys_db_pool_size": 5,
            }
        )

        # DBOS wants plain functions, and so that what it calls again after a kill has one name, there are two of them.
        @DBOS.workflow(name="round")
        def run_round(_at: datetime, name: str) -> None:
            self._round(name)

        @DBOS.workflow(name="job")
        def run_job(name: str, subject: str) -> None:
            self._job(name, subject)

        # Before the launch, which takes up what was left.
        self._dbos, self._run_job, self._run_round = DBOS, run_job, run_round
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, on_conflict="always_update")
        DBOS.register_queue(ROUNDS, worker_concurrency=ROUNDS_AT_ONCE, on_conflict="always_update")
        for left in DBOS.list_schedules():  # of a version that let DBOS keep the time
            DBOS.delete_schedule(left["schedule_name"])
        self._stopping.clear()
        self._keeper = threading.Thread(target=self._keep_time, name="rounds", daemon=True)
        self._keeper.start()

    def _keep_time(self) -> None:
        """Begin rounds when they are due, until the end."""
        crons = {name: scheduled.cron for name, scheduled in self._rounds.items()}
        timetable, is_well = Timetable(crons, datetime.now(self._zone)), True
        while not self._stopping.wait(TICK_SECONDS):
            for due in timetable.due(datetime.now(self._zone)):
                try:
                    self._put_round_in_queue(due)
                    timetable.begun(due)
                    is_well = True
                except Exception as error:
                    if is_well:
                        log.warning("Rounds cannot be begun and are tried again every second: %s", _plainly(error))
                    is_well = False

    def _put_round_in_queue(self, due: Due) -> None:
        from dbos import SetWorkflowID

        with SetWorkflowID(due.name_of_run):
            self._dbos.enqueue_workflow(ROUNDS, self._run_round, due.at, due.name)

    def _round(self, name: str) -> None:
        scheduled = self._rounds.get(name)
        if scheduled is None:  # an older version's
            return
        self._dbos.run_step({"name": name}, _borne(name, scheduled.work))

    def _job(self, name: str, subject: str) -> None:
        step = self._steps.get(name)
        while step is not None and self._dbos.run_step({"name": name}, step, subject):
            pass

    def _tidy(self) -> None:
        """Forget work that was finished some days ago."""
        before = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).isoformat()
        while True:
            finished = self._dbos.list_workflows(
                completed_before=before, limit=500, load_input=False, load_output=False
            )
            if not finished:
                return
            self._dbos.delete_workflows([one.workflow_id for one in finished])


def _borne(name: str, work: Round) -> Callable[[], None]:
    """A round that fails is made at its next time; the log tells it once."""

    def run() -> None:
        try:
            work()
        except Unavailable as problem:
            log.warning("The round %s did nothing and comes again: %s", name, problem)
        except Exception:
            log.exception("The round %s failed and comes again", name)

    return run


def _plainly(error: Exception) -> str:
    """The first line of what a database said, without the statement that SQLAlchemy puts beneath it."""
    return (str(error).splitlines() or [type(error).__name__])[0]
