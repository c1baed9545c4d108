"""Questions to measure with: those of `tests/evaluation/knowledge.jsonl`, in as many wordings as rounds are needed."""

import json
from pathlib import Path

FILE = Path(__file__).parents[1] / "evaluation" / "knowledge.jsonl"
# A question that begins otherwise has another vector, so that none is remembered from the round before.
OPENINGS = {
    "zh": ("", "请问，", "想问一下，", "麻烦问下，", "请教一下，", "我想知道，", "请告诉我，"),
    "zh-Hant": ("", "請問，", "想問一下，", "麻煩問下，", "請教一下，", "我想知道，", "請告訴我，"),
    "en": (
        "",
        "Please tell me: ",
        "I would like to know: ",
        "Question: ",
        "One question: ",
        "Tell me: ",
        "Could you say: ",
    ),
}


def questions(wording: int = 0) -> list[str]:
    """All distinct questions in one of seven wordings; a wording shares no question with another."""
    lines = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    return list(dict.fromkeys(OPENINGS[line["lang"]][wording] + line["question"] for line in lines))
