"""From a tree back to text, in the plain English form. Reading the text again gives the same tree."""

import re

from assistant.creators.language.trees import (
    Binary,
    Call,
    Expression,
    Field,
    Formula,
    Name,
    Number,
    Reference,
    Unary,
    Written,
)

_STRENGTHS = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "/": 6}
COMPARISON, DIVISION, NEGATIVE, ATOM = 4, 6, 7, 8
_PLAIN_NAME = re.compile(r"(?!(?:and|or|not|by)\b|非|或|并?且)[^\W\d]\w*", re.IGNORECASE)


def write(formula: Formula | Written) -> str:
    """The formula as text that `reading.read` understands."""
    title = formula.title if isinstance(formula, Written) else None
    grain = f" by {formula.grain}" if formula.grain else ""
    return (f"{_named(title)} = " if title else "") + _text(formula.expression) + grain


def _text(node: Expression, needed: int = 0) -> str:
    match node:
        case Number():
            return f"{node.value.scaleb(2):f}%" if node.is_percent else f"{node.value:f}"
        case Name():
            return _named(node.text) + ("" if node.version is None else f"@{node.version}")
        case Field():
            return node.name
        case Reference():
            return node.slug + ("" if node.version is None else f"@{node.version}")
        case Call():
            return f"{node.function}({', '.join(_text(argument) for argument in node.arguments)})"
        case Unary():
            strength = strength_of(node)
            sign = "-" if node.operator == "-" else "not "
            return _bracketed(sign + _text(node.operand, strength), strength, needed)
        case Binary():
            strength = strength_of(node)
            # Comparisons do not chain, so both sides bind more strongly.
            left = _text(node.left, strength + (strength == COMPARISON))
            text = f"{left} {node.operator} {_text(node.right, strength + 1)}"
            return _bracketed(text, strength, needed)


def strength_of(node: Expression) -> int:
    """How strongly the parts of a node hold together; a weaker one stands in brackets within a stronger one."""
    if not isinstance(node, Unary | Binary):
        return ATOM
    if node.operator == "-" and isinstance(node, Unary):
        return NEGATIVE
    return _STRENGTHS.get(node.operator, COMPARISON)


def _bracketed(text: str, strength: int, needed: int) -> str:
    return f"({text})" if strength < needed else text


def _named(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else f'"{name}"'
