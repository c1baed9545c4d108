"""Answers in the console: found by filters, shown with what they rest on, asked again; never who asked."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.web.console.markdown import rendered
from tests.connectors.web.console.asked import SECRET_OWNER, asked, used
from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import ANSWER, HOSTILE, ScriptedServices
from tests.knowledge.texts import publish, revision


def test_filters_find_the_answers_they_name(services: ScriptedServices, desk: Desk) -> None:
    asked(services, "光合计划给多少", verdict="down", comment="太旧")
    asked(services, "缺少的问题", reason="unanswered")
    asked(services, "旧问题 100%", at=datetime(2026, 1, 1, 17))  # 01:00 on 2 January in Shanghai
    viewer = desk("viewer")
    everything = viewer.get("/console/answers").text
    assert all(question in everything for question in ("光合计划给多少", "缺少的问题", "旧问题"))
    assert SECRET_OWNER.split(":")[1] not in everything
    for query, found in (
        ("show=down", {"光合计划给多少"}),
        ("show=refused", {"缺少的问题"}),
        ("show=answered", {"光合计划给多少", "旧问题"}),
        ("text=%25", {"旧问题"}),
        ("since=2026-01-02", {"光合计划给多少", "缺少的问题", "旧问题"}),
        ("since=2026-01-03", {"光合计划给多少", "缺少的问题"}),
        ("release=7", set()),
    ):
        page = viewer.get(f"/console/answers?{query}").text
        assert {one for one in ("光合计划给多少", "缺少的问题", "旧问题") if one in page} == found, query
    assert "没有这样的回答" in viewer.get("/console/answers?release=7").text
    assert viewer.get("/console/answers?since=yesterday").status_code == 422
    rows = viewer.get("/console/answers?show=down", **{"HX-Request": "true"}).text
    assert rows.lstrip().startswith('<div id="rows">')


def test_many_answers_come_page_by_page(services: ScriptedServices, desk: Desk) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    for number in range(51):
        asked(services, f"第 {number} 问", at=now - timedelta(minutes=number))
    viewer = desk("viewer")
    first, second = viewer.get("/console/answers").text, viewer.get("/console/answers?page=2").text
    assert "第 49 问" in first
    assert "第 50 问" not in first
    assert "page=2" in first
    assert "第 50 问" in second
    assert 'rel="prev"' in second


def test_one_answer_tells_what_it_rests_on(services: ScriptedServices, desk: Desk) -> None:
    answer = asked(services, "光合计划给多少", verdict="down", comment="数字太旧", model="gpt-x")
    page = desk("viewer").get(f"/console/answers/{answer}").text
    assert "<strong>政策与事实</strong>" in page
    assert '<a href="#passage-1">[1]</a>' in page
    assert 'id="passage-1"' in page
    for told in ("数字太旧", "光合计划投入百亿流量。", "0.910", "检索 12 毫秒", "gpt-x", "登录的创作者", "版本 1"):
        assert told in page, told
    assert SECRET_OWNER.split(":")[1] not in page
    assert desk("viewer").get("/console/answers/nothing").status_code == 404


def test_asked_again_an_answer_is_the_same_or_shows_what_differs(services: ScriptedServices, desk: Desk) -> None:
    viewer = desk("viewer")
    same = asked(services, "光合计划给多少", model="gpt-x", reply={"figures": [{"id": "f1"}]})
    page = viewer.send(f"/console/answers/{same}/again").text
    assert "和当时说的一字不差" in page
    assert "语言模型写的" in page
    assert "创作者自己的数据" in page
    other = asked(services, "光合计划给多少", ANSWER.replace("10 亿现金", "5 亿现金"))
    part = viewer.send(f"/console/answers/{other}/again", {"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="again"')
    assert "<del>5 亿" in part
    assert "<ins>10 亿" in part
    assert viewer.send(f"/console/answers/{same}/again", csrf="wrong").status_code == 403
    unread = asked(services, "？？", intent="")
    assert viewer.send(f"/console/answers/{unread}/again").status_code == 409


def test_hostile_answers_and_comments_are_shown_and_never_run(services: ScriptedServices, desk: Desk) -> None:
    answer = asked(services, HOSTILE, HOSTILE, verdict="down", comment=HOSTILE)
    viewer = desk("viewer")
    again = viewer.send(f"/console/answers/{answer}/again").text
    for page in (viewer.get("/console/answers").text, viewer.get(f"/console/answers/{answer}").text, again):
        assert "<img" not in page
        assert "<style" not in page
        assert 'href="javascript:' not in page
        assert "tracker.example" in page


@pytest.mark.parametrize(
    "text", ["```x[1]\ncode [1]\n```", "<b onclick=x>[1]</b>", "[a]: javascript:x\n[a][1]", "`[1]` ![x][1]", "[1](x)"]
)
def test_marks_become_links_and_nothing_else_does(text: str) -> None:
    markup = rendered(text, "passage", frozenset({1})).replace('<a href="#passage-1">[1]</a>', "")
    assert "href" not in markup
    assert "onclick=x>" not in markup
    assert "<img" not in markup
    assert '"' not in markup


def test_documents_tell_how_they_are_used(services: ScriptedServices, desk: Desk) -> None:
    today = services.library.today()
    services.library.add([revision("quiet", "没人问的。", title="没人问的文档")], "甲")
    publish(services.library)
    used(services, today, cited=4, down=1)
    used(services, today - timedelta(days=60), cited=30)
    viewer = desk("viewer")
    listed = viewer.get("/console/documents?sort=cited").text
    assert listed.index("光合计划") < listed.index("没人问的文档")
    assert "踩 1" in listed
    assert viewer.get("/console/documents").text.index("没人问的文档") < listed.index("没人问的文档")
    assert "被引用 4 次" in viewer.get("/console/documents/plan").text
    assert "被引用 34 次" in viewer.get("/console/documents/plan?days=90").text
    assert "近 28 天没有回答用到它" in viewer.get("/console/documents/quiet?days=5").text


def test_start_tells_what_waits_and_leads_there(services: ScriptedServices, desk: Desk) -> None:
    viewer = desk("viewer")
    assert "今天没有要处理的" in viewer.get("/console").text
    soon = services.library.today() + timedelta(days=20)
    services.library.add([revision("event", "活动。", title="限时活动", expires_on=soon.isoformat())], "甲")
    publish(services.library)
    services.library.add([revision("plan", "新的额度。", kind="program", title="光合计划")], "林编辑")
    down = asked(services, "哪里不对", verdict="down")
    asked(services, "很久以前", verdict="down", at=datetime(2026, 1, 1))
    asked(services, "缺少橱窗开通条件", reason="unanswered")
    services.learning.intake.refresh()
    page = viewer.get("/console").text
    for told in ("1 篇草稿等待发布", "林编辑", "1 个待补问题", "限时活动", "到期，没有下一版", "正在使用第 2 版"):
        assert told in page, told
    assert f'href="/console/answers/{down}"' in page
    assert "很久以前" not in page
