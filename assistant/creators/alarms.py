"""Whether what an alert waits for has come about, and what there is to say then."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from assistant.creators.alerts import AlertRule, MetricAlert
from assistant.creators.by_work import Judged, judged
from assistant.creators.catalogue import Metric
from assistant.creators.digest import USUAL_WORKS
from assistant.creators.figures import Figure, written
from assistant.creators.metrics import WORK_WINDOW_DAYS, series_of
from assistant.creators.metrics import last_day as last_day_of
from assistant.creators.steps import LOW_PERCENTILE, NOTICEABLE_GAP, WORKS_TO_COMPARE
from assistant.creators.warehouse import Warehouse

WATCHED_DAYS = 7
EARLIER_WINDOWS = 8  # windows of the same length before, whose median is the usual
_SHOWN_WORKS = 5


@dataclass(frozen=True)
class Alarm:
    """What an alert has to say. `occasion` is the same for as long as it is the same occasion: a week, or one row of
    works however long it gets."""

    occasion: str
    text_zh: str
    text_en: str


def alarm_of(warehouse: Warehouse, alert: MetricAlert, metric: Metric, today: date) -> Alarm | None:
    """What there is to tell on `today`; None when all is well, or when there is too little to judge by."""
    if alert.works:
        return _of_works(warehouse, alert, metric, today)
    return _of_days(warehouse, alert, metric, today)


def worse_side(metric: Metric) -> AlertRule:
    """On which side of the usual a metric is worse."""
    return "above" if metric.direction == "lower is better" else "below"


def _of_works(warehouse: Warehouse, alert: MetricAlert, metric: Metric, today: date) -> Alarm | None:
    """The longest row of works up to the latest that are all on the wrong side of the threshold, or of the median of
    the works before that row: so the row has one beginning, and the works in it do not lower what they are held to."""
    known = judged(warehouse, alert.creator_id, metric, today)
    rows = range(len(known), alert.works - 1, -1)
    if alert.threshold is not None:
        found = next((size for size in rows if _all_beyond(known[:size], alert.threshold, alert.rule)), None)
        return None if found is None else _in_a_row(known[:found], alert, metric, alert.threshold, 0)
    for size in rows:
        before = [one.value for one in known[size : size + USUAL_WORKS]]
        if len(before) >= WORKS_TO_COMPARE:
            usual = float(median(before))
            if _all_beyond(known[:size], usual, alert.rule):
                return _in_a_row(known[:size], alert, metric, usual, len(before))
    return None


def _all_beyond(works: list[Judged], limit: float, rule: AlertRule) -> bool:
    return all(one.value > limit if rule == "above" else one.value < limit for one in works)


def _in_a_row(works: list[Judged], alert: MetricAlert, metric: Metric, limit: float, before: int) -> Alarm:
    shown = works[:_SHOWN_WORKS]
    titles_zh = "、".join(f"《{one.work.title}》{written(one.value, metric.unit, 'zh')}" for one in shown)
    titles_en = ", ".join(f"“{one.work.title}” {written(one.value, metric.unit, 'en')}" for one in shown)
    side_zh, side_en = _sides(alert.rule)
    limit_zh, limit_en = written(limit, metric.unit, "zh"), written(limit, metric.unit, "en")
    if before:
        held_zh = f"你此前 {before} 条作品的中位数 {limit_zh}"
        held_en = f"{limit_en}, your own median of the {before} before"
    else:
        held_zh, held_en = f"你设的 {limit_zh}", f"the {limit_en} that you set"
    etc_zh, etc_en = ("等", " and others") if len(works) > len(shown) else ("", "")
    return Alarm(
        f"{alert.works}:{works[-1].work.work_id}",
        f"{metric.title_zh}：最近 {len(works)} 条作品连续{side_zh}{held_zh}：{titles_zh}{etc_zh}。",
        f"{metric.title_en}: your last {len(works)} works in a row are {side_en} {held_en}: {titles_en}{etc_en}.",
    )


def _of_days(warehouse: Warehouse, alert: MetricAlert, metric: Metric, today: date) -> Alarm | None:
    """The last seven days of data, for a metric of works 28, together.

    `worse` is judged as in the diagnosis of a work: at least a tenth short of the own median of the eight windows
    before, and among their lowest quarter.
    """
    end = last_day_of(warehouse, alert.creator_id, today)
    if end is None:
        return None
    width = WORK_WINDOW_DAYS if metric.expression.rows == "work" else WATCHED_DAYS
    told = series_of(warehouse, alert.creator_id, metric, end, width, EARLIER_WINDOWS + 1)
    figure = told.figure(end - timedelta(days=width - 1), end)
    if figure.value is None or figure.n < metric.minimum_base:
        return None
    week = today - timedelta(days=today.toordinal() % 7)
    if alert.rule == "worse":
        usual = float(median(told.earlier)) if told.earlier else None
        is_due = usual is not None and _is_worse(figure, usual, metric)
        return _worse(week, figure, usual, width, metric, len(told.earlier)) if is_due and usual is not None else None
    if alert.threshold is None:
        return None
    is_due = figure.value < alert.threshold if alert.rule == "below" else figure.value > alert.threshold
    return _beyond(week, figure, alert.threshold, alert.rule, width, metric) if is_due else None


def _is_worse(figure: Figure, usual: float, metric: Metric) -> bool:
    if figure.value is None or figure.percentile is None or usual == 0:
        return False
    is_inverse = metric.direction == "lower is better"
    short = (figure.value - usual if is_inverse else usual - figure.value) / abs(usual)
    worse = 100 - figure.percentile if is_inverse else figure.percentile
    return short >= NOTICEABLE_GAP and worse <= LOW_PERCENTILE


def _worse(week: date, figure: Figure, usual: float, width: int, metric: Metric, windows: int) -> Alarm:
    zh, en = written(usual, metric.unit, "zh"), written(usual, metric.unit, "en")
    return Alarm(
        week.isoformat(),
        f"{metric.title_zh}：近 {width} 天是 {figure.shown('zh')}，比你自己此前 {windows} 段同样长的时间的中位数 {zh} "
        f"差了一成以上（n={figure.n:,}）。",
        f"{metric.title_en}: {figure.shown('en')} in the last {width} days, at least a tenth short of {en}, your own "
        f"median of the {windows} windows before (n={figure.n:,}).",
    )


def _beyond(week: date, figure: Figure, threshold: float, rule: AlertRule, width: int, metric: Metric) -> Alarm:
    zh, en = written(threshold, metric.unit, "zh"), written(threshold, metric.unit, "en")
    side_zh, side_en = _sides(rule)
    return Alarm(
        week.isoformat(),
        f"{metric.title_zh}：近 {width} 天是 {figure.shown('zh')}，{side_zh}你设的 {zh}（n={figure.n:,}）。",
        f"{metric.title_en}: {figure.shown('en')} in the last {width} days, {side_en} the {en} that you set "
        f"(n={figure.n:,}).",
    )


def _sides(rule: AlertRule) -> tuple[str, str]:
    return ("高于", "above") if rule == "above" else ("低于", "below")
