"""What a benchmark finds: figures with what is required of them and what simpler programs reach in the same run."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

HEADINGS = ("figure", "measured", "required", "", "floor", "× floor", "tutorial", "× tutorial", "remark")


@dataclass(frozen=True)
class Figure:
    """One measured value. `floor` is what cannot be avoided or the barest program reaches, `tutorial` what the chain of
    the LangChain tutorials reaches; both in the same unit and the same run, None where there is nothing to compare."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    floor: float | None = None
    tutorial: float | None = None
    remark: str = ""

    @property
    def verdict(self) -> str:
        """`PASS`, `over` or `under`; empty when nothing is required."""
        if self.at_most is not None:
            return "PASS" if self.value <= self.at_most else "over"
        if self.at_least is not None:
            return "PASS" if self.value >= self.at_least else "under"
        return ""

    def as_dict(self) -> dict[str, Any]:
        """The figure as JSON, with its verdict."""
        return {**asdict(self), "verdict": self.verdict}


@dataclass(frozen=True)
class Findings:
    """The outcome of one benchmark; `skipped` says why there are no figures."""

    benchmark: str
    figures: Sequence[Figure] = ()
    skipped: str = ""
    about: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The findings as JSON."""
        return {
            "benchmark": self.benchmark,
            "skipped": self.skipped or None,
            "about": self.about,
            "figures": [figure.as_dict() for figure in self.figures],
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed; NaN without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def table(findings: Sequence[Findings]) -> str:
    """All findings as one readable table."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    for one in findings:
        rows.append((f"— {one.benchmark}" + (f": skipped, {one.skipped}" if one.skipped else ""),))
        rows.extend(_cells(figure) for figure in one.figures)
    full = [row for row in rows if len(row) > 1]
    widths = [max(_width(row[column]) for row in full) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(_padded(cell, widths[column], column) for column, cell in enumerate(row)).rstrip()
        if len(row) > 1
        else f"\n{row[0]}"
        for row in rows
    )


def _cells(figure: Figure) -> tuple[str, ...]:
    required = ""
    if figure.at_most is not None:
        required = f"≤ {figure.at_most:g}"
    elif figure.at_least is not None:
        required = f"≥ {figure.at_least:g}"
    compared = [
        cell for other in (figure.floor, figure.tutorial) for cell in (_number(other), _ratio(figure.value, other))
    ]
    return (
        f"  {figure.name}",
        f"{_number(figure.value)} {figure.unit}".strip(),
        required,
        figure.verdict,
        *compared,
        figure.remark,
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 2 else f"{value:.3f}"


def _ratio(value: float, other: float | None) -> str:
    return f"× {value / other:.2f}" if other else ""


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(cell: str, width: int, column: int) -> str:
    space = " " * (width - _width(cell))
    return cell + space if column in (0, len(HEADINGS) - 1) else space + cell
