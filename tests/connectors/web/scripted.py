"""A web app over real accounts, tokens and settings, whose assistant answers from a script.

What cannot be had from the real assistant at will is scripted: slow streams, failures half-way, hostile documents.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine

from assistant.agent.answers import Event
from assistant.agent.understanding import Setting
from assistant.bootstrap import CHART_FONTS
from assistant.creators.accounts import Accounts, Creator
from assistant.creators.charts.chart import Chart
from assistant.creators.charts.painting import Painter
from assistant.creators.charts.series import Point, series_chart
from assistant.creators.custom import CustomMetrics
from assistant.creators.leaderboards.service import Leaderboards
from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.database.schema import metadata
from assistant.errors import BadInput, NotFound, Unavailable
from assistant.golden import GoldenQuestions
from assistant.identity import Caller, TokenOffice
from assistant.learning.service import Learning
from assistant.privacy import Privacy
from assistant.programs.campaigns.desk import Campaigns
from assistant.programs.campaigns.images import Pictures
from assistant.programs.cases.desk import Cases
from assistant.programs.jobs import Jobs
from assistant.programs.notices.service import Notices
from assistant.programs.service import Programs
from assistant.programs.telling import ProgramNotices
from assistant.programs.tickets.counter import Counter
from assistant.programs.tickets.hours import ServiceHours
from assistant.releasing import Releasing
from assistant.settings import Settings
from assistant.sites.registry import Sites
from assistant.sites.visits import Allowance, Visits
from assistant.sites.vouching import Vouching
from assistant.staff.accounts import Staff
from assistant.staff.passwords import Passwords
from assistant.staff.sessions import StaffSessions
from assistant.telemetry.service import Telemetry
from assistant.threads import Page
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from knowledge.reading.originals import Originals
from knowledge.tables import metadata as knowledge_metadata
from tests.fakes import HashEmbedder
from tests.knowledge.texts import publish, revision

SECRET = "the secret of the tests, long enough for HS256"
DEMO = Creator("demo-01", "阿禾的小厨房", "kuaishou", "美食", "稳步上升：播放和粉丝都在涨。", synthetic=True)
OTHER_DEMO = Creator("demo-02", "林木聊历史", "kuaishou", "知识", "停滞：更新没断，播放平了。", synthetic=True)
REAL = Creator("real-1", "真实的人", "kuaishou", "知识")

CITATION = {
    "n": 1,
    "document": "guanghe-plan-2024",
    "revision": 1,
    "title": "2024 年光合计划",
    "heading": "2024 年光合计划给多少流量",
    "source": "快手官方",
    "source_date": "2024-08-23",
    "trust": "official",
    "effective_from": "2024-01-01",
    "expires_on": "2025-01-01",
    "in_force": True,
    "basis": "policy",
    "quote": "2024 年光合计划投入 **10 亿现金和 100 亿流量**。",
    "url": "https://www.example.com/guanghe",
    "passage": "0" * 64,
}
HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"> [点我](javascript:document.title=1) "
    "![像](https://tracker.example/p.png) <style>*{display:none}</style>"
)
# A link that says one address and leads to another, a reference, a very long word, right-to-left marks and a fence.
TRICKS = (
    "[https://good.example/pay](https://evil.example/pay) [看][1]\n\n[1]: javascript:alert(1)\n\n"
    "<a href=\"https://evil.example\" style=\"position:fixed;inset:0\">x</a> \u202etxt.exe \u2066 "
    "<svg onload=alert(1)> <iframe srcdoc=x> <form action=//evil.example><input name=q></form> &lt;script&gt;\n\n"
    + "长" * 300 + "\n\n```\n</code></pre><script>document.title='owned'</script>\n```"
)
HOSTILE_CITATION = {**CITATION, "title": HOSTILE, "heading": HOSTILE, "quote": HOSTILE, "url": "javascript:alert(1)"}
FIGURE = {
    "id": "f1",
    "metric": "completion_rate",
    "value": 0.173,
    "unit": "percent",
    "window": "2026-10-26..2026-11-22",
    "n": 5321,
    "baseline": 0.15,
    "percentile": None,
}
NET = [Point(date(2026, 11, 20 + shift), value) for shift, value in enumerate((12, -3, 40))]
CHART = series_chart("net_followers", "净增粉", "count", NET, "zh")
ANSWER = """**政策与事实**
2024 年光合计划投入 10 亿现金和 100 亿流量（2024-08-23）。[1]

