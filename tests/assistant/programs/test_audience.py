"""An audience's rule says the same of one creator as of the whole set in SQL."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, insert

from assistant.database.program_tables import creator_traits
from assistant.database.schema import metadata
from assistant.database.tables import creators
from assistant.errors import BadInput
from assistant.programs.audience import STAGE_NAMES, TIER_NAMES, AudienceRule, Traits, creators_within

TODAY = date(2026, 11, 28)
CATEGORIES, REGIONS = ("美食", "知识", ""), ("成都", "沈阳", "")
KNOWN = [
    Traits(f"c{number:03}", CATEGORIES[number % 3], REGIONS[number % 2], date(2026, 11, 1 + number % 28), tier, stage)
    for number, (tier, stage) in enumerate((tier, stage) for tier in ("", *TIER_NAMES) for stage in ("", *STAGE_NAMES))
]


@pytest.fixture(scope="module")
def database() -> Engine:
    """Thirty-six creators of every tier and stage; of those without a name for either nothing is derived at all."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for one in KNOWN:
            known = {"id": one.creator_id, "category": one.category, "region": one.region}
            joined = datetime.combine(one.joined_on, datetime.min.time()).replace(hour=13)
            connection.execute(
                insert(creators).values(**known, name="", platform="kuaishou", created_at=joined, story="")
            )
            if one.tier or one.stage:
                connection.execute(
                    insert(creator_traits).values(
                        creator_id=one.creator_id, tier=one.tier, stage=one.stage, derived_on=TODAY
                    )
                )
    return engine


RULES = st.builds(
    AudienceRule,
    tiers=st.lists(st.sampled_from(TIER_NAMES), max_size=2, unique=True).map(tuple),
    stages=st.lists(st.sampled_from(STAGE_NAMES), max_size=2, unique=True).map(tuple),
    categories=st.lists(st.sampled_from(("美食", "知识", "没有的")), max_size=2, unique=True).map(tuple),
    regions=st.lists(st.sampled_from(("成都", "没有的")), max_size=1).map(tuple),
    joined_within_days=st.none() | st.integers(1, 40),
)


@given(rule=RULES)
def test_the_set_holds_exactly_those_for_whom_the_rule_holds(database: Engine, rule: AudienceRule):
    with database.connect() as connection:
        found = set(connection.scalars(creators_within(rule, TODAY)))
    assert found == {one.creator_id for one in KNOWN if rule.holds(one, TODAY)}


@given(rule=RULES)
def test_a_rule_is_the_same_after_it_was_kept(rule: AudienceRule):
    again = AudienceRule.of(rule.as_dict())
    assert all(again.holds(one, TODAY) == rule.holds(one, TODAY) for one in KNOWN)


def test_an_empty_rule_is_for_everybody(database: Engine):
    with database.connect() as connection:
        assert len(set(connection.scalars(creators_within(AudienceRule(), TODAY)))) == len(KNOWN)


@pytest.mark.parametrize(
    "kept",
    [
        {"tier": ["万粉"]},
        {"tiers": "万粉"},
        {"tiers": ["亿粉"]},
        {"stages": [1]},
        {"regions": ["长" * 41]},
        {"joined_within_days": -1},
        {"joined_within_days": "7"},
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(kept: dict):
    with pytest.raises(BadInput):
        AudienceRule.of(kept)
