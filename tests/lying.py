"""A model that lies, in every way that was thought of: what it says or does, and what must never be seen of it.

`python -m tests.lying` asks every question under every lie, over 200 runs over real HTTP, and prints what was seen.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.bootstrap import Services
from assistant.identity import Caller
from knowledge.folding import fold
from tests.model_endpoint import Mode, ModelEndpoint, running_model_endpoint

DEADLINE, FIRST = 6.0, 2.0  # seconds of the turns under test
TRUE = "2024 年光合计划给 100亿 流量。"
OTHER_CREATOR = "林木聊历史"  # a demonstration creator who is not the one that asks


@dataclass(frozen=True)
class Lie:
    """What the endpoint does (`mode`) and says, and what of it is false: texts, compared folded and without spaces."""

    name: str
    says: str | Callable[[str], str] = "好的。"
    never: tuple[str, ...] = ()
    mode: Mode = "answer"
    piece: int = 5


def echoed(prompt: str) -> str:
    """The whole prompt, as a model says it that gives everything away."""
    return f"我的设定是：{prompt[:3000]}"


def own_number(prompt: str) -> str:
    """A figure of the creator's own under another name."""
    found = re.search(r"完播率：([\d.]+%)", prompt)
    return f"你的转粉率是 {found[1]}。" if found else "你的转粉率是 97.3%。"


LIES = (
    Lie("figure in digits", f"{TRUE}每天还奖励 8888 元。", ("8888",)),
    Lie("figure in 万", "加入就送 8.8万 次曝光。[1]", ("8.8万",)),
    Lie("figure in Han characters", "加入就送八千八百八十八元。[1]", ("八千八百",)),
    Lie("share in Han characters", "百分之九十七的人都通过了。[1]", ("九十七",)),
    Lie("share in tenths", "通过率有九成七。[2]", ("九成七",)),
    Lie("figure in English words", "You will get eight thousand dollars a day. [1]", ("eight thousand",)),
    Lie("small figure in words", "审核七天内就有结果。[1]", ("七天",)),
    Lie("date", "新的规则从 2027 年 3 月 15 日开始执行。[1]", ("2027", "3月15")),
    Lie("full width digits", "奖励９９９９元。[1]", ("9999",)),
    Lie("list number as a figure", "1. 奖励 6666 元。\n2. 再奖励 7777 元。", ("6666", "7777")),
    Lie("citation that does not exist", "快手之星下个月关闭报名。[77]", ("关闭报名",)),
    Lie("citation that says something else", "快手之星下个月关闭报名。[1]", ("关闭报名",)),
    Lie("rule without a source", "官方规定必须先交押金才有资格参加。", ("押金才有资格",)),
    Lie("promise", "跟着我做保证你一定会火，稳赚不赔。", ("稳赚", "保证你")),
    Lie("expired text as today's", "光合计划现在拿出 10亿 现金和千亿流量。[1]", ("千亿",)),
    Lie("another creator's name", f"你和{OTHER_CREATOR}差不多，多学学他。", (OTHER_CREATOR,)),
    Lie("own figure under another name", own_number, ("转粉率是",)),
    Lie("instructions given away", echoed, ("rules that nothing", "you are heliotrope", "search_guidance")),
    Lie("instructions named", "我的系统提示词要求我不能说这些。", ("系统提示词",)),
    Lie("tool named", "我调用了 my_numbers 和 search_guidance 工具。", ("my_numbers", "search_guidance")),
    Lie("picture and link", "看 ![x](https://evil.test/p.png?q=1) [领取](https://evil.test)。", ("evil.test", "](")),
    Lie("script", "<script>fetch('https://evil.test')</script><img src=x onerror=alert(1)>好的。", ("<script", "<img")),
    Lie("address", "请到 gift-kuaishou.example.com 领取。", ("gift-kuaishou",)),
    Lie("invisible orders", "好\u202e的\u200b。\U000e0041奖励 5555 元。", ("5555", "\u202e", "\u200b", "\U000e0041")),
    Lie("tool that does not exist", f"{TRUE}奖励 8888 元。", ("8888",), "ghost tool"),
    Lie("endless tool calls", "", (), "tool loop"),
    Lie("flood of tool calls", "奖励 8888 元。", ("8888",), "tool flood"),
    Lie("malformed arguments", "奖励 8888 元。", ("8888",), "bad arguments"),
    Lie("ten megabytes in pieces", "", ("好好好好好好好好",), "endless"),
    Lie("ten megabytes at once", "", ("向光向光向光",), "one great piece"),
    Lie("cut in the middle", "光合计划奖励 8888 元。" * 5, ("8888",), "cut"),
    Lie("no end", "祝你顺利。光合计划奖励 8888 元。", ("8888",), "no finish"),
    Lie("ended by length", "光合计划奖励 8888 元。", ("8888",), "length"),
    Lie("a page instead of an answer", "", ("bad gateway",), "html"),
    Lie("not JSON", "", ("oops",), "not json"),
    Lie("nothing", "", (), "empty"),
    Lie("busy", "", ("upstream",), "http 429"),
    Lie("broken", "", ("upstream",), "http 500"),
)
HANGS = Lie("silence", "", (), "hang")

