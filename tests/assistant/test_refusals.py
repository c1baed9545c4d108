"""Every sentence that is raised for people stands in the Chinese catalogue, with the same values in it."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

import pytest

from assistant.errors import BadInput, Conflict, Said
from assistant.programs.rule_texts import UnusableRule, rule_of
from assistant.refusals import refusal, sentences

ROOT = Path(__file__).parents[2]
SAYING = {"Said", "Spoken", "Impossible", "Unreadable", "UnreadableNotes"}
# What operators read at the start, what goes to the log, and what has a catalogue of its own.
ELSEWHERE = {"Misconfigured", "ModelFailed", "Refusal", "FormulaFault", "Occupied"}
OPERATORS = ("assistant/backups.py", "assistant/home.py", "assistant/database/", "assistant/telemetry/")


def test_every_sentence_has_its_chinese():
    missing = sorted({said for _, said in raised() if said not in sentences()})
    assert not missing, "add these to assistant/locale/zh/LC_MESSAGES/refusals.po"


def test_values_are_given_by_name():
    composed = [f"{place}: {said}" for place, said in raised() if said.startswith(("f'", 'f"'))]
    assert not composed, 'say BadInput("At most {most} files.", most=10), not BadInput(f"At most {most} files.")'


def test_the_chinese_has_the_same_values():
    wrong = [said for said, chinese in sentences().items() if places(said) != places(chinese)]
    assert not wrong


def test_a_refusal_is_said_in_the_readers_language():
    problem = BadInput("A case has at most {most} files.", most=10)
    assert str(problem) == refusal(problem, "en") == "A case has at most 10 files."
    assert refusal(problem, "zh") == refusal(problem, "zh-Hant") == "一个案件最多 10 个文件。"
    assert refusal(Conflict("Nobody translated {this}."), "zh") == "Nobody translated {this}."


def test_what_is_said_within_a_sentence_is_translated_too():
    place = Said("{name}, line {number}", name="问题.jsonl", number=3)
    problem = BadInput("{place}: this is not JSON.", place=place)
    assert str(problem) == "问题.jsonl, line 3: this is not JSON."
    assert refusal(problem, "zh") == "问题.jsonl 第 3 行：不是 JSON。"


def test_a_rule_that_cannot_be_says_why_in_chinese():
    with pytest.raises(UnusableRule) as caught:
        rule_of("task", {"title": {"zh": "短"}, "places": 0})
    assert refusal(caught.value, "zh").startswith("规则没法用：")
    assert not any(character.isascii() and character.isalpha() for character in refusal(caught.value.fault, "zh"))


def places(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def raised() -> Iterator[tuple[str, str]]:
    """Where in the code, and each sentence given to a problem there; an f-string as it is written."""
    folders = ("assistant", "knowledge", "connectors/web")
    trees = {
        path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if not str(path.relative_to(ROOT)).startswith(OPERATORS)
    }
    saying = _saying(trees.values())
    for path, tree in trees.items():
        for call, within in _calls(tree):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name in saying or (name == "__init__" and within in saying):
                for argument in (*call.args, *(word.value for word in call.keywords if word.arg == "sentence")):
                    said = _sentence(argument)
                    if said:
                        yield f"{path}:{call.lineno}", said


def _sentence(argument: ast.expr) -> str:
    """The sentence that an argument is; empty for a name, a number or a key."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and " " in argument.value:
        return argument.value
    if isinstance(argument, ast.JoinedStr) and any(" " in str(getattr(one, "value", "")) for one in argument.values):
        return ast.unparse(argument)
    return ""


def _saying(trees: Iterable[ast.AST]) -> set[str]:
    """The names of all problems, and of what else can be said."""
    bases = {
        node.name: {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = SAYING | {"Problem"}
    while new := {name for name, above in bases.items() if above & found} - found:
        found |= new
    return found - ELSEWHERE


def _calls(tree: ast.AST, within: str = "") -> Iterator[tuple[ast.Call, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node, within
        yield from _calls(node, node.name if isinstance(node, ast.ClassDef) else within)
