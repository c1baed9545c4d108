"""The tree of a formula. `at` is the place of a node's first character in the text, and no part of what it means."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

# What one row is. "sums": any sums of days will do, since the formula only adds up; "day": one day; "work": one work
# published in the window, with its totals since publication.
Rows = Literal["sums", "day", "work"]


@dataclass(frozen=True)
class Number:
    """A number as written; 30% has the value 0.3."""

    value: Decimal
    is_percent: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Name:
    """A name as written, not yet looked up; `version` where it was asked for (`name@2`)."""

    text: str
    version: int | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Field:
    """A number of each row, by the warehouse's name for it."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Reference:
    """Another metric and what it means; `version` is None for a built-in one."""

    slug: str
    version: int | None
    title_zh: str
    title_en: str
    meaning: "Formula"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Unary:
    """A negative number or a denied condition."""

    operator: Literal["-", "not"]
    operand: "Expression"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Binary:
    """Arithmetic, comparison, or two conditions together."""

    operator: str
    left: "Expression"
    right: "Expression"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    """One of the functions of `words.FUNCTIONS`, by its English name once it is looked up."""

    function: str
    arguments: tuple["Expression", ...]
    at: int = field(default=0, compare=False)


Expression = Number | Name | Field | Reference | Unary | Binary | Call


@dataclass(frozen=True)
class Written:
    """A formula as it was read: names not looked up, units not checked."""

    expression: Expression
    title: str | None = None
    grain: Literal["day", "work"] | None = None


@dataclass(frozen=True)
class Formula:
    """A checked formula. `grain` is set where the text says `by day` or `by work`; `rows` is what was decided."""

    expression: Expression
    rows: Rows
    grain: Literal["day", "work"] | None = None


def children(node: Expression) -> tuple[Expression, ...]:
    """The parts of a node within the same formula: what a reference means is a formula of its own."""
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.arguments
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The node and all parts of it within the same formula, in no stated order."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))


def fields_of(node: Expression) -> tuple[str, ...]:
    """The fields that a formula names itself, sorted; those of metrics it refers to are not among them."""
    return tuple(sorted({part.name for part in walk(node) if isinstance(part, Field)}))


def definitions_in(formula: Formula) -> Iterator[Formula]:
    """The formula and every formula that it refers to, through any number of references."""
    waiting = [formula]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reference.meaning for reference in references_of(current.expression))


def every_field(formula: Formula) -> tuple[str, ...]:
    """All fields that it takes to compute a formula, sorted."""
    return tuple(sorted({name for one in definitions_in(formula) for name in fields_of(one.expression)}))


def looks_back(formula: Formula) -> bool:
    """Whether it needs days before its window: it has a `rolling` or a `lag`."""
    return any(calls_of(one.expression, "rolling", "lag") for one in definitions_in(formula))


def calls_of(node: Expression, *functions: str) -> list[Call]:
    """The calls of these functions, or of any function when none is named, that a formula makes itself."""
    return [part for part in walk(node) if isinstance(part, Call) and (not functions or part.function in functions)]


def references_of(node: Expression) -> list[Reference]:
    """The metrics that a formula refers to itself."""
    return [part for part in walk(node) if isinstance(part, Reference)]
