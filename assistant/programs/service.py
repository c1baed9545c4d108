"""Incentive tasks, rewards, Star and the checklists, put together."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Engine

from assistant.creators.custom import CustomMetrics
from assistant.creators.warehouse import Warehouse
from assistant.programs.criteria import Reader
from assistant.programs.ground import Ground
from assistant.programs.jobs import Jobs
from assistant.programs.ledger import Ledger
from assistant.programs.matching import Matcher
from assistant.programs.notifier import Notifier
from assistant.programs.payouts import Payouts
from assistant.programs.register import Register
from assistant.programs.settling import Settled, Settling
from assistant.programs.simulation import Simulator
from assistant.programs.star import Star
from assistant.programs.tasks import Tasks

STARTER = Path(__file__).with_name("starter")
AUTHOR = "heliotrope"
CHECKLISTS = ("ecommerce-readiness", "brand-readiness")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Programs:
    """What connectors and tools call, by what it does. Everybody who takes part is settled every ten minutes by a
    server, and whoever's numbers come in at once (see `programs.arrivals`)."""

    register: Register
    matcher: Matcher
    tasks: Tasks
    settling: Settling
    ledger: Ledger
    payouts: Payouts
    simulator: Simulator
    reader: Reader
    star: Star
    _zone: ZoneInfo

    @classmethod
    def over(
        cls,
        engine: Engine,
        warehouse: Warehouse,
        metrics: CustomMetrics,
        notifier: Notifier,
        jobs: Jobs,
        zone: ZoneInfo,
        payer_url: str = "",
        payer_secret: str = "",
    ) -> Self:
        """Them all on one database and warehouse."""
        register = Register(engine, metrics)
        matcher = Matcher(engine, warehouse, metrics, register)
        ledger = Ledger(engine, notifier)
        reader = Reader(warehouse, metrics)
        ground = Ground(engine, warehouse, register, matcher, ledger, notifier)
        made = cls(
            register=register,
            matcher=matcher,
            tasks=Tasks(ground),
            settling=Settling(ground),
            ledger=ledger,
            payouts=Payouts(engine, ledger, payer_url, payer_secret),
            simulator=Simulator(engine, warehouse, metrics),
            reader=reader,
            star=Star(engine, register, reader, notifier),
            _zone=zone,
        )
        jobs.every("settle", "*/10 * * * *", made.settle)
        jobs.every("pay", "* * * * *", made.payouts.deliver_due)
        return made

    def today(self) -> date:
        """The day it is in the house's time zone."""
        return datetime.now(self._zone).date()

    def settle(self, creators: Collection[str] | None = None) -> Settled:
        """Settle everybody who takes part, or these creators, as of today."""
        settled = self.settling.settle(self.today(), creators)
        if settled.steps or settled.missed:
            log.info("Tasks were settled: %s", settled)
        return settled

    def fill(self) -> None:
        """Publish the demonstration programs of the starter set whose names are free."""
        for path in sorted(STARTER.glob("*.yaml")):
            kept = yaml.safe_load(path.read_text("utf-8"))
            kind = kept.pop("kind")
            if not any(one.slug == path.stem for one in self.register.all(kind)):
                self.register.save(path.stem, kind, self._dated(kept) if kind == "task" else kept, AUTHOR)
                self.register.publish(path.stem, AUTHOR)

    def _dated(self, kept: dict[str, object]) -> dict[str, object]:
        """A demonstration is open around the day on which it is set up, whenever that is."""
        today = self.today()
        days = {"opens": date(today.year, 1, 1), "closes": date(today.year + 1, 12, 31)}
        return kept | {name: day.isoformat() for name, day in days.items()}