**建议**

- 先看[9]开头
- 再看结尾[1]"""


def reply(text: str, thread: str, **parts: Any) -> dict[str, Any]:
    """The JSON of a reply."""
    empty: dict[str, Any] = {"citations": [], "figures": [], "charts": [], "actions": [], "suggestions": []}
    judged = {"grounded": True, "refused": False, "release": 1, "model": "scripted", "answer_id": "a1"}
    return {"text": text, "thread": thread, "lang": "zh", "timings_ms": {}, **empty, **judged, **parts}


JOIN = {"id": "join-1", "label": "报名参加", "kind": "join_task"}
ASKED_AT = "2026-11-28T04:05:06"


def place_of(cursor: str) -> int:
    """Where a page begins or ends."""
    if not cursor.isdecimal() or not cursor.isascii():
        raise BadInput("This cursor was not given by an earlier page.")
    return int(cursor[:9])


@dataclass
class ScriptedAssistant:
    """Keeps threads by owner as the real one does; what it answers depends on the first word of the question."""

    threads_of: dict[str, tuple[str, list[dict[str, Any]]]] = field(default_factory=dict)
    callers: list[Caller] = field(default_factory=list)
    asked: list[tuple[str | None, str, date | None]] = field(default_factory=list)
    stopped: int = 0
    failures: int = 1
    pressed: list[str] = field(default_factory=list)

    async def reply(
        self, caller: Caller, thread: str | None, text: str, as_of: date | None = None
    ) -> AsyncIterator[Event]:
        """The events of one scripted answer."""
        name = self._thread(caller, thread)
        self.callers.append(caller)
        self.asked.append((thread, text, as_of))
        yield Event("status", {"text": "正在查找已发布的规则和方法…"})
        if text.startswith("慢"):
            try:
                await asyncio.sleep(120)
            except asyncio.CancelledError:
                self.stopped += 1
                raise
        if text.startswith("坏"):
            raise RuntimeError("a secret detail")
        if text.startswith("断") and self.failures:
            self.failures -= 1
            yield Event("sentence", {"text": "这一句还在", "basis": "note"})
            await asyncio.sleep(1.5)
            raise Unavailable("The model does not answer; try again.")
        answer = self._answer(text, name)
        for sentence in answer["text"].splitlines(keepends=True):
            yield Event("sentence", {"text": sentence, "basis": "policy"})
            await asyncio.sleep(0)
        for citation in answer["citations"]:
            yield Event("citation", citation)
        for action in answer["actions"]:
            yield Event("action", action)
        self.threads_of[name][1].append({"question": text, "asked_at": ASKED_AT, "reply": answer, "verdict": None})
        yield Event("done", answer)

    async def again(self, caller: Caller, thread: str, is_missed: bool = False) -> AsyncIterator[Event]:
        """The last question of a thread of the caller's, answered once more."""
        said = self.turns(caller, thread).items
        async for event in self.reply(caller, thread, said[-1]["question"]):
            yield event

    async def act(self, caller: Caller, action: str, said: str = "") -> SimpleNamespace:
        """The one button there is: joining the task, for whoever was offered it."""
        if action != JOIN["id"] or caller.creator is None:
            raise NotFound("There is no such action.")
        self.pressed.append(caller.creator)
        name = self._thread(caller, None)
        done = reply("已经报名，任务从明天开始。", name)
        self.threads_of[name][1].append(
            {"question": JOIN["label"], "asked_at": ASKED_AT, "reply": done, "verdict": None}
        )
        return SimpleNamespace(as_dict=lambda: done)

    async def answer(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> SimpleNamespace:
        """The whole scripted answer."""
        last: dict[str, Any] = {}
        async for event in self.reply(caller, thread, text, as_of):
            last = event.data
        return SimpleNamespace(as_dict=lambda: last)

    async def rehearse(
        self, caller: Caller, text: str, as_of: date | None, setting: Setting, extractive: bool = False
    ) -> tuple[SimpleNamespace, None]:
        """The scripted answer, written down nowhere; what begins with 缺 is not answered."""
        return SimpleNamespace(text=self._answer(text, "")["text"], refused=text.startswith("缺"), citations=()), None

    def turns(self, caller: Caller, thread: str, limit: int | None = None, cursor: str | None = None) -> Page:
        """What was asked and answered in the caller's own thread; the cursor is a place in it."""
        if self.threads_of.get(thread, ("", []))[0] != caller.owner:
            raise NotFound("There is no such conversation.")
        end = place_of(cursor) if cursor else len(self.threads_of[thread][1])
        start = max(0, end - limit) if limit else 0
        return Page(self.threads_of[thread][1][start:end], str(start) if start else None)

    def threads(self, caller: Caller, limit: int, cursor: str | None = None) -> Page:
        """The caller's own threads, the newest first."""
        own = [
            {"thread": name, "title": said[0]["question"], "turns": len(said), "asked_at": said[-1]["asked_at"]}
            for name, (owner, said) in reversed(self.threads_of.items())
            if owner == caller.owner and said
        ]
        start = place_of(cursor) if cursor else 0
        return Page(own[start : start + limit], str(start + limit) if len(own) > start + limit else None)

    def chart(self, caller: Caller, answer: str, number: int) -> Chart:
        """The one chart there is, of a caller with a conversation."""
        if number != 1 or caller.owner not in (owner for owner, _ in self.threads_of.values()):
            raise NotFound("There is no such chart.")
        return CHART

    def _thread(self, caller: Caller, thread: str | None) -> str:
        name = thread or f"thread-{len(self.threads_of) + 1}"
        if self.threads_of.setdefault(name, (caller.owner, []))[0] != caller.owner:
            raise NotFound("There is no such conversation; leave out the thread to begin a new one.")
        return name

    def _answer(self, text: str, thread: str) -> dict[str, Any]:
        if text.startswith("毒"):
            return reply(f"{HOSTILE}\n\n还有 [1]。", thread, citations=[HOSTILE_CITATION], suggestions=[HOSTILE])
        if text.startswith("任务"):
            return reply("这个任务可以报名：连续更新七天。", thread, actions=[JOIN])
        if text.startswith("诈"):
            return reply(f"{TRICKS}\n\n还有 [1]。", thread, citations=[{**HOSTILE_CITATION, "quote": TRICKS}])
        if text.startswith("长"):
            return reply("\n\n".join(f"第 {n} 段：{'开头三秒要让人知道能得到什么。' * 6}" for n in range(40)), thread)
        pictures = {form: f"/api/v1/answers/a1/charts/1.{form}" for form in ("svg", "png")}
        charts = [{**CHART.as_dict(), **pictures}]
        parts = {"citations": [CITATION], "figures": [FIGURE], "charts": charts, "suggestions": ["光合计划怎么参加？"]}
        return reply(ANSWER, thread, **parts)


@dataclass
class ScriptedServices:
    """The fields of Services that the web app reads."""

    settings: Settings
    engine: Engine
    library: Library
    originals: Originals
    golden: GoldenQuestions
    releasing: Releasing
    learning: Learning
    accounts: Accounts
    tokens: TokenOffice
    painter: Painter
    assistant: ScriptedAssistant
    staff: Staff
    staff_sessions: StaffSessions
    sites: Sites
    visits: Visits
    allowance: Allowance
    jobs: Jobs
    notices: Notices
    campaigns: Campaigns
    pictures: Pictures
    tickets: Counter
    telemetry: Telemetry

    @cached_property
    def warehouse(self) -> Warehouse:
        """An empty warehouse, opened by whoever asks for it first."""
        return open_warehouse("", self.settings.home)

    @cached_property
    def cases(self) -> Cases:
        """Originality cases, on the same warehouse."""
        return Cases(self.engine, self.warehouse, self.notices, self.settings.home / "cases")

    @cached_property
    def privacy(self) -> Privacy:
        """What is kept about whom."""
        return Privacy(self.engine, self.warehouse)

    @cached_property
    def custom_metrics(self) -> CustomMetrics:
        """The staff's and creators' own metrics: none at first."""
        return CustomMetrics(self.engine)

    @cached_property
    def leaderboards(self) -> Leaderboards:
        """Boards over the same warehouse."""
        return Leaderboards(self.engine, self.warehouse, self.accounts, self.custom_metrics)

    @cached_property
    def programs(self) -> Programs:
        """Incentive tasks, rewards and Star: none at first."""
        zone = ZoneInfo("Asia/Shanghai")
        return Programs.over(
            self.engine, self.warehouse, self.custom_metrics, ProgramNotices(), self.jobs, zone
        )


@cache
def _pristine_home() -> tempfile.TemporaryDirectory[str]:
    """A home with the creators, the one document that is served and an empty warehouse: to make it takes longer than
    most tests, to copy it does not."""
    folder = tempfile.TemporaryDirectory(prefix="scripted-")
    home = Path(folder.name)
    engine = create_engine(f"sqlite:///{home / 'scripted.db'}")
    for tables in (metadata, knowledge_metadata):
        tables.create_all(engine)
    accounts = Accounts(engine)
    for creator in (DEMO, OTHER_DEMO, REAL):
        accounts.add(creator)
    engine.dispose()
    library = empty_library(home)
    library.add([revision("plan", "## 额度\n光合计划投入百亿流量。", kind="program", title="光合计划")], "editor")
    publish(library)
    open_warehouse("", home).close()
    return folder


def empty_library(home: Path) -> Library:
    """A library that serves nothing before it is opened, on the database of `home`."""
    engine = create_engine(f"sqlite:///{home / 'scripted.db'}")
    return Library(engine, HashEmbedder(), DenseIndex(home / "chroma"), ZoneInfo("Asia/Shanghai"))


def scripted_services(home: Path, **settings: Any) -> ScriptedServices:
    """Services with two demonstration creators, a real one, and a library that serves one document."""
    shutil.copytree(_pristine_home().name, home, dirs_exist_ok=True)
    engine = create_engine(f"sqlite:///{home / 'scripted.db'}")
    accounts, library = Accounts(engine), empty_library(home)
    library.open()
    assistant, golden, sites = ScriptedAssistant(), GoldenQuestions(engine), Sites(engine)
    jobs, shanghai = Jobs("sqlite://", home, "Asia/Shanghai"), ZoneInfo("Asia/Shanghai")
    notices = Notices.over(engine, jobs, shanghai, secret=SECRET)
    pictures = Pictures(engine, home / "pictures")
    return ScriptedServices(
        settings=Settings(home=home, **{"anonymous_limit": 0, **settings}),
        engine=engine,
        library=library,
        originals=Originals(home / "originals"),
        golden=golden,
        releasing=Releasing(library, assistant, golden),  # type: ignore[arg-type]  # asked nothing: no golden questions
        learning=Learning.over(engine, library, assistant, golden),  # type: ignore[arg-type]  # as far as it is asked
        accounts=accounts,
        tokens=TokenOffice(SECRET),
        painter=Painter(CHART_FONTS),
        assistant=assistant,
        staff=Staff(engine, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))),
        staff_sessions=StaffSessions(engine),
        sites=sites,
        visits=Visits(SECRET, sites, accounts, Vouching(engine, sites, accounts)),
        allowance=Allowance(engine),
        jobs=jobs,
        notices=notices,
        campaigns=Campaigns(engine, notices, pictures, jobs, library.today),
        pictures=pictures,
        tickets=Counter(engine, notices, ServiceHours.of("1-7 09:00-21:00", shanghai)),
        telemetry=Telemetry.over(Settings(home=home), engine, library),
    )
