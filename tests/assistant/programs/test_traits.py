"""Everybody's tier and stage at once are those that one creator's own page tells."""

from sqlalchemy import select

from assistant.bootstrap import Services
from assistant.creators.growth import trajectory
from assistant.database.program_tables import creator_traits


def test_the_set_says_of_everybody_what_is_said_of_one(starter: Services):
    with starter.engine.connect() as connection:
        kept = {row.creator_id: row for row in connection.execute(select(creator_traits))}
    assert len(kept) == 12
    for creator, row in kept.items():
        growth = trajectory(starter.warehouse, creator, row.derived_on)
        assert (row.tier, row.stage, row.followers) == (growth.tier, growth.stage and growth.stage.zh, growth.followers)
