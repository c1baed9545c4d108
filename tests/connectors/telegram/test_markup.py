"""From Markdown to Telegram's HTML, cut to size."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram.markup import Run, as_html, as_plain, link, runs_of, split, units
from tests.telegram_emulator import _rendered

ADDRESSES = st.sampled_from(("", "https://a.b/?c=1&d"))
MARKS = st.sampled_from("字a😀*[]()`#-\\ <>&\"'\n。.!?1")
MARKDOWN = st.text(alphabet=MARKS | st.characters(codec="utf-8"), max_size=400)
RUNS = st.lists(
    st.builds(Run, st.text(alphabet="字a😀<&。. \n", max_size=60), st.booleans(), st.booleans(), ADDRESSES),
    max_size=20,
)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**政策**：给 <b>100亿</b> & 更多 [1]", "<b>政策</b>：给 &lt;b&gt;100亿&lt;/b&gt; &amp; 更多 [1]"),
        ("**“光合”**是计划", "<b>“光合”</b>是计划"),
        ("- 一\n  - 二\n* **三**", "• 一\n\u00a0\u00a0• 二\n• <b>三</b>"),
        ("- 一\n- 二\n后文", "• 一\n• 二\n\n后文"),
        ("## 标题 ##\n正文", "<b>标题</b>\n正文"),
        ("见 [官网](https://a.b/c_(d)?e=1&f=2)。", '见 <a href="https://a.b/c_(d)?e=1&amp;f=2">官网</a>。'),
        ("[坏](javascript:alert(1)) ![图](https://a.b/c.png)", "[坏](javascript:alert(1)) ![图](https://a.b/c.png)"),
        ("发送 `/start 绑定码`", "发送 <code>/start 绑定码</code>"),
        (r"5\*3 \[x\] 2*3*4 a_b_c", "5*3 [x] 2*3*4 a_b_c"),
        ("**没有关上", "**没有关上"),
    ],
)
def test_markdown_of_an_answer_becomes_telegram_html(markdown: str, expected: str):
    assert as_html(runs_of(markdown)) == expected


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://a.b", 'https://a.b/" onclick', "https://a b", "", None, "https://" + "a" * 2000],
)
def test_link_leads_only_to_ordinary_web_addresses(url: str | None):
    assert link("标题", url) == Run("标题")


def test_cut_prefers_paragraph_then_line_then_sentence():
    paragraphs = split(runs_of("甲" * 30 + "\n\n" + "乙" * 30 + "\n" + "丙" * 30), 70)
    assert [as_plain(message) for message in paragraphs] == ["甲" * 30, "乙" * 30 + "\n" + "丙" * 30]
    lines = split(runs_of("甲。" * 20 + "\n" + "乙。" * 20), 50)
    assert [as_plain(message) for message in lines] == ["甲。" * 20, "乙。" * 20]
    sentences = split(runs_of("他说：“走吧。”然后走了。" * 3), 20)
    assert [as_plain(message) for message in sentences] == ["他说：“走吧。”然后走了。"] * 3


def test_number_with_a_point_is_no_sentence_end():
    (first, *_) = split(runs_of("Plays rose by 3.5 percent. Then 4.25 more came"), 40)
    assert as_plain(first) == "Plays rose by 3.5 percent."


@given(MARKDOWN)
def test_any_text_becomes_html_that_telegram_parses(markdown: str):
    runs = runs_of(markdown)
    assert _rendered(as_html(runs)) == "".join(run.text for run in runs)


@given(RUNS, st.integers(80, 300))
def test_messages_are_short_well_formed_and_lose_nothing_but_white_space(runs: list[Run], limit: int):
    messages = split(runs, limit)
    for message in messages:
        assert _rendered(as_html(message)).strip()
        assert units(as_html(message)) <= limit
        assert units(as_plain(message)) <= limit
    shown = "".join(run.text for message in messages for run in message)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", "".join(run.text for run in runs))


@given(st.text(max_size=100))
def test_length_is_counted_in_utf16(text: str):
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_escaping_is_undone_by_the_reader():
    assert html.unescape(as_html([Run("<&>\"'")])) == "<&>\"'"
