"""What the next days may bring in followers, from the creator's own daily changes, with how wrong such forecasts were.

The middle of a forecast is the pace of the last 28 days. Exponential smoothing, theta, CES and local-level models of
two forecasting libraries were run beside it on a real channel, the invented creators and made-up series: none was
better on the channel, so the pace that a creator can check stays. What takes care is the interval. A pace is off by the
luck of single days (noise, measured on whole weeks), and because paces drift. How much this creator's pace drifts is
weighed from the errors that forecasts of this very history had, over a ladder of possible drifts; with little history
the ladder itself remains, which makes the interval wide. The ladder was set on made-up series of known truth.
`tests/benchmarks/forecast.py` prints coverage and error on all three.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import erf, exp, log, log1p, sqrt
from statistics import fmean, median

from assistant.errors import BadInput

WEEK = 7
LEAST_DAYS = 30
# With fewer days than this nothing is said about more than half a year ahead.
LONG_DAYS = 90
SHORT_HORIZON_DAYS = 182
LONG_HORIZON_DAYS = 730
PACE_DAYS = 28
# How far back errors are looked for; older ones say little about the creator of today.
HISTORY_DAYS = 365
# Noise and size are measured on the last twelve weeks.
RECENT_DAYS = 84
BAND_SHARE = 0.8
TEST_HORIZON_DAYS = 30
LEAST_TESTS = 3

# By what share of the usual daily change a pace drifts in a month: from hardly at all to more than double.
_DRIFTS = (0.1, 0.2, 0.4, 0.8, 1.6)
# However clear the past, this much of the weight stays spread over the whole ladder: what never happened may.
_UNSETTLED = 0.1
_ERROR_HORIZONS = (14, TEST_HORIZON_DAYS)
_FIRST_ORIGIN = 14
# Errors have heavy tails: a Student distribution with three degrees of freedom weighs them.
_FREEDOM = 3
# At a handful of followers the counts say nothing about their own spread, so one a day is added.
_ONE_A_DAY = 1.0


@dataclass(frozen=True)
class Backtest:
    """How forecasts made earlier in the same way turned out after `horizon_days`.

    `error` is the median of |forecast − actual| in followers, `error_share` the median of it as a share of the actual
    gain (None when there was none to gain), `coverage` the share of the `n` forecasts whose 80 % band held the outcome.
    """

    horizon_days: int
    n: int
    error: float
    error_share: float | None
    coverage: float


@dataclass(frozen=True)
class Milestone:
    """The days by which `target` followers are reached with a chance of 10, 50 and 90 %; None when that lies beyond
    `horizon_days`. `days_used` is how many days the pace is taken from. `backtest` is None when the history is too
    short to test on."""

    target: int
    title_zh: str
    title_en: str
    early: date | None
    middle: date | None
    late: date | None
    horizon_days: int
    days_used: int
    backtest: Backtest | None


@dataclass(frozen=True)
class Gain:
    """Net followers from now on: the middle and the 80 % band around it."""

    low: float
    middle: float
    high: float


class Outlook:
    """What a history of consecutive daily net followers, oldest first, says about the days after it.

    Nothing is drawn by chance: the same history gives the same answers. Raises BadInput for fewer than 30 days.
    """

    def __init__(self, net: Sequence[int]) -> None:
        if len(net) < LEAST_DAYS:
            raise BadInput(
                "A forecast needs {least_days} days, not {days}; wait for more of them.",
                least_days=LEAST_DAYS, days=len(net),
            )
        self._net = net[-HISTORY_DAYS:]
        self._pace = _Pace.of(self._net)

    def gains(self, days: int) -> list[Gain]:
        """The gain after 1, 2, … `days` days."""
        return [_gain(self._pace, self._weights, ahead) for ahead in range(1, days + 1)]

    def arrival_days(self, missing: int, horizon: int) -> list[int | None]:
        """In how many days `missing` followers are gained with a chance of 10, 50 and 90 %; None beyond `horizon`."""
        wanted = [0.1, 0.5, 0.9]
        found: list[int | None] = []
        for ahead in range(1, horizon + 1):
            chance = _chance(self._pace, self._weights, ahead, missing)
            while len(found) < len(wanted) and chance >= wanted[len(found)] - 1e-9:
                found.append(ahead)
        return found + [None] * (len(wanted) - len(found))

    def backtest(self) -> Backtest | None:
        """Forecasts of 30 days, a week apart, as they would have been made then; None without room for three."""
        errors, shares, held = [], [], 0
        for origin in range(len(self._net) - TEST_HORIZON_DAYS, LEAST_DAYS - 1, -WEEK):
            known = [error for error in self._errors if error.known_on <= origin]
            told = _gain(_Pace.of(self._net[:origin]), _weights(known), TEST_HORIZON_DAYS)
            actual = sum(self._net[origin : origin + TEST_HORIZON_DAYS])
            errors.append(abs(told.middle - actual))
            if actual > 0:
                shares.append(errors[-1] / actual)
            held += told.low <= actual <= told.high
        if len(errors) < LEAST_TESTS:
            return None
        share = float(median(shares)) if shares else None
        return Backtest(TEST_HORIZON_DAYS, len(errors), float(median(errors)), share, held / len(errors))

    @cached_property
    def _weights(self) -> list[float]:
        return _weights(self._errors)

    @cached_property
    def _errors(self) -> "list[_Error]":
        return _errors(self._net)


def horizon_of(days: int) -> int:
    """How many days ahead a history of `days` consecutive days may be used for; 0 when it is too short."""
    if days < LEAST_DAYS:
        return 0
    return SHORT_HORIZON_DAYS if days < LONG_DAYS else LONG_HORIZON_DAYS


def date_after(start: date, days: int | None) -> date | None:
    """`days` after `start`; None stays None."""
    return None if days is None else start + timedelta(days=days)


@dataclass(frozen=True)
class _Pace:
    """Followers a day at the end of a history: the mean over `days`, its noise (variance of a day, as whole weeks show
    it) and the usual size of a day's change."""

    mean: float
    days: int
    noise: float
    size: float

    @classmethod
    def of(cls, net: Sequence[int]) -> "_Pace":
        last = net[-PACE_DAYS:]
        recent = net[-min(len(net) // WEEK * WEEK, RECENT_DAYS) :]
        weeks = [sum(recent[at : at + WEEK]) for at in range(0, len(recent), WEEK)]
        # Half the mean square of the difference between neighbouring weeks: a trend hardly adds to it.
        steps = [(later - earlier) ** 2 for earlier, later in zip(weeks, weeks[1:], strict=False)]
        noise = fmean(steps) / 2 / WEEK
        return cls(fmean(last), len(last), noise + _ONE_A_DAY, fmean(map(abs, recent)) + _ONE_A_DAY)

    def variance(self, ahead: int, drift: float) -> float:
        """Of the difference between this pace and the mean over the next `ahead` days, if paces drift so much.

        A pace that wanders day by day is off by (days + ahead) / 3 of its daily variance; `drift` is told for a month.
        """
        wandering = (drift * self.size) ** 2 * (self.days + ahead) / (PACE_DAYS + TEST_HORIZON_DAYS)
        return self.noise * (1 / self.days + 1 / ahead) + wandering


@dataclass(frozen=True)
class _Error:
    """How likely the error of one earlier forecast was under each drift of the ladder, known once its days were over.

    Forecasts a week apart over 30 days share most of their days, so each counts for its own week only.
    """

    known_on: int
    log_likelihoods: tuple[float, ...]


def _errors(net: Sequence[int]) -> list[_Error]:
    found = []
    for ahead in _ERROR_HORIZONS:
        share = WEEK / ahead / len(_ERROR_HORIZONS)
        for origin in range(len(net) - ahead, _FIRST_ORIGIN - 1, -WEEK):
            pace = _Pace.of(net[:origin])
            error = fmean(net[origin : origin + ahead]) - pace.mean
            told = tuple(share * _log_likelihood(error, pace.variance(ahead, drift)) for drift in _DRIFTS)
            found.append(_Error(origin + ahead, told))
    return found


def _log_likelihood(error: float, variance: float) -> float:
    return -0.5 * log(variance) - (_FREEDOM + 1) / 2 * log1p(error * error / variance / _FREEDOM)


def _weights(errors: Sequence[_Error]) -> list[float]:
    """How much each drift of the ladder counts after these errors; they add up to 1."""
    logs = [sum(error.log_likelihoods[place] for error in errors) for place in range(len(_DRIFTS))]
    powers = [exp(one - max(logs)) for one in logs]
    even = _UNSETTLED / len(_DRIFTS)
    return [(1 - _UNSETTLED) * power / sum(powers) + even for power in powers]


def _gain(pace: _Pace, weights: Sequence[float], ahead: int) -> Gain:
    spreads = [sqrt(pace.variance(ahead, drift)) for drift in _DRIFTS]
    low, high = 0.0, 4 * max(spreads)
    for _ in range(30):
        middle = (low + high) / 2
        inside = sum(weight * erf(middle / spread / sqrt(2)) for weight, spread in zip(weights, spreads, strict=True))
        low, high = (middle, high) if inside < BAND_SHARE else (low, middle)
    return Gain(ahead * (pace.mean - high), ahead * pace.mean, ahead * (pace.mean + high))


def _chance(pace: _Pace, weights: Sequence[float], ahead: int, missing: int) -> float:
    """The chance that at least `missing` followers are gained after `ahead` days."""
    short = missing / ahead - pace.mean
    return sum(
        weight * (1 - erf(short / sqrt(2 * pace.variance(ahead, drift)))) / 2
        for weight, drift in zip(weights, _DRIFTS, strict=True)
    )
