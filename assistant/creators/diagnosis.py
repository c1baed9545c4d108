"""Why a work did as it did: the funnel from exposure to follow, each step against the creator's own last works."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil

import ibis.expr.types as ir

from assistant.creators.catalogue import PLAYS_TO_JUDGE
from assistant.creators.digest import SETTLED, USUAL_WORKS
from assistant.creators.findings import Finding, Unsaid, findings_of, unsaid_of
from assistant.creators.funnel import STEPS
from assistant.creators.layout import COUNTS
from assistant.creators.ranks import RANKED_WORKS, Rank, ranks_of
from assistant.creators.steps import WORKS_TO_COMPARE, Compared, Numbers, Step, reach_of, step_of
from assistant.creators.warehouse import Warehouse, parameter
from assistant.creators.works import Work, works_between
from assistant.errors import NotFound

# Totals of works of different age do not compare as to exposure until their plays have mostly come in.
GROWN_DAYS = 7
# Derived numbers that are the count itself wherever the source counts events.
_COUNTED_AS = {"clicks": "play", "completed_plays": "complete_play"}


@dataclass(frozen=True)
class Diagnosis:
    """The funnel of one work. `findings` come with the largest gap first; with a refusal there are none.

    `ranks` place the work among the creator's last ten by reach and by quality. `unsaid` are the rates whose base is
    too small. `is_same_age` says whether the other works' numbers were taken at this work's age; where a source tells
    totals only, they are as of its export.
    """

    creator_id: str
    work: Work
    age_hours: float
    steps: list[Step]
    findings: list[Finding] = field(default_factory=list)
    ranks: list[Rank] = field(default_factory=list)
    unsaid: list[Unsaid] = field(default_factory=list)
    is_same_age: bool = False
    refusal_zh: str = ""
    refusal_en: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether it is too early or there are too few plays to judge."""
        return bool(self.refusal_zh)


def diagnose(warehouse: Warehouse, creator_id: str, work_id: str | None, now: datetime) -> Diagnosis:
    """Diagnose one work, or without `work_id` the latest that is at least 48 hours old.

    `now` is in the platform's local time; numbers that end earlier count with the age they had. Raises NotFound when
    the creator has no such work.
    """
    works = works_between(warehouse, creator_id, date.min, now.date())
    work = _chosen(works, creator_id, work_id, now)
    age = _age(work, now)
    at_age = _at_age(warehouse, creator_id, work, age)
    target = _compared(work, at_age)
    old_enough = max(SETTLED, min(age, timedelta(days=GROWN_DAYS)))
    settled = [_compared(other, at_age) for other in works if other is not work and _age(other, now) >= old_enough]
    others = _others(settled, work)
    # Numbers of the same age, or all of works that have grown up.
    is_comparable = bool(at_age) or age >= timedelta(days=GROWN_DAYS)
    if at_age:
        others = [other for other in others if other.work.work_id in at_age]
    every = [reach_of(target, others, is_comparable), *(step_of(step, target, others) for step in STEPS)]
    earlier = [other for other in settled if other.work.published_at <= work.published_at]
    refusal = _refusal(work, age, every)
    return Diagnosis(
        creator_id=creator_id,
        work=work,
        age_hours=round(age.total_seconds() / 3600, 1),
        steps=[step for step in every if step.figure.value is not None],
        findings=[] if refusal else findings_of(every),
        ranks=[] if refusal else ranks_of(target, earlier[: RANKED_WORKS - 1], is_comparable),
        unsaid=unsaid_of(every),
        is_same_age=bool(at_age),
        refusal_zh=refusal[0] if refusal else "",
        refusal_en=refusal[1] if refusal else "",
    )


def _chosen(works: list[Work], creator_id: str, work_id: str | None, now: datetime) -> Work:
    if work_id is not None:
        found = next((work for work in works if work.work_id == work_id), None)
        if found is None:
            raise NotFound("{creator_id} has no work {work_id!r}.", creator_id=creator_id, work_id=work_id)
        return found
    if not works:
        raise NotFound("{creator_id} has no works yet; import a file of works first.", creator_id=creator_id)
    known = [work for work in works if work.plays is not None] or works
    return next((work for work in known if _age(work, now) >= SETTLED), known[0])


