"""Passages that disturb: about what a question is about without answering it, and counterfeits of what is published.

`python -m tests.evaluation.noise [FILE [COUNT]]` asks the same questions with 1, 5 and 20 noisy passages a question in
the release, and with a counterfeit of every answer's source, and prints what passes. The noise is of two kinds: talk
that repeats the question and that nobody vouches for, and notes about the very subject of the answer, as vouched for
as any text of a third party.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.bootstrap import Services
from assistant.evaluation import Evaluation, Question, evaluate, read_questions
from knowledge.documents import Language, NewRevision, Passage, Provenance, Section

HERE = Path(__file__).parent
AMOUNTS = (1, 5, 20)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_TALK = {
    "zh": (
        "很多创作者在群里讨论“{question}”，说法五花八门，这里只是转述，没有结论。",
        "评论区有人问：{question} 楼主没有回答，后来话题就散了。",
        "有同行说自己研究过“{question}”，但没有贴出任何来源。",
        "关于“{question}”的帖子常被转发，内容多半是广告。",
    ),
    "en": (
        "Many creators discuss “{question}” in groups; opinions differ and nothing is settled.",
        "Somebody asked in the comments: {question} The author never answered.",
        "A colleague claims to have looked into “{question}” without naming a source.",
        "Posts about “{question}” are often shared; most of them are advertising.",
    ),
}
_NOTES = {
    "zh": (
        "“{subject}”是最近的热门话题，创作者大会上有一场分享专门讲它，现场坐满了人。",
        "我们将在下一期直播里聊“{subject}”，欢迎提前留言，嘉宾名单待定。",
        "关于“{subject}”，编辑部收到不少来信，会在之后的专栏里逐条整理。",
        "一位创作者分享了自己了解“{subject}”的经历：先看公告，再问客服，最后做了笔记。",
    ),
    "en": (
        "“{subject}” was a popular subject at the creators' meeting; the room was full.",
        "Our next live talk is about “{subject}”; questions are welcome in advance.",
        "We received many letters about “{subject}” and will sort them in a later column.",
        "A creator told how they learnt about “{subject}”: first the notice, then support, then notes of their own.",
    ),
}


def noise(questions: Iterable[Question], amount: int) -> list[NewRevision]:
    """`amount` noisy documents a question: talk that repeats it and answers nothing, from nobody in particular."""
    return [_talk(question, place) for question in questions for place in range(amount)]


def notes(sources: Iterable[Passage], amount: int) -> list[NewRevision]:
    """`amount` documents about the subject of each source that hold nothing of what it says, from a third party."""
    return [_note(source, place) for source in sources for place in range(amount)]


def counterfeit(passage: Passage) -> NewRevision:
    """The same text with other figures, from a source that nobody vouches for."""
    text = _DIGITS.sub(lambda found: f"{float(found[0]) * 7 + 3:g}", passage.text)
    return NewRevision(
        slug=f"counterfeit-{passage.id}",
        lang="en" if passage.lang == "en" else "zh",
        kind="faq",
        title=f"网传：{passage.title}",
        body=f"## {passage.heading}\n{text}",
        provenance=Provenance("网友转发", trust="unverified"),
        sections=(Section(passage.heading, text, Provenance("网友转发", trust="unverified"), passage.asked),),
    )


async def publish(services: Services, revisions: Sequence[NewRevision]) -> None:
    """Serve them beside what is there, whatever the gate says: it is there to stop them."""
    services.library.add(revisions, "noise")
    await services.releasing.check_and_publish("noise", "noise", waiver="to see what it does")


def _talk(question: Question, place: int) -> NewRevision:
    lang: Language = "en" if question.lang == "en" else "zh"
    title = "群聊摘录" if lang == "zh" else "From a group chat"
    text = _filled(_TALK[lang], place, question=question.question)
    return _document(f"noise-{question.id}-{place}", lang, title, text, Provenance("forum", trust="unverified"))


def _note(source: Passage, place: int) -> NewRevision:
    lang: Language = "en" if source.lang == "en" else "zh"
    title = "编辑手记" if lang == "zh" else "An editor's notes"
    text = _filled(_NOTES[lang], place, subject=source.title if place % 2 else source.heading)
    return _document(f"note-{source.id}-{place}", lang, title, text, Provenance("专栏", trust="third_party"))


def _filled(texts: Sequence[str], place: int, **named: str) -> str:
    return texts[place % len(texts)].format(**named) + (f"（{place}）" if place >= len(texts) else "")


def _document(slug: str, lang: Language, title: str, text: str, source: Provenance) -> NewRevision:
    return NewRevision(slug, lang, "faq", title, f"## {title}\n{text}", source, (Section(title, text, source),))


def told(name: str, run: Evaluation) -> str:
    """One line of a run."""
    shares = {kind: totals.share for kind, totals in run.tables()["answerable"].items()}
    parts = ", ".join(f"{kind} {share:.1%}" for kind, share in shares.items())
    return f"{name:24} {run.total.passed}/{run.total.questions} passed; {parts}"


async def _measure(services: Services, questions: Sequence[Question]) -> None:
    print(told("as published", await evaluate(services.assistant, questions)), flush=True)
    sources = {
        hit.passage.id: hit.passage
        for question in questions
        if question.answerable
        for hit in services.library.shelf.search(question.question, 1).hits
    }
    for amount in AMOUNTS:
        await publish(services, noise(questions, amount) + notes(sources.values(), amount))
        name = f"{amount} noisy a question"
        print(told(name, await evaluate(services.assistant, questions)), flush=True)
    await publish(services, [counterfeit(one) for one in sources.values() if _DIGITS.search(one.text)])
    print(told("and counterfeits", await evaluate(services.assistant, questions)), flush=True)


def main() -> None:
    """On a starter home of its own, whose golden questions are not asked at every publish."""
    from assistant.bootstrap import initialise, open_services
    from assistant.settings import Settings

    file = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "heldout.jsonl"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    questions = read_questions(file.read_text("utf-8"), file.name)[:count]
    with tempfile.TemporaryDirectory() as name:
        services = open_services(Settings(home=Path(name) / "home"))
        initialise(services, empty=False, progress=lambda *_: None)
        for kept in services.golden.all():
            services.golden.remove(kept.question.id, "noise")
        asyncio.run(_measure(services, questions))
        services.close()


if __name__ == "__main__":
    main()
