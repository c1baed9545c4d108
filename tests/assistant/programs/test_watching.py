"""What is told unasked: an alert once when a metric falls, a report once a week."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from assistant.creators.accounts import Accounts, Creator
from assistant.creators.alerts import MetricAlerts
from assistant.creators.by_work import can_be_judged_by_work
from assistant.creators.warehouse import Batch
from assistant.database.program_tables import enrolments
from assistant.programs.arrivals import Arrivals
from assistant.programs.jobs import Jobs
from assistant.programs.notices.notice import Kind, Notice
from assistant.programs.notices.service import Notices
from assistant.programs.watching import Watching
from tests.assistant.creators.rows import number, work
from tests.assistant.programs.conftest import TODAY, House
from tests.assistant.programs.test_tasks import publish

USUAL, LOW = 400, 300  # complete plays of 1,000: the own median, and a quarter below it


class Watch:
    """The daily and weekly rounds on a day that the test turns."""

    def __init__(self, house: House, notices: Notices) -> None:
        self.today = TODAY
        self.house, self.notices = house, notices
        self.alerts = MetricAlerts(house.engine)
        known = (house.engine, house.warehouse, self.alerts, house.metrics, notices)
        self.watching = Watching(*known, lambda: self.today)

    def told(self, creator: str, kind: Kind) -> list[Notice]:
        self.notices.deliverer.drain()
        return [one for one in self.notices.inbox.page(creator, limit=50).notices if one.kind == kind]

    def reports(self) -> None:
        """The whole weekly job, as its steps are called until nobody is left."""
        while self.watching.report():
            pass


@pytest.fixture
def watch(house: House, tmp_path: Path) -> Watch:
    jobs = Jobs("sqlite://", tmp_path, "Asia/Shanghai")  # never started
    return Watch(house, Notices.over(house.engine, jobs, ZoneInfo("Asia/Shanghai")))


def published(house: House, day: date, completed: int) -> None:
    """Ann's one work of a day, with what was played of it that day."""
    made = work(f"w-{day}", datetime.combine(day, time(12)), creator_id="ann")
    house.warehouse.store(
        Batch([made], [number(day, f"w-{day}", play=1000, complete_play=completed)]), datetime.combine(day, time(23))
    )


@pytest.fixture
def ann(house: House) -> str:
    """Who has published a work a day for nine weeks, of which four in ten plays were complete."""
    Accounts(house.engine).add(Creator("ann", "安", "kuaishou", "美食"))
    days = [TODAY - timedelta(days=shift) for shift in range(1, 64)]
    works = [work(f"w-{day}", datetime.combine(day, time(12))) for day in days]
    numbers = [number(day, f"w-{day}", play=1000, complete_play=USUAL) for day in days]
    house.warehouse.store(Batch(works, numbers), datetime.combine(TODAY, time(1)))
    return "ann"


def test_three_works_below_the_own_median_are_one_alert(house: House, watch: Watch, ann: str):
    watch.alerts.watch(ann, "completion_rate")
    assert watch.watching.alert() == 0
    for shift in range(2):  # one or two poor works are no alarm
        published(house, TODAY + timedelta(days=shift), LOW)
        watch.today = TODAY + timedelta(days=shift + 1)
        assert watch.watching.alert() == 0
    published(house, TODAY + timedelta(days=2), LOW)
    watch.today = TODAY + timedelta(days=3)
    assert watch.watching.alert() == 1
    assert watch.watching.alert() == 0  # the same morning again
    for shift in (3, 4):  # it stays so low, and the week goes on
        published(house, TODAY + timedelta(days=shift), LOW)
        watch.today = TODAY + timedelta(days=shift + 1)
        assert watch.watching.alert() == 0
    (told,) = watch.told(ann, "alert")
    assert told.title == "数据提醒：完播率"
    assert "中位数 40%" in told.body
    assert "35.7%" in told.body


def test_works_in_a_row_below_the_own_median_are_told_once_a_row(house: House, watch: Watch, ann: str):
    watch.alerts.watch(ann, "completion_rate", "below", works=3)
    for shift, completed in enumerate([LOW, LOW, LOW, LOW, USUAL, LOW, LOW, LOW]):
        published(house, TODAY + timedelta(days=shift), completed)
    found = []
    for shift in range(12):  # a work counts when it is two days old
        watch.today = TODAY + timedelta(days=shift)
        found.append(watch.watching.alert())
        assert watch.watching.alert() == 0
    assert found == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    second, first = watch.told(ann, "alert")
    assert first.title == second.title == "数据提醒：完播率"
    assert first.body == (
        "完播率：最近 3 条作品连续低于你此前 30 条作品的中位数 40%："
        "《w-2026-11-25》30%、《w-2026-11-24》30%、《w-2026-11-23》30%。"
    )
    assert "《w-2026-11-30》30%、《w-2026-11-29》30%、《w-2026-11-28》30%。" in second.body


def test_works_in_a_row_above_a_threshold(house: House, watch: Watch, ann: str):
    watch.notices.wishes.change(ann, {"language": "en"})
    watch.alerts.watch(ann, "completion_rate", "above", 0.39, works=10)
    assert watch.watching.alert([ann]) == 1  # all sixty works, of which some are named
    watch.alerts.watch(ann, "completion_rate", "above", 0.4, works=2)
    assert watch.watching.alert([ann]) == 0
    assert watch.watching.alert(["demo-01"]) == 0
    (told,) = watch.told(ann, "alert")
    assert told.body.startswith("completion rate: your last 61 works in a row are above the 39% that you set: “w-2026-")
    assert told.body.endswith("“w-2026-11-16” 40% and others.")


