"""Programs, rewards and Star in the console: who may do what, and a task from its form to the payer."""

from datetime import timedelta

from assistant.programs.rules import TaskRule
from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import DEMO, ScriptedServices

FORM = {
    "slug": "winter-start",
    "way": "form",
    "title_zh": "冬日开拍",
    "about_zh": "两周发布三条作品。",
    "opens": "2020-01-01",
    "closes": "2099-12-31",
    "days": "14",
    "grace_days": "3",
    "tiers": "千粉",
    "step_0_zh": "三条作品",
    "step_0_goals": "works_published >= 3\ncompletion_rate >= 18%",
    "step_0_yuan": "600",
    "cash": "6000",
    "needs_two_above": "500",
}


def test_an_editor_writes_a_task_by_form_and_a_publisher_publishes_it(desk: Desk, services: ScriptedServices):
    editor, publisher = desk("editor"), desk("publisher")
    assert editor.send("/console/programs/save", **FORM).headers["location"] == "/console/programs/winter-start"
    rule = services.programs.register.task("winter-start").shown.rule
    assert isinstance(rule, TaskRule)
    assert [(goal.metric, goal.at_least) for goal in rule.steps[0].goals] == [
        ("works_published", 3),
        ("completion_rate", 0.18),
    ]
    assert (rule.cost("cash"), rule.rule.tiers) == (600_00, ("千粉",))
    page = editor.get("/console/programs/winter-start").text
    assert "完播率 ≥ 18%" in page
    assert "第 1 版草稿待发布" in page
    assert editor.send("/console/programs/winter-start/publish").status_code == 403
    assert publisher.send("/console/programs/winter-start/publish").status_code == 303
    assert services.programs.register.task("winter-start").published
    # The form shows the rule as it was written, and saving it again changes nothing in it.
    edit = editor.get("/console/programs/winter-start/edit").text
    assert "works_published &gt;= 3" in edit
    yaml = editor.get("/console/programs/winter-start/edit?way=yaml").text
    assert "needs_two_above" in yaml
    assert "冬日开拍" in desk("viewer").get("/console/programs").text


def test_what_cannot_be_a_rule_comes_back_with_the_reason_and_what_was_typed(desk: Desk):
    editor = desk("editor")
    for change, said in (
        ({"step_0_goals": "plays about 3"}, "目标要写成“指标 &gt;= 数字”"),
        ({"step_0_goals": "no_such >= 3"}, "没有这个指标"),
        ({"cash": "5"}, "现金预算连一位全部完成的创作者也付不了"),
        ({"closes": "2019-01-01"}, "closes 早于 opens"),
        ({"slug": "Winter!"}, "小写字母"),
    ):
        answer = editor.send("/console/programs/save", **{**FORM, **change})
        assert answer.status_code == 422, change
        assert said in answer.text
        assert "冬日开拍" in answer.text


def test_yaml_is_read_and_hostile_yaml_refused(desk: Desk, services: ScriptedServices):
    editor = desk("editor")
    editor.send("/console/programs/save", **FORM)
    refused = editor.send("/console/programs/save", slug="winter-start", way="yaml", text="a: &a [1]\nb: *a\n")
    assert refused.status_code == 422
    assert "YAML 别名" in refused.text
    title = "<script>alert(1)</script>"
    editor.send("/console/programs/save", **{**FORM, "title_zh": title})
    assert title not in editor.get("/console/programs/winter-start").text
    assert services.programs.register.task("winter-start").shown.rule.title.zh == title


def test_the_past_is_tried_without_keeping_anything(desk: Desk, services: ScriptedServices):
    tried = desk("editor").send("/console/programs/preview", headers={"HX-Request": "true"}, **FORM)
    assert "占现金预算" in tried.text
    assert services.programs.register.all("task") == []


def test_two_people_approve_what_is_large_and_an_admin_pays(desk: Desk, services: ScriptedServices):
    programs, today = services.programs, services.programs.today()
    kept = {
        "title": "徽章", "about": "一条", "opens": "2020-01-01", "closes": "2099-12-31", "days": 14,
        "steps": [
            {
                "title": "一条",
                "goals": [{"metric": "works_published", "at_least": 1}],
                "rewards": [{"kind": "cash", "yuan": "600"}],
            }
        ],
        "budget": {"cash": "600"},
        "needs_two_above": "500",
    }  # fmt: skip
    programs.register.save("large", "task", kept, "editor")
    programs.register.publish("large", "publisher")
    own = programs.tasks.join(DEMO.id, "large", today - timedelta(days=1))
    with services.engine.begin() as connection:
        rule = programs.register.task("large").published.rule
        programs.ledger.award(connection, "large", 1, rule, own.id, DEMO.id, 0)
    publisher, admin = desk("publisher"), desk("admin")
    award = f"{own.id}:1:cash"
    assert "1 笔待审批" in publisher.get("/console/rewards").text
    assert desk("editor").send(f"/console/rewards/awards/{award}/approve").status_code == 403
    publisher.send(f"/console/rewards/awards/{award}/approve")
    assert publisher.send(f"/console/rewards/awards/{award}/approve").status_code == 403
    assert programs.ledger.find(award).state == "held"
    admin.send(f"/console/rewards/awards/{award}/approve")
    assert programs.ledger.find(award).state == "payable"
    assert publisher.send("/console/rewards/payouts").status_code == 403
    admin.send("/console/rewards/payouts")
    sheet = admin.get("/console/rewards/payouts/1.csv")
    assert "600.00,CNY" in sheet.text
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert admin.get("/console/rewards/payouts/99.csv").status_code == 404
    assert "批准" in admin.get(f"/console/rewards/awards/{award}").text
    assert admin.get(f"/console/enrolments/{own.id}").status_code == 200
    assert admin.get("/console/audit?area=reward").status_code == 200


def test_star_is_nominated_decided_and_tracked(desk: Desk, services: ScriptedServices):
    services.programs.fill()
    editor, publisher = desk("editor"), desk("publisher")
    looked = editor.get(f"/console/star?creator={DEMO.id}").text
    assert "没有公布" in looked
    assert "数据不足" in looked
    assert "没有创作者 nobody" in editor.get("/console/star?creator=nobody").text
    path = editor.send("/console/star", creator=DEMO.id, note="稳").headers["location"]
    assert editor.send(f"{path}/decide", verdict="accepted", reason="好", contact="admin").status_code == 403
    assert publisher.send(f"{path}/decide", verdict="accepted", reason="好", contact="").status_code == 422
    publisher.send(f"{path}/decide", verdict="accepted", reason="好", contact="admin")
    publisher.send(f"{path}/benefits", kind="guarantee", amount="3,000.50", due_on="2020-01-01")
    page = publisher.get(path).text
    assert "¥3,000.50" in page
    assert "逾期" in page
    assert services.programs.star.contact_of(DEMO.id) == "admin"
