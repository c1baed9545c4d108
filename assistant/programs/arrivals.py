"""What follows as soon as creators' numbers have come in: their tasks are settled and their alerts judged."""

import logging

from assistant.creators.warehouse import Warehouse
from assistant.programs.jobs import Jobs
from assistant.programs.notices.service import DELIVER
from assistant.programs.service import Programs
from assistant.programs.watching import Watching

ARRIVED = "arrived"
MOST = 5_000  # creators that are looked at by name; after a larger import everybody is
log = logging.getLogger(__name__)


class Arrivals:
    """Follows the imports of a warehouse by a job for each. Where no server runs none is begun: the next rounds of
    `programs.settle` and `watching.alert` find the same."""

    def __init__(self, warehouse: Warehouse, programs: Programs, watching: Watching, jobs: Jobs) -> None:
        self._warehouse = warehouse
        self._programs = programs
        self._watching = watching
        self._jobs = jobs
        jobs.job(ARRIVED, self.see_to)
        warehouse.follow(lambda import_id: jobs.begin(ARRIVED, str(import_id)))

    def see_to(self, import_id: str) -> bool:
        """Settle and judge for the creators of an import; nothing is left then. Done twice, it changes nothing."""
        creators = self._warehouse.creators_of(int(import_id))
        some = creators if len(creators) <= MOST else None
        settled = self._programs.settle(some)
        alarms = self._watching.alert(some)
        self._jobs.begin(DELIVER)  # what was settled is told at once, too
        log.info("After import %s of %s creators: %s, %s alarms", import_id, len(creators), settled, alarms)
        return False
