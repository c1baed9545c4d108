"""How often the 80 % band of a forecast holds, and how far its middle is off, beside the mean of the last 28 days.

Every history is cut every 14 days from its 30th on, and the net followers of the 30 days after each cut are told. The
floor's band is what the scatter of the 28 days alone would give. A real channel, the invented creators, and made-up
courses of known truth: steady, in waves of a week, drifting, with one break, and in bursts as works come and fade.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random
from statistics import fmean, median, pstdev
from time import perf_counter

from assistant.creators.demonstration import demonstration_creators
from assistant.creators.forecast import Outlook
from tests.benchmarks.figures import Figure, Findings, percentile

NAME = "forecast"
CHANNEL = Path(__file__).parents[3] / "shared" / "data" / "youtube_studio_daily_totals.csv"
EVERY = 14
LEAST_DAYS = AHEAD = 30
# Of a normal distribution, four fifths lie within so many standard deviations.
FOUR_FIFTHS = 1.2816
SERIES_OF_A_KIND = 12
MADE_UP_DAYS = 240

# The low end, middle and high end of a forecast.
Told = tuple[float, float, float]
Forecast = Callable[[Sequence[int]], Told]


def run() -> Findings:
    """Coverage and error on each set of histories. The channel is left out where its file is not there."""
    sets: dict[str, list[list[int]]] = {"invented creators": _invented()}
    for kind, made_up in _made_up().items():
        sets[kind] = made_up
    if CHANNEL.is_file():
        sets = {"real channel": [_channel()], **sets}
    figures = []
    for name, histories in sets.items():
        held, error, count = _judged(histories, _told)
        floor_held, floor_error, _ = _judged(histories, _floor)
        is_channel = name == "real channel"
        figures += [
            Figure(
                f"{name}: held by the 80 % band",
                held,
                at_least=0.75 if is_channel else None,
                floor=floor_held,
                remark=f"{count} forecasts" + (", at most 0.9" if is_channel else ""),
            ),
            Figure(f"{name}: median error", error, at_most=floor_error if is_channel else None, floor=floor_error),
        ]
    return Findings(NAME, [*figures, _cost()])


def _told(net: Sequence[int]) -> Told:
    gain = Outlook(net).gains(AHEAD)[-1]
    return gain.low, gain.middle, gain.high


def _floor(net: Sequence[int]) -> Told:
    last = net[-28:]
    middle, off = AHEAD * fmean(last), FOUR_FIFTHS * AHEAD**0.5 * pstdev(last)
    return middle - off, middle, middle + off


def _judged(histories: Sequence[Sequence[int]], forecast: Forecast) -> tuple[float, float, int]:
    """The share of outcomes inside the band, the median error as a share of the gain (where there was one), and n."""
    held, errors = [], []
    for net in histories:
        for origin in range(LEAST_DAYS, len(net) - AHEAD + 1, EVERY):
            low, middle, high = forecast(net[:origin])
            actual = sum(net[origin : origin + AHEAD])
            held.append(low <= actual <= high)
            if actual > 0:
                errors.append(abs(middle - actual) / actual)
    return fmean(held), median(errors), len(held)


def _cost() -> Figure:
    net = list(_drifting(Random(1), 60.0))
    milliseconds = []
    for _ in range(50):
        started = perf_counter()
        outlook = Outlook(net)
        outlook.gains(AHEAD), outlook.arrival_days(10_000, 730), outlook.backtest()
        milliseconds.append((perf_counter() - started) * 1000)
    return Figure("band, dates and backtest of one creator, p95", percentile(milliseconds, 0.95), "ms")


def _channel() -> list[int]:
    with CHANNEL.open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["Date"] != "Total"]
    return [int(row["Subscribers"] or 0) for row in sorted(rows, key=lambda row: row["Date"])]


def _invented() -> list[list[int]]:
    courses: dict[str, list[int]] = defaultdict(list)
    for day in demonstration_creators(date(2026, 11, 23))[3]:
        courses[day["creator_id"]].append(day["net_followers"])
    return [net for net in courses.values() if len(net) >= LEAST_DAYS + AHEAD]


def _made_up() -> Mapping[str, list[list[int]]]:
    kinds = {"steady": _steady, "weekly": _weekly, "drifting": _drifting, "one break": _broken, "bursts": _bursting}
    return {
        f"made up, {name}": [
            list(course(Random(f"{name} {number}"), 2.0 ** (1 + number % 8))) for number in range(SERIES_OF_A_KIND)
        ]
        for name, course in kinds.items()
    }


def _scattered(chance: Random, pace: float) -> int:
    """A count around `pace` that scatters more than chance alone would make it."""
    return round(pace * chance.gammavariate(3, 1 / 3))


def _steady(chance: Random, pace: float) -> Iterator[int]:
    return (_scattered(chance, pace) for _ in range(MADE_UP_DAYS))


def _weekly(chance: Random, pace: float) -> Iterator[int]:
    return (_scattered(chance, pace * (2.2 if day % 7 in (5, 6) else 0.5)) for day in range(MADE_UP_DAYS))


def _drifting(chance: Random, pace: float) -> Iterator[int]:
    for _ in range(MADE_UP_DAYS):
        pace *= chance.lognormvariate(0, 0.05)
        yield _scattered(chance, pace)


def _broken(chance: Random, pace: float) -> Iterator[int]:
    at, factor = chance.randrange(60, MADE_UP_DAYS - 60), chance.choice([0.3, 3.0])
    return (_scattered(chance, pace * (factor if day >= at else 1)) for day in range(MADE_UP_DAYS))


def _bursting(chance: Random, pace: float) -> Iterator[int]:
    """Works come by chance, bring followers that fade over days, and some followers leave every day."""
    coming = 0.0
    for _ in range(MADE_UP_DAYS):
        coming *= 0.65
        if chance.random() < 0.3:
            coming += pace * 0.35 * chance.lognormvariate(0, 1)
        yield round(coming - 0.2 * pace)
