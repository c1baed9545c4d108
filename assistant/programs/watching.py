"""What is looked at for creators day by day: the metrics they asked to have watched, and the week that has passed."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta

from sqlalchemy import Engine, select

from assistant.creators.alarms import alarm_of
from assistant.creators.alerts import MetricAlerts
from assistant.creators.custom import CustomMetrics
from assistant.creators.growth import trajectory
from assistant.creators.metrics import measure
from assistant.creators.warehouse import Warehouse
from assistant.database.engine import reading
from assistant.database.program_tables import creator_traits, enrolments, program_versions
from assistant.errors import Problem
from assistant.programs.marks import mark_of, set_mark
from assistant.programs.notices.notice import Message, Post
from assistant.programs.notices.service import Notices
from assistant.programs.notices.wording import say

REPORT = "weekly-report"
BATCH = 50  # creators reported to in one step of the job
REPORTED = ("plays", "completion_rate", "engagement_rate")
STALE_DAYS = 10  # older numbers make no report


class Watching:
    """Posts metric alerts when numbers have come in and every morning, growth reports every Monday. An alarm is told
    once an occasion, a report once a week: the outbox knows what was told."""

    def __init__(
        self, engine: Engine, warehouse: Warehouse, alerts: MetricAlerts, metrics: CustomMetrics, notices: Notices,
        today: Callable[[], date],
    ) -> None:  # fmt: skip
        self._engine = engine
        self._warehouse = warehouse
        self._alerts = alerts
        self._metrics = metrics
        self._notices = notices
        self._today = today

    def alert(self, creators: Collection[str] | None = None) -> int:
        """Look at every metric that a creator, or one of these, has watched; returns how many new alarms there were."""
        return self._notices.post(self._alarms(creators))

    def _alarms(self, creators: Collection[str] | None) -> Iterator[Post]:
        today = self._today()
        for alert in self._alerts.all(creators):
            try:
                metric = self._metrics.metric(alert.metric, alert.creator_id)
            except Problem:  # it was the creator's own and is gone
                continue
            alarm = alarm_of(self._warehouse, alert, metric, today)
            if alarm is None:
                continue
            lang = self._notices.wishes.of(alert.creator_id).language or "zh"
            title = metric.title_en if lang == "en" else metric.title_zh
            message = Message(say("alert_title", lang, metric=title), alarm.text_en if lang == "en" else alarm.text_zh)
            yield Post(alert.creator_id, "alert", f"alert:{alert.metric}:{alarm.occasion}", message)

    def report(self, _: str = "") -> bool:
        """Report the last week to the next creators with numbers; False when all have theirs. A step of a job: the mark
        says how far this week's reports have come, and is kept after the posts."""
        monday = self._today() - timedelta(days=self._today().weekday())
        with reading(self._engine).begin() as connection:
            week, _, last = (mark_of(connection, REPORT) or "").partition("/")
            after = last if week == monday.isoformat() else ""
            known = select(creator_traits.c.creator_id).where(creator_traits.c.creator_id > after)
            creators = list(connection.scalars(known.order_by(creator_traits.c.creator_id).limit(BATCH)))
        posts = [made for creator in creators if (made := self._report_of(creator, monday)) is not None]
        self._notices.post(posts)
        if creators:
            with self._engine.begin() as connection:
                set_mark(connection, REPORT, f"{monday.isoformat()}/{creators[-1]}")
        return bool(creators)

    def _report_of(self, creator: str, monday: date) -> Post | None:
        """The report of the seven days before `monday`; None without recent numbers."""
        end, lang = monday - timedelta(days=1), self._notices.wishes.of(creator).language or "zh"
        growth = trajectory(self._warehouse, creator, monday)
        if growth.last_day is None or (end - growth.last_day).days > STALE_DAYS:
            return None
        last = min(end, growth.last_day)
        lines = [say("report_week", lang, first=(last - timedelta(days=6)).isoformat(), last=last.isoformat())]
        if growth.followers is not None:
            net = growth.net[7]
            gained = say("report_unknown", lang) if net is None else f"{net:+,}"
            lines.append(say("report_followers", lang, followers=f"{growth.followers:,}", net=gained))
        for slug in REPORTED:
            metric = self._metrics.metric(slug, None)
            figure = measure(self._warehouse, creator, metric, last - timedelta(days=6), last)
            if figure.value is not None:
                title = metric.title_en if lang == "en" else metric.title_zh
                value = figure.shown("en" if lang == "en" else "zh")
                lines.append(say("report_metric", lang, metric=title, value=value, n=f"{figure.n:,}"))
        if growth.stage is not None:
            rule = growth.stage.rule_en if lang == "en" else growth.stage.rule_zh
            stage = growth.stage.en if lang == "en" else growth.stage.zh
            lines.append(say("report_stage", lang, stage=stage, rule=rule))
        lines += self._tasks_of(creator, monday, lang)
        lines.append(say("report_more", lang))
        occasion = f"report:{monday.isoformat()}"
        return Post(creator, "report", occasion, Message(say("report_title", lang), "\n".join(lines)))

    def _tasks_of(self, creator: str, monday: date, lang: str) -> list[str]:
        """The incentive tasks that a creator completed in the week, and those that go on."""
        query = (
            select(enrolments.c.state, enrolments.c.last_day, enrolments.c.settled_at, program_versions.c.rule)
            .join(
                program_versions,
                (program_versions.c.program == enrolments.c.program)
                & (program_versions.c.version == enrolments.c.version),
            )
            .where(enrolments.c.creator_id == creator, enrolments.c.state.in_(("joined", "completed")))
            .order_by(enrolments.c.id)
        )
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query).all()
        lines = []
        for row in rows:
            title = row.rule["title"]["en"] or row.rule["title"]["zh"] if lang == "en" else row.rule["title"]["zh"]
            if row.state == "joined":
                lines.append(say("report_task_running", lang, title=title, day=row.last_day.isoformat()))
            elif monday - timedelta(days=7) <= row.settled_at.date() < monday:
                lines.append(say("report_task_done", lang, title=title))
        return lines
