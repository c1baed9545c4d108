"""Passages that disturb: about what a question is about without answering it, and counterfeits of what is published.

`python -m tests.evaluation.noise [FILE [COUNT]]` asks the same questions with 1, 5 and 20 noisy passages a question in
the release, and with a counterfeit of every answer's source from somebody nobody vouches for, and prints what passes.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.bootstrap import Services
from assistant.evaluation import Evaluation, Question, evaluate, read_questions
from knowledge.documents import NewRevision, Passage, Provenance, Section

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


def noise(questions: Iterable[Question], amount: int) -> list[NewRevision]:
    """`amount` noisy documents a question: talk that repeats it and answers nothing, from nobody in particular."""
    return [_talk(question, place) for question in questions for place in range(amount)]


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
    lang = "en" if question.lang == "en" else "zh"
    texts = _TALK[lang]
    again = f"（{place}）" if place >= len(texts) else ""
    text = texts[place % len(texts)].format(question=question.question) + again
    source = Provenance("forum", trust="unverified")
    slug = f"noise-{question.id}-{place}"
    title = "群聊摘录" if lang == "zh" else "From a group chat"
    sections = (Section(title, text, source),)
    return NewRevision(slug, lang, "faq", title, f"## {title}\n{text}", source, sections)  # type: ignore[arg-type]


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
        if _DIGITS.search(hit.passage.text)
    }
    for amount in AMOUNTS:
        await publish(services, noise(questions, amount))
        name = f"{amount} noisy a question"
        print(told(name, await evaluate(services.assistant, questions)), flush=True)
    await publish(services, [counterfeit(passage) for passage in sources.values()])
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
