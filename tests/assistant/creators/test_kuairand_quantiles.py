"""The quantiles that were published of KuaiRand's 7,583 works, computed again through the catalogue's metrics."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.formulas import Ratio
from assistant.creators.steps import bucket
from assistant.creators.warehouse import Row, Warehouse, open_warehouse
from assistant.creators.works import Work
from connectors.feeds import import_file

SHARED = Path(__file__).parents[4] / "shared" / "data" / "kuairand_item_features.parquet"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Row]]:
    if not SHARED.is_file():
        pytest.skip("../shared/data is not there")
    warehouse = open_warehouse("", tmp_path_factory.mktemp("kuairand"))
    import_file(warehouse, SHARED)
    yield _lifetimes(warehouse)
    warehouse.close()


def _lifetimes(warehouse: Warehouse) -> list[Row]:
    return warehouse.rows(warehouse.lifetimes.filter(warehouse.lifetimes.play > 0))


def _values(rows: list[Row], slug: str) -> list[float]:
    formula = CATALOGUE[slug].formula
    assert isinstance(formula, Ratio)
    return sorted(value for row in rows if (value := formula.value(row)) is not None)


def _quantile(values: list[float], share: float) -> float:
    """Linear between the two values around it, as numpy's and DuckDB's quantile_cont."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


@pytest.mark.parametrize(
    ("slug", "share", "published", "digits"),
    [
        ("completion_rate", 0.10, 0.044, 3),
        ("completion_rate", 0.25, 0.094, 3),
        ("completion_rate", 0.50, 0.173, 3),
        ("completion_rate", 0.75, 0.274, 3),
        ("completion_rate", 0.90, 0.387, 3),
        ("short_play_rate_3s", 0.10, 0.194, 3),
        ("short_play_rate_3s", 0.50, 0.295, 3),
        ("short_play_rate_3s", 0.90, 0.472, 3),
        ("valid_play_rate_7s", 0.10, 0.327, 3),
        ("valid_play_rate_7s", 0.50, 0.555, 3),
        ("valid_play_rate_7s", 0.90, 0.697, 3),
        ("long_play_rate_18s", 0.10, 0.186, 3),
        ("long_play_rate_18s", 0.50, 0.425, 3),
        ("long_play_rate_18s", 0.90, 0.590, 3),
        ("average_watch_seconds", 0.10, 9.2, 1),
        ("average_watch_seconds", 0.50, 29.8, 1),
        ("average_watch_seconds", 0.90, 69.6, 1),
        ("like_rate", 0.10, 0.0076, 4),
        ("like_rate", 0.50, 0.022, 3),
        ("like_rate", 0.90, 0.068, 3),
        ("comment_rate", 0.50, 0.001, 3),
        ("comment_rate", 0.90, 0.0042, 4),
        ("share_rate", 0.50, 0.00025, 5),
        ("share_rate", 0.90, 0.0019, 4),
        ("favourite_rate", 0.10, 0.0009, 4),
        ("favourite_rate", 0.50, 0.0023, 4),
        ("favourite_rate", 0.90, 0.0094, 4),
        ("follow_rate", 0.10, 0.0004, 4),
        ("follow_rate", 0.50, 0.0014, 4),
        ("follow_rate", 0.90, 0.0052, 4),
        ("engagement_rate", 0.10, 0.0097, 4),
        ("engagement_rate", 0.25, 0.0157, 4),
        ("engagement_rate", 0.50, 0.0277, 4),
        ("engagement_rate", 0.75, 0.049, 3),
        ("engagement_rate", 0.90, 0.0816, 4),
        ("ctr", 0.10, 0.314, 3),
        ("ctr", 0.50, 0.638, 3),
        ("ctr", 0.90, 0.945, 3),
    ],
)
def test_the_published_quantile_is_met(rows: list[Row], slug: str, share: float, published: float, digits: int) -> None:
    assert round(_quantile(_values(rows, slug), share), digits) == published


def test_completion_falls_with_length_as_published(rows: list[Row]) -> None:
    by_length: dict[int | None, list[Row]] = {}
    for row in rows:
        length = bucket(
            Work(row["work_id"], "", row["published_at"], row["duration_seconds"], row["source"], None, {})
        )
        by_length.setdefault(length, []).append(row)
    medians = [_quantile(_values(by_length[length], "completion_rate"), 0.5) for length in range(6)]
    assert [round(median, 2) for median in medians] == [0.40, 0.30, 0.25, 0.22, 0.16, 0.09]
