"""What taking part in tasks stands on."""

from dataclasses import dataclass

from sqlalchemy import Engine

from assistant.creators.warehouse import Warehouse
from assistant.programs.ledger import Ledger
from assistant.programs.matching import Matcher
from assistant.programs.notifier import Notifier
from assistant.programs.register import Register


@dataclass(frozen=True)
class Ground:
    """The services that joining (`tasks`) and being held against the numbers (`settling`) share."""

    engine: Engine
    warehouse: Warehouse
    register: Register
    matcher: Matcher
    ledger: Ledger
    notifier: Notifier