def _age(work: Work, now: datetime) -> timedelta:
    """The age that the work's numbers show."""
    end = now
    if work.through is not None:
        end = min(now, datetime.combine(work.through + timedelta(days=1), datetime.min.time()))
        # A work at rest has no later rows; its numbers are complete all the same.
        if now - end > timedelta(days=GROWN_DAYS):
            end = now
    return max(work.age_at(end), timedelta())


def _others(settled: Sequence[Compared], work: Work) -> list[Compared]:
    """The last works before this one that can be judged; when there are too few, the ones after it as well."""
    fit = [other for other in settled if (other.work.plays or 0) >= PLAYS_TO_JUDGE]
    before = [other for other in fit if other.work.published_at <= work.published_at][:USUAL_WORKS]
    return before if len(before) >= WORKS_TO_COMPARE else fit[:USUAL_WORKS]


def _refusal(work: Work, age: timedelta, steps: Sequence[Step]) -> tuple[str, str] | None:
    if age < SETTLED:
        hours = int(age.total_seconds() // 3600)
        shown = [step.figure for step in steps if step.figure.value is not None]
        names_zh, names_en = "、".join(one.title_zh for one in shown), ", ".join(one.title_en for one in shown)
        return (
            f"《{work.title}》的数据只到发布后 {hours} 小时，48 小时内数据还在变化，现在下结论太早"
            + (f"：{names_zh}的高低和排名都还说不了。" if shown else "。"),
            f"The numbers of “{work.title}” reach {hours} hours after publication; before 48 hours they still "
            "change, so it is too early to judge"
            + (f": nothing is said yet about {names_en} and its place among the last works." if shown else "."),
        )
    if work.plays is None:
        return (
            f"《{work.title}》的播放没有数据：其他作品的数据所在的那份导出里没有它，不作判断。",
            f"The plays of “{work.title}” are not known: the export that tells most of the other works does not have "
            "it, so nothing is judged.",
        )
    if work.plays < PLAYS_TO_JUDGE:
        plays = f"{work.plays:,.0f}"
        return (
            f"《{work.title}》只有 {plays} 次播放，不足 {PLAYS_TO_JUDGE} 次，比率不可靠，不作判断。",
            f"“{work.title}” has {plays} plays, fewer than {PLAYS_TO_JUDGE}; too few to judge its rates.",
        )
    return None


def _compared(work: Work, at_age: dict[str, Numbers]) -> Compared:
    """The work with its numbers at the age of comparison, where its source tells days; else with its totals.

    A derived number that is the count itself is taken from the count; one that is not keeps its total.
    """
    counts = at_age.get(work.work_id)
    if counts is None:
        return Compared(work, work.numbers)
    numbers = dict(work.numbers)
    for name, total in work.numbers.items():
        count = _COUNTED_AS.get(name, name)
        if count in counts and total == work.numbers.get(count, total):
            numbers[name] = counts[count]
    return Compared(work, numbers)


def _at_age(warehouse: Warehouse, creator_id: str, work: Work, age: timedelta) -> dict[str, Numbers]:
    """The counts of each work up to the age that this one has; empty where this work's source tells no days."""
    # The day of publication counts as a whole one, so that all days of the work itself are in.
    days = max(ceil(age / timedelta(days=1)), 1)
    rows = warehouse.prepared_rows(_counts_by_age, creator=creator_id, source=work.source, days=days)
    told: dict[str, Numbers] = {
        row["work_id"]: {name: None if row[name] is None else float(row[name]) for name in COUNTS} for row in rows
    }
    return told if work.work_id in told else {}


def _counts_by_age(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, source, days. Works whose days begin by publication. A count that one of the days lacks is
    missing in the sum."""
    numbers = warehouse.work_numbers.filter(
        warehouse.work_numbers.creator_id == parameter("creator"),
        warehouse.work_numbers.source == parameter("source"),
        warehouse.work_numbers.day.notnull(),
    )
    works = warehouse.works.filter(warehouse.works.creator_id == parameter("creator"))
    rows = numbers.inner_join(works.select("work_id", "published_at"), "work_id")
    rows = rows.mutate(age=rows.day.delta(rows.published_at.cast("date"), unit="day"))
    first = rows.group_by("work_id").agg(first=rows.age.min())
    begun = first.filter(first["first"] <= 0).select("work_id")
    young = rows.filter(rows.age < parameter("days").cast("int64")).semi_join(begun, "work_id")
    sums = {name: (young[name].count() == young.count()).ifelse(young[name].sum(), None) for name in COUNTS}
    return young.group_by("work_id").agg(**{name: total.cast("float64") for name, total in sums.items()})
