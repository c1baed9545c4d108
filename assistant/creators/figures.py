"""A computed number together with what makes it checkable: unit, window, sample size, baseline, definition."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Unit = Literal["count", "percent", "per_thousand", "seconds", "per_week", "ratio"]
Language = Literal["zh", "en"]

NOTHING = "—"
_STEPS = {
    "zh": ((Decimal(10**8), "亿"), (Decimal(10**4), "万")),
    "en": ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K")),
}
_WRITTEN = {
    "zh": {"seconds": "{} 秒", "per_week": "每周 {} 条", "ratio": "{} 倍"},
    "en": {"seconds": "{} s", "per_week": "{} a week", "ratio": "{}×"},
}


@dataclass(frozen=True)
class Figure:
    """One number about one creator.

    `value` and `baseline` are in `unit`; a percent is a fraction (0.048 is shown as 4.8%), a per thousand is not (4.8
    is shown as 4.8‰). `metric` is the slug, of a custom metric with its version (`slug@2`). `n` is what the value rests
    on: the denominator of a rate, the days of a count, the works of a figure per work. `percentile` (0 to 100) places
    the value among the creator's own earlier windows or works. None means that there are no data, never zero.
    """

    id: str
    metric: str
    value: float | None
    unit: Unit
    window: str
    n: int
    baseline: float | None
    percentile: float | None
    title_zh: str
    title_en: str
    definition_zh: str
    definition_en: str

    def shown(self, lang: str) -> str:
        """The value as a creator reads it: 12.3万 / 4.8% / 3.2 秒 in Chinese, 123K / 4.8% / 3.2 s in English."""
        return written(self.value, self.unit, lang)

    def baseline_shown(self, lang: str) -> str:
        """The baseline, written the same way."""
        return written(self.baseline, self.unit, lang)

    def as_dict(self) -> dict[str, object]:
        """The figure as the HTTP API and `--json` give it."""
        keys = ("id", "metric", "value", "unit", "window", "n", "baseline", "percentile", "title_zh", "title_en")
        return {key: getattr(self, key) for key in keys}


def written(value: float | None, unit: Unit, lang: str) -> str:
    """A bare number in `unit` as a creator reads it; "—" when there is none."""
    if value is None:
        return NOTHING
    language = "zh" if lang.startswith("zh") else "en"
    number = Decimal(str(value))
    if unit == "count":
        # An average of counts keeps its fraction while it is small.
        is_small_average = abs(number) < 100 and number != number.to_integral_value()
        return _significant(number) if is_small_average else _count(number, language)
    if unit == "percent":
        return _significant(number * 100) + "%"
    if unit == "per_thousand":
        return _significant(number) + "‰"
    return _WRITTEN[language][unit].format(_significant(number))


def _count(number: Decimal, language: str) -> str:
    sign, size = ("-" if number < 0 else ""), _rounded(abs(number), 0)
    higher: Decimal | None = None
    for step, letter in _STEPS[language]:
        if size >= step:
            short = _rounded(size / step, _places(size / step))
            # 99,999,999 rounds up to 10000万, which is written 1亿.
            if higher is not None and short * step >= higher:
                return sign + "1" + dict(_STEPS[language])[higher]
            return sign + _plain(short) + letter
        higher = step
    return sign + _plain(size)


def _places(number: Decimal) -> int:
    return 1 if number < 100 else 0


def _significant(number: Decimal) -> str:
    """One decimal place from 1 upwards; below, two significant digits: 0.14 and 0.025 must not become 0.1 and 0."""
    if number == 0 or abs(number) >= 1:
        return _plain(_rounded(number, 1))
    return _plain(_rounded(number, 1 - number.adjusted()))


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _plain(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
