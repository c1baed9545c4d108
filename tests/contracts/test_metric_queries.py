"""The same questions about the same numbers on every store: equal to 1e-9."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.conftest import warehouse_address
from tests.contracts.metric_queries import QUERIES, READINGS, House, plain


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House("", tmp_path_factory.mktemp("embedded"))
    yield house
    house.warehouse.close()


@pytest.fixture(scope="module", params=["postgresql", "clickhouse"])
def other(request: pytest.FixtureRequest) -> Iterator[House]:
    house = House(warehouse_address(request), Path())
    yield house
    house.warehouse.close()


@cache
def _expected(house: House, name: str) -> Any:
    return plain((QUERIES | READINGS)[name](house))


def test_there_are_forty():
    assert len(QUERIES) == 40


@pytest.mark.parametrize("name", [*QUERIES, *READINGS])
def test_every_store_answers_alike(embedded: House, other: House, name: str):
    expected = _expected(embedded, name)
    assert _has_numbers(expected)
    _same(expected, plain((QUERIES | READINGS)[name](other)), name)


def _same(one: Any, other: Any, where: str) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key, value in one.items():
            _same(value, other[key], f"{where} / {key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for at, value in enumerate(one):
            _same(value, other[at], f"{where} / {at}")
    elif isinstance(one, float):
        assert other == pytest.approx(one, rel=1e-9, abs=1e-9), where
    else:
        assert one == other, where


def _has_numbers(value: Any) -> bool:
    """Whether anything was compared: nothing is equal to nothing."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, int | float) or any(_has_numbers(part) for part in parts)
