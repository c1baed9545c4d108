"""Which creators exist: those with an account, and those that only their numbers speak of."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.bootstrap import Services


def known_creator(services: "Services", creator_id: str) -> None:
    """Raises NotFound when there is neither an account nor any number of this creator."""
    if services.accounts.find(creator_id) or _has_numbers(services, creator_id):
        return
    services.accounts.get(creator_id)


def _has_numbers(services: "Services", creator_id: str) -> bool:
    warehouse = services.warehouse
    return any(
        warehouse.rows(table.filter(table.creator_id == creator_id).select("creator_id").limit(1))
        for table in (warehouse.works, warehouse.work_numbers, warehouse.creator_days)
    )
