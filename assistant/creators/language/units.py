"""What a formula's number counts, so that plays are never added to seconds.

Powers are kept exactly: watched seconds ÷ plays is seconds¹ plays⁻¹. An average keeps the unit of what is averaged, so
"per play", "per work" and "per day" make no difference when two numbers are added, compared or shown.
"""

from dataclasses import dataclass, replace
from typing import Literal

from assistant.creators.figures import Unit
from assistant.creators.language.faults import FormulaFault, sentences
from assistant.creators.language.trees import Binary, Call, Expression, Field, Name, Number, Reference, Rows, Unary
from assistant.creators.language.words import FIELD_WORDS, Base

Powers = tuple[tuple[Base, int], ...]
Style = Literal["plain", "percent", "per_thousand", "per_week"]
_COUNTED: tuple[Base, ...] = ("times", "works", "days")


@dataclass(frozen=True)
class Quantity:
    """`is_bare`: made of written numbers only, which go with any unit."""

    powers: Powers = ()
    style: Style = "plain"
    is_bare: bool = False

    @property
    def essential(self) -> Powers:
        """The powers without "per play", "per work", "per day"."""
        return tuple((base, power) for base, power in self.powers if power > 0 or base not in _COUNTED)

    def named(self, lang: str) -> str:
        """The unit in words."""
        bases = sentences()["bases"]
        above = " × ".join(bases[base][lang] for base, power in self.powers for _ in range(power))
        below = " ÷ ".join(bases[base][lang] for base, power in self.powers for _ in range(-power))
        return f"{above or '1'} ÷ {below}" if below else above or bases["none"][lang]


def shown_unit(expression: Expression, rows: Rows, text: str) -> Unit:
    """The unit in which the formula's number is shown. Raises FormulaFault, which points into `text`, for a formula
    whose units do not go together or whose number would have no unit that says anything."""
    quantity = _number(expression, rows, text)
    match quantity.essential:
        case ():
            return quantity.style if quantity.style in ("percent", "per_thousand") else "ratio"
        case ((base, 1),):
            if quantity.style == "per_week":
                return "per_week"
            return "seconds" if base == "seconds" else "count"
    raise FormulaFault("no_unit", text, expression.at, unit=quantity.named)


def is_total(expression: Expression, rows: Rows) -> bool:
    """Whether the number grows with the days it covers, so that windows must be covered alike to be compared."""
    powers = _number(expression, rows, "").powers
    return rows == "sums" and bool(powers) and all(power > 0 for _, power in powers)


def quantity_of(expression: Expression, rows: Rows) -> Quantity:
    """What a checked expression counts."""
    return _number(expression, rows, "")


def _number(node: Expression, rows: Rows, text: str) -> Quantity:
    quantity = _measure(node, rows, text)
    if quantity is None:
        raise FormulaFault("needs_number", text, node.at)
    return quantity


def _condition(node: Expression, rows: Rows, text: str) -> None:
    if _measure(node, rows, text) is not None:
        raise FormulaFault("needs_condition", text, node.at)


def _measure(node: Expression, rows: Rows, text: str) -> Quantity | None:
    """The quantity of a number; None for a condition."""
    match node:
        case Number():
            return Quantity(style="percent" if node.is_percent else "plain", is_bare=True)
        case Field():
            return Quantity(((FIELD_WORDS[node.name].base, 1),))
        case Reference():
            return _number(node.meaning.expression, node.meaning.rows, text)
        case Unary(operator="-"):
            return _number(node.operand, rows, text)
        case Unary():
            _condition(node.operand, rows, text)
            return None
        case Binary():
            return _combined(node, rows, text)
        case Call():
            return _called(node, rows, text)
        case Name():
            raise AssertionError("names are looked up before units are checked")


def _combined(node: Binary, rows: Rows, text: str) -> Quantity | None:
    if node.operator in ("and", "or"):
        _condition(node.left, rows, text)
        _condition(node.right, rows, text)
        return None
    left, right = _number(node.left, rows, text), _number(node.right, rows, text)
    match node.operator:
        case "*":
            return _times(left, right, 1)
        case "/":
            return _times(left, right, -1)
        case operator:
            together = _together(left, right, "units_differ", text, node.at)
            return together if operator in "+-" else None


def _together(left: Quantity, right: Quantity, fault: str, text: str, at: int) -> Quantity:
    if left.is_bare or right.is_bare:
        return left if right.is_bare else right
    if left.essential != right.essential:
        raise FormulaFault(fault, text, at, left=left.named, right=right.named)
    return left if left.style == right.style else replace(left, style="plain")


def _times(left: Quantity, right: Quantity, sign: int) -> Quantity:
    """Left × right, or ÷ with sign -1. Scaling by a written number keeps the style: half of a percentage is one."""
    powers: dict[Base, int] = dict(left.powers)
    for base, power in right.powers:
        powers[base] = powers.get(base, 0) + sign * power
    scaled = left if right.is_bare else right if left.is_bare and sign == 1 else Quantity()
    kept = tuple(sorted((base, power) for base, power in powers.items() if power))
    return Quantity(kept, scaled.style, left.is_bare and right.is_bare)


def _called(node: Call, rows: Rows, text: str) -> Quantity:
    row: Base = "works" if rows == "work" else "days"
    match node.function:
        case "count":
            return Quantity(((row, 1),))
        case "count_if":
            _condition(node.arguments[0], rows, text)
            return Quantity(((row, 1),))
        case "days":
            return Quantity((("days", 1),))
        case "if":
            _condition(node.arguments[0], rows, text)
            yes, no = (_number(argument, rows, text) for argument in node.arguments[1:])
            return _together(yes, no, "branches_differ", text, node.at)
        case "ratio" | "mean_of_ratios" | "per_thousand":
            above, below = (_number(argument, rows, text) for argument in node.arguments)
            style: Style = "per_thousand" if node.function == "per_thousand" else "percent"
            return replace(_times(above, below, -1), style=style, is_bare=False)
        case "per_week":
            works = _number(node.arguments[0], rows, text)
            if works.powers != (("works", 1),):
                raise FormulaFault("per_week", text, node.at, unit=works.named)
            return Quantity((("days", -1), ("works", 1)), "per_week")
        case _:
            quantity = _number(node.arguments[0], rows, text)
            return Quantity(((row, 1),)) if node.function == "sum" and quantity.is_bare else quantity