def test_works_in_a_row_of_a_custom_metric(house: House, watch: Watch, ann: str):
    rate = house.metrics.define("half", "ratio(sum(completions) / 2, sum(plays))", ann, title="半程率").metric
    of_many = house.metrics.define("usual", "median(plays)", ann, title="平常播放").metric
    assert [can_be_judged_by_work(one) for one in (rate, of_many)] == [True, False]
    watch.alerts.watch(ann, rate.name, "below", works=3)
    for shift in range(3):
        published(house, TODAY + timedelta(days=shift), LOW)
    watch.today = TODAY + timedelta(days=4)
    assert watch.watching.alert() == 0  # the third is not two days old
    watch.today = TODAY + timedelta(days=5)
    assert watch.watching.alert() == 1
    assert watch.watching.alert() == 0
    (told,) = watch.told(ann, "alert")
    assert told.body == (
        "半程率：最近 3 条作品连续低于你此前 30 条作品的中位数 20%："
        "《w-2026-11-25》15%、《w-2026-11-24》15%、《w-2026-11-23》15%。"
    )


def test_young_works_and_few_plays_are_no_row(house: House, watch: Watch, ann: str):
    watch.alerts.watch(ann, "plays", "below", works=2)
    days = [TODAY + timedelta(days=shift) for shift in range(3)]
    for day in days:
        numbers = number(day, f"w-{day}", play=90, complete_play=1)
        made = work(f"w-{day}", datetime.combine(day, time(12)))
        house.warehouse.store(Batch([made], [numbers]), datetime.combine(day, time(23)))
    watch.today = TODAY + timedelta(days=7)  # plays grow for a week: one work is that old
    assert watch.watching.alert() == 0
    watch.alerts.watch(ann, "completion_rate", "below", works=2)
    watch.today = TODAY + timedelta(days=9)
    assert watch.watching.alert() == 1  # the plays; of fewer than 100 no rate is judged
    assert watch.told(ann, "alert")[0].title == "数据提醒：播放量"


def test_an_import_has_the_numbers_of_its_creators_looked_at(house: House, watch: Watch, ann: str, tmp_path: Path):
    jobs = Jobs("sqlite://", tmp_path, "Asia/Shanghai")
    begun: list[tuple[str, str]] = []
    jobs.begin = lambda name, subject="": begun.append((name, subject)) is None  # type: ignore[method-assign]
    arrivals = Arrivals(house.warehouse, house.programs, watch.watching, jobs)
    watch.alerts.watch(ann, "completion_rate", "below", works=2)
    watch.alerts.watch("demo-01", "completion_rate", "above", 0.0)
    for shift in range(2):
        published(house, TODAY + timedelta(days=shift), LOW)
    watch.today = TODAY + timedelta(days=4)
    assert [name for name, _ in begun] == ["arrived", "arrived"]
    assert house.warehouse.creators_of(int(begun[1][1])) == [ann]
    assert arrivals.see_to(begun[1][1]) is False
    assert begun[2:] == [("deliver", "")]
    assert len(watch.told(ann, "alert")) == 1
    assert watch.told("demo-01", "alert") == []  # whose numbers did not come


def test_a_recovered_metric_and_a_stopped_alert_are_silent(house: House, watch: Watch, ann: str):
    watch.alerts.watch(ann, "completion_rate")
    for shift in range(7):
        published(house, TODAY + timedelta(days=shift), USUAL)
    watch.today = TODAY + timedelta(days=7)
    assert watch.watching.alert() == 0
    watch.alerts.watch(ann, "completion_rate", "below", 0.5)
    watch.alerts.stop(ann)
    assert watch.watching.alert() == 0
    assert watch.told(ann, "alert") == []


def test_the_report_goes_once_a_week_to_all_with_recent_numbers(house: House, watch: Watch, ann: str):
    watch.notices.wishes.change("demo-02", {"language": "en"})
    for shift in (0, 1, 6):  # Monday's job, again on Tuesday, and on Sunday
        watch.today = TODAY + timedelta(days=shift)
        watch.reports()
    (told,) = watch.told("demo-01", "report")
    assert told.title == "你的每周小结"
    assert told.body.startswith("2026-11-16 至 2026-11-22\n")
    assert "完播率" in told.body
    assert watch.told("demo-02", "report")[0].title == "Your week"
    assert watch.told(ann, "report") == []  # nothing was derived of Ann's numbers yet
    watch.today = TODAY + timedelta(days=7)
    watch.reports()
    assert len(watch.told("demo-01", "report")) == 2
    watch.today = TODAY + timedelta(days=28)  # no new numbers for weeks: nothing to report
    watch.reports()
    assert len(watch.told("demo-01", "report")) == 2


def test_the_report_tells_of_the_weeks_tasks(house: House, watch: Watch):
    publish(house, "done", title="三条作品")
    publish(house, "running", title="还在做的")
    publish(house, "before", title="早就完成的")
    programs = house.programs
    for slug, settled in (
        ("done", TODAY - timedelta(days=2)),
        ("before", TODAY - timedelta(days=9)),
        ("running", None),
    ):
        own = programs.tasks.join("demo-01", slug, TODAY - timedelta(days=10))
        if settled:
            values = {"state": "completed", "settled_at": datetime.combine(settled, time(12))}
            with house.engine.begin() as connection:
                connection.execute(update(enrolments).where(enrolments.c.id == own.id).values(**values))
    watch.reports()
    (told,) = watch.told("demo-01", "report")
    assert "本周完成了任务“三条作品”" in told.body
    assert "任务“还在做的”进行中" in told.body
    assert "早就完成的" not in told.body
    assert "任务" not in watch.told("demo-02", "report")[0].body
