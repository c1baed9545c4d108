"""A small published library, and the reader and composer over it."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine

from assistant.agent.composing import Composer
from assistant.agent.reading import Reader
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from knowledge.tables import metadata
from prompts.texts import load_prompts
from tests.fakes import HashEmbedder
from tests.knowledge.texts import publish, revision

RATE = """## 完播率怎么算
<!--
asked:
- 完播率是什么
-->
完播率 = 完播数 ÷ 播放数。分母是播放数，不是曝光。"""
HOOK = """## 开头怎么留人
<!--
asked:
- 前三秒怎么拍
-->
开头先给结果，再讲过程。"""
PLAN_2022 = """## 2022 年光合计划的额度
2022 年光合计划拿出 10亿元（十亿）现金和千亿流量。"""
PLAN_2024 = """## 2024 年光合计划的额度
2024 年光合计划拿出 10亿元（十亿）现金和 100亿流量。"""
THRESHOLD = """## 快手之星的门槛
<!--
unpublished: true
-->
快手之星的粉丝门槛没有可核实的官方公布。"""
RUMOUR = """## 网传完播率及格线
<!--
unpublished: true
rumour: true
-->
“完播率过 30% 就有流量”没有官方出处，是网传说法。"""
SCRIPT = """## 适用
适合探店。

## 模板
{地点}，人均{数字}元。"""
TOPIC = """## 早餐摊的一天
选题“早餐摊的一天”：凌晨跟拍出摊。适合美食号。"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library with a definition, a method, two years of a program, an unpublished rule, a rumour and material.
    Read only."""
    folder = tmp_path_factory.mktemp("small")
    engine = create_engine(f"sqlite:///{folder / 'knowledge.db'}")
    metadata.create_all(engine)
    library = Library(engine, HashEmbedder(), DenseIndex(folder / "chroma"), ZoneInfo("Asia/Shanghai"))
    plan = {"kind": "program", "title": "光合计划"}
    library.add(
        [
            revision("rate", RATE, kind="metric", title="完播率"),
            revision("hook", HOOK, title="开头"),
            revision("plan", PLAN_2022, **plan, effective_from="2022-07-29", expires_on="2023-08-10"),
            revision("plan", PLAN_2024, **plan, effective_from="2024-08-27"),
            revision("star", THRESHOLD, kind="faq", title="快手之星", trust="unverified"),
            revision("rumour", RUMOUR, kind="faq", title="及格线", trust="unverified"),
            revision("template-shop", SCRIPT, kind="template", title="探店脚本"),
            revision("topic-breakfast", TOPIC, kind="topic", title="早餐摊的一天"),
        ],
        "editor",
    )
    publish(library)
    return library


@pytest.fixture(scope="session")
def reader(small: Library) -> Reader:
    return Reader(load_prompts(), small)


@pytest.fixture(scope="session")
def composer(small: Library, reader: Reader) -> Composer:
    return Composer(load_prompts(), reader)
