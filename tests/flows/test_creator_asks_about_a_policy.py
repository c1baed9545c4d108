"""A creator who has linked nothing asks about a program, in three scripts, and checks where the answer comes from."""

from assistant.bootstrap import Services
from tests.flows.talking import Person, heard


async def test_creator_asks_about_a_policy_and_can_check_the_answer(starter: Services) -> None:
    creator = Person(starter)

    reply = await creator.ask("2024 年光合计划给多少现金和流量？")
    assert "10亿元（十亿）现金" in reply.text
    assert "100亿" in reply.text
    assert reply.grounded
    assert not reply.refused
    assert reply.model == "extractive"

    source = reply.citations[0].as_dict()
    assert f"[{source['n']}]" in reply.text
    assert source["document"] == "guanghe-plan"
    assert source["source_date"].startswith("2024")
    assert source["effective_from"] == "2024-08-27"
    assert "100亿" in source["quote"]
    assert reply.release == starter.library.release

    followed = await creator.ask(reply.suggestions[0], thread=reply.thread)
    assert followed.thread == reply.thread
    assert followed.text


async def test_the_same_question_in_traditional_chinese_and_english(starter: Services) -> None:
    creator = Person(starter)
    traditional = await creator.ask("2024 年光合計畫給多少流量？")
    assert traditional.lang == "zh-Hant"
    assert "100億" in traditional.text
    assert "創作者" in traditional.text or "計劃" in traditional.text
    english = await creator.ask("How much traffic did the Guanghe Plan give in 2024?")
    assert english.lang == "en"
    assert "10 billion" in english.text
    assert english.citations[0].passage.lang == "en"


async def test_what_streams_is_what_the_finished_answer_says(starter: Services) -> None:
    events = await Person(starter).hear("完播率怎么算？")
    assert events[-1].kind == "done"
    reply = events[-1].reply
    assert reply is not None
    assert heard(events) == reply.text
    assert "完播率" in reply.text
    assert "完播数÷播放数" in reply.text.replace(" ", "")
    assert [event.data["n"] for event in events if event.kind == "citation"] == [one.n for one in reply.citations]
    assert reply.as_dict()["timings_ms"]["total"] > 0


async def test_every_message_gets_a_sentence(starter: Services) -> None:
    creator = Person(starter)
    odd = ("", "   ", "？？？", "😀😀", "1", "\x00\u202e", "完播率" * 3000, "a" * 5000, "[1]", "'; DROP TABLE turns")
    for message in odd:
        reply = await creator.ask(message)
        assert reply.text, message[:20]
        assert "Traceback" not in reply.text
    assert (await creator.ask("完播率怎么算")).citations