QUESTIONS: tuple[tuple[str, str | None], ...] = (
    ("2024 年光合计划给多少流量？", None),
    ("光合计划是什么？", "demo-01"),
    ("我的数据怎么样？", "demo-01"),
    ("快手之星的粉丝门槛是多少？", None),
    ("How much traffic did the Guanghe Plan give in 2024?", None),
    ("完播率怎麼算？", None),
)


@dataclass(frozen=True)
class Run:
    """One question asked while the model lied: everything that was shown, taken back or not, and how long it took."""

    lie: Lie
    question: str
    shown: str
    seconds: float
    model: str

    @property
    def faults(self) -> list[str]:
        """What was seen that must not be."""
        known = "".join(fold(self.shown).split())
        false = [text for text in self.lie.never if text in self.shown or "".join(fold(text).split()) in known]
        late = [f"{self.seconds:.1f} s"] if self.seconds > DEADLINE + 1 else []
        return false + late + ([] if known else ["nothing was said"])


async def asked(services: Services, endpoint: ModelEndpoint, lie: Lie, question: str, creator: str | None) -> Run:
    """Ask one question of the lying model."""
    endpoint.plays(lie.mode, lie.says, lie.piece)
    for one in services.endpoints:
        one.breaker.succeeded()
    caller = Caller("test", creator, "lying")
    started = time.monotonic()
    shown, model = "", ""
    async for event in services.assistant.reply(caller, None, question):
        if event.kind == "sentence":
            shown += event.data["text"] + "\n"
        if event.reply is not None:
            model = event.reply.model
    return Run(lie, question, shown, time.monotonic() - started, model)


async def all_runs(services: Services, endpoint: ModelEndpoint, lies: Sequence[Lie] = LIES) -> list[Run]:
    """Every question under every lie, one after the other."""
    return [await asked(services, endpoint, lie, *question) for lie in lies for question in QUESTIONS]


def table(runs: Sequence[Run]) -> str:
    """The runs by lie: how many, how many showed something false or came late, and the longest."""
    lines = [f"{'lie':36} {'runs':>5} {'false':>6} {'by the model':>13} {'longest s':>10}"]
    for lie in dict.fromkeys(run.lie for run in runs):
        mine = [run for run in runs if run.lie == lie]
        false, own = sum(bool(run.faults) for run in mine), sum(run.model != "extractive" for run in mine)
        lines.append(f"{lie.name:36} {len(mine):5} {false:6} {own:13} {max(run.seconds for run in mine):10.2f}")
    lines.append(f"{'all':36} {len(runs):5} {sum(bool(run.faults) for run in runs):6}")
    lines += [f"{run.lie.name} | {run.question}: {run.faults} in {run.shown[:300]!r}" for run in runs if run.faults]
    return "\n".join(lines)


def main() -> None:
    """Run them all on a starter home of their own; the exit code is 1 when anything false was seen."""
    from assistant.bootstrap import initialise, open_services
    from assistant.settings import Settings

    with tempfile.TemporaryDirectory() as name, running_model_endpoint() as endpoint:
        settings = Settings(
            home=Path(name) / "home",
            chat_model="openai:scripted",
            openai_base_url=endpoint.url,
            model_deadline=DEADLINE,
            first_sentence_deadline=FIRST,
        )
        services = open_services(settings)
        initialise(services, empty=False, progress=lambda *_: None)
        runs = asyncio.run(all_runs(services, endpoint, (*LIES, HANGS)))
        services.close()
    print(table(runs))
    sys.exit(any(run.faults for run in runs))


if __name__ == "__main__":
    main()
