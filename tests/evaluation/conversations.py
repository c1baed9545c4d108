"""Writes docs/conversations.md: ten conversations as the guide really answers them, with pictures of their charts.

    python -m tests.evaluation.conversations    (`make conversations`)

They are held on a starter home of a fixed day, so that the file changes only when the answers do.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assistant.agent.answers import Reply
from assistant.bootstrap import Services, initialise, open_services
from assistant.identity import Caller
from assistant.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
DAY = date(2026, 11, 27)
PRESS = "▸"  # before the label of a button that is pressed


@dataclass(frozen=True)
class Conversation:
    """Who talks (a demonstration creator, or None for somebody unknown) and what they say, turn by turn."""

    title: str
    creator: str | None
    said: tuple[str, ...]


CONVERSATIONS = (
    Conversation("规则和年份", None, ("光合计划2024年给多少流量啊", "那2022年呢", "换成英文", "2027年呢")),
    Conversation("最近为什么不涨粉", "demo-11", ("最近为什么不涨粉", "怎么改", "帮我盯着3秒短播率", f"{PRESS}1")),
    Conversation("这条为什么没爆", "demo-03", ("这条为什么没爆", "那第二条呢")),
    Conversation("账号发展建议", "demo-02", ("给我做个提升计划", "上次的计划效果怎么样")),
    Conversation("多久到万粉", "demo-01", ("多久到万粉", "我的完播率是多少", "完播率怎么算？互动率又怎么算？")),
    Conversation("創作前的靈感", "demo-08", ("給我幾個選題", "還有呢")),
    Conversation("素材：脚本和标题", None, ("帮我写个露营的脚本", "检查标题：全网最好用的露营灯")),
    Conversation("Reviewing the last works", "demo-10", ("review my last works", "why am I not gaining followers")),
    Conversation("原创保护与没有公布的事", None, ("作品被搬运了去哪投诉", "快手之星要多少粉", "哪里能买粉")),
    Conversation("随口说的话", None, ("👍", "[图片]", "2秒跳出老高了，哪儿的锅", "不是，我问的是前3秒咋拍", "谢谢")),
)


async def talked(services: Services, conversation: Conversation) -> list[tuple[str, Reply]]:
    """What was said, and the answers."""
    caller, thread = Caller("web", conversation.creator, f"198.51.100.20/{conversation.title}"), None
    turns: list[tuple[str, Reply]] = []
    for text in conversation.said:
        if text.startswith(PRESS):
            action = turns[-1][1].actions[int(text[1:]) - 1]
            turns.append((f"{PRESS} {action.label}", await services.assistant.act(caller, action.id)))
        else:
            reply = await services.assistant.answer(caller, thread, text)
            thread = reply.thread
            turns.append((text, reply))
    return turns


def written(number: int, conversation: Conversation, who: str, turns: Sequence[tuple[str, Reply]]) -> list[str]:
    """One conversation in Markdown."""
    lines = [f"## {number}. {conversation.title}", "", f"*{who}*", ""]
    pictures = 0
    for said, reply in turns:
        lines += [f"**›** {said}", ""]
        lines += [f"> {line}".rstrip() for line in reply.text.split("\n")]
        for one in reply.citations:
            source = " · ".join(filter(None, (one.passage.heading, one.passage.provenance.source)))
            lines += [">", f"> <sub>[{one.n}] {source}</sub>"]
        for chart in reply.charts:
            pictures += 1
            lines += [">", f"> ![{chart.title}](images/conversation-{number}-{pictures}.png)"]
        for action in reply.actions:
            lines += [">", f"> `{PRESS} {action.label}`"]
        lines.append("")
    return lines


async def transcript(services: Services, pictures: Path) -> str:
    """The whole file; the charts are painted into `pictures`."""
    lines = [
        "# Ten conversations",
        "",
        f"Written by `make conversations` on the starter knowledge and the demonstration creators of {DAY}, whose "
        "numbers are synthetic; no model but the extractive one answers. `▸` is a button, or one that is pressed.",
        "",
    ]
    for number, conversation in enumerate(CONVERSATIONS, 1):
        turns = await talked(services, conversation)
        creator = services.accounts.find(conversation.creator or "")
        who = f"{creator.name}（{creator.category}）" if creator else "还没有绑定账号的人"
        lines += written(number, conversation, who, turns)
        charts = [chart for _, reply in turns for chart in reply.charts]
        for place, chart in enumerate(charts, 1):
            (pictures / f"conversation-{number}-{place}.png").write_bytes(services.painter.png(chart))
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """On a home of its own, which is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Settings(home=Path(folder)))
        services.library.today = lambda: DAY  # type: ignore[method-assign]  # the day that the numbers end on
        initialise(services, empty=False, progress=lambda *_: None)
        for old in (DOCS / "images").glob("conversation-*.png"):
            old.unlink()
        text = asyncio.run(transcript(services, DOCS / "images"))
        services.close()
    (DOCS / "conversations.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
