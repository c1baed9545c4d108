"""Heliotrope's own layout: the warehouse's columns, for whoever can write a file of their own.

A row with `work_id` is about a work (without `day` its totals since publication), any other about the creator's day.
Rates are fractions, or carry a percent sign.
"""

from assistant.creators.layout import FOLLOWERS, NUMBERS, OWN_DEFINITION, RATES
from connectors.feeds.columns import DESCRIPTION, PLACES, Column, Preset, usual_reading

ROWS = Preset(
    name="heliotrope",
    definition=OWN_DEFINITION,
    needs=(("day", "work_id"), (*NUMBERS, *FOLLOWERS)),
    names_creators=True,
    columns=tuple(
        Column(name, (name,), "fraction" if name in RATES else usual_reading(name))
        for name in (*PLACES, *DESCRIPTION, *NUMBERS, *FOLLOWERS)
    ),
)
