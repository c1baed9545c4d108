"""The programs on real databases: the invented creators with their numbers, accounts and traits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine

from assistant.creators.accounts import Accounts
from assistant.creators.custom import CustomMetrics
from assistant.creators.demonstration import load_demonstration
from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.database.engine import open_database
from assistant.programs.jobs import Jobs
from assistant.programs.notifier import Told
from assistant.programs.service import Programs
from assistant.programs.traits import TraitsKeeper

TODAY = date(2026, 11, 23)


@dataclass
class Listening:
    """A Notifier that remembers what was told."""

    told: list[Told] = field(default_factory=list)

    def tell(self, connection: Connection, told: Told) -> None:
        self.told.append(told)


@dataclass
class House:
    """Programs with everything they stand on."""

    engine: Engine
    warehouse: Warehouse
    metrics: CustomMetrics
    programs: Programs
    listening: Listening


@pytest.fixture(scope="session")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the invented creators' warehouse and accounts, to be copied."""
    folder = tmp_path_factory.mktemp("programs")
    warehouse, engine = open_warehouse("", folder), open_database(f"sqlite:///{folder}/heliotrope.db")
    load_demonstration(Accounts(engine), warehouse, TODAY)
    TraitsKeeper(engine, warehouse, lambda: TODAY).refresh()
    warehouse.close()
    engine.dispose()
    return folder


@pytest.fixture
def house(numbers: Path, tmp_path: Path) -> Iterator[House]:
    """A copy of it all, with no program yet."""
    for name in ("warehouse.duckdb", "heliotrope.db"):
        (tmp_path / name).write_bytes((numbers / name).read_bytes())
    warehouse, engine = open_warehouse("", tmp_path), open_database(f"sqlite:///{tmp_path}/heliotrope.db")
    metrics, listening = CustomMetrics(engine), Listening()
    jobs = Jobs("sqlite://", tmp_path, "Asia/Shanghai")
    programs = Programs.over(engine, warehouse, metrics, listening, jobs, ZoneInfo("Asia/Shanghai"))
    yield House(engine, warehouse, metrics, programs, listening)
    warehouse.close()
    engine.dispose()
