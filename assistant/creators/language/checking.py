"""From a formula as written to one that can be computed: names looked up, rows decided, units checked."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, Protocol

from assistant.creators.figures import Unit
from assistant.creators.language.faults import FormulaFault, sentences
from assistant.creators.language.reading import DEEPEST, read
from assistant.creators.language.trees import (
    Binary,
    Call,
    Expression,
    Field,
    Formula,
    Name,
    Number,
    Reference,
    Rows,
    Unary,
    calls_of,
    children,
    fields_of,
    references_of,
    walk,
)
from assistant.creators.language.units import shown_unit
from assistant.creators.language.words import (
    FIELD_WORDS,
    field_names,
    field_word,
    function_names,
    function_word,
)
from knowledge.folding import fold

MOST_PARTS = 300
MOST_DAYS = 366


class Metrics(Protocol):
    """The metrics that a formula may refer to."""

    def reference(self, name: str, version: int | None) -> Reference | None:
        """The metric of that slug or title, its latest version where none is named; None when there is none."""

    def names(self) -> list[str]:
        """Every slug and title: what a misspelt name is compared with."""


@dataclass(frozen=True)
class Understood:
    """A formula that can be computed, the unit of its number, and the title where the text begins with `title =`."""

    formula: Formula
    unit: Unit
    title: str | None


def understand(text: str, metrics: Metrics) -> Understood:
    """Read and check a formula. Raises FormulaFault, a BadInput that points at the character and says what to do."""
    written = read(text)
    expression = _Resolver(text, metrics).outside(written.expression)
    _refuse_large(text, expression)
    rows = _rows(text, expression, written.grain)
    unit = shown_unit(expression, rows, text)
    return Understood(Formula(expression, rows, written.grain), unit, written.title)


@dataclass(frozen=True)
class _Resolver:
    """Replaces names by what they mean. Inside a function over rows a name is a field, outside it is a metric."""

    text: str
    metrics: Metrics

    def outside(self, node: Expression) -> Expression:
        match node:
            case Name():
                return self._metric(node)
            case Call():
                return self._call(node, is_inside=False)
            case _:
                return self._parts(node, is_inside=False)

    def inside(self, node: Expression) -> Expression:
        match node:
            case Name():
                return self._field(node)
            case Call():
                return self._call(node, is_inside=True)
            case _:
                return self._parts(node, is_inside=True)

    def _parts(self, node: Expression, is_inside: bool) -> Expression:
        resolve = self.inside if is_inside else self.outside
        match node:
            case Unary():
                return replace(node, operand=resolve(node.operand))
            case Binary():
                return replace(node, left=resolve(node.left), right=resolve(node.right))
            case _:
                return node

    def _call(self, node: Call, is_inside: bool) -> Expression:
        word = function_word(node.function)
        if word is None:
            close = _close(node.function, function_names())
            raise self._fault("unknown_function", node, name=node.function, close=close)
        if not word.fewest <= len(node.arguments) <= word.most:
            raise self._fault(
                "arguments", node, name=word.name, wanted=word.most, given=len(node.arguments), usage=word.usage
            )
        if is_inside and word.place != "anywhere":
            raise self._fault("aggregate_inside", node, name=word.name)
        if word.name == "ratio" and not is_inside:
            self._refuse_ratio_of_fields(node)
        resolve = self.inside if is_inside or word.place == "aggregate" else self.outside
        if word.name in ("percentile", "rolling", "lag"):
            literal = self._literal(node.arguments[1], "percentile" if word.name == "percentile" else "days")
            return replace(node, function=word.name, arguments=(resolve(node.arguments[0]), literal))
        return replace(node, function=word.name, arguments=tuple(resolve(argument) for argument in node.arguments))

    def _literal(self, node: Expression, kind: Literal["percentile", "days"]) -> Number:
        if isinstance(node, Number) and not node.is_percent:
            if kind == "percentile" and node.value <= 100:
                return node
            if kind == "days" and 1 <= node.value <= MOST_DAYS and node.value == int(node.value):
                return node
        raise self._fault(f"literal_{kind}", node, most=MOST_DAYS)

    def _field(self, node: Name) -> Field:
        word = field_word(node.text)
        if word is not None and node.version is None:
            return Field(word.name, node.at)
        if self.metrics.reference(node.text, None) is not None:
            raise self._fault("metric_inside", node, name=node.text)
        raise self._fault("unknown_field", node, name=node.text, close=_close(node.text, field_names()))

    def _metric(self, node: Name) -> Reference:
        found = self.metrics.reference(node.text, node.version)
        if found is not None:
            return replace(found, at=node.at)
        if node.version is not None and self.metrics.reference(node.text, None) is not None:
            raise self._fault("unknown_version", node, name=node.text, version=node.version)
        if field_word(node.text) is not None:
            raise self._fault("field_outside", node, name=node.text)
        raise self._fault("unknown_metric", node, name=node.text, close=_close(node.text, self.metrics.names()))

    def _refuse_ratio_of_fields(self, node: Call) -> None:
        names = [argument.text for argument in node.arguments if isinstance(argument, Name)]
        are_fields = len(names) == 2 and all(field_word(name) is not None for name in names)
        if are_fields and any(self.metrics.reference(name, None) is None for name in names):
            raise self._fault("ratio_outside", node, above=names[0], below=names[1])

    def _fault(self, kind: str, node: Expression, **values: object) -> FormulaFault:
        return FormulaFault(kind, self.text, node.at, **values)


def _close(name: str, known: list[str]) -> object:
    """“; did you mean …”, or nothing."""
    folded = {fold(candidate): candidate for candidate in known}
    close = get_close_matches(fold(name), folded, n=1, cutoff=0.6)
    return lambda lang: sentences()["close"][lang].format(name=folded[close[0]]) if close else ""


def _titled(field: Field) -> object:
    word = FIELD_WORDS[field.name]
    return lambda lang: word.zh if lang == "zh" else word.en


def _refuse_large(text: str, expression: Expression) -> None:
    """With all that it refers to, a formula stays small: references to references would else grow without end."""
    waiting, parts = [(expression, 1, expression.at)], 0
    while waiting:
        node, depth, at = waiting.pop()
        parts += 1
        if depth > DEEPEST:
            raise FormulaFault("too_deep", text, at, most=DEEPEST)
        if parts > MOST_PARTS:
            raise FormulaFault("too_large", text, 0, most=MOST_PARTS)
        below = (node.meaning.expression,) if isinstance(node, Reference) else children(node)
        waiting.extend((child, depth + 1, at if depth > 1 else child.at) for child in below)


def _rows(text: str, expression: Expression, grain: Literal["day", "work"] | None) -> Rows:
    """What one row is: said by the text, else sums where the formula only adds up, else works."""
    aggregates = [call for call in calls_of(expression) if _is_aggregate(call)]
    works_only = next(
        (part for part in walk(expression) if isinstance(part, Field) and FIELD_WORDS[part.name].works_only), None
    )
    if grain == "day" and works_only is not None:
        raise FormulaFault("works_only", text, works_only.at, name=_titled(works_only))
    only_adds = all(call.function == "sum" and _is_linear(call.arguments[0]) for call in aggregates)
    kinds: set[Rows] = set()
    if grain == "work" or (aggregates and grain is None and (works_only is not None or not only_adds)):
        kinds.add("work")
    elif aggregates:
        kinds.add("sums" if grain is None else "day")
    for reference in references_of(expression):
        kinds.add(reference.meaning.rows)
        if len(kinds) > 1:
            raise FormulaFault("rows_differ", text, reference.at)
    if not (aggregates or references_of(expression)):
        raise FormulaFault("nothing_counted", text, expression.at)
    return kinds.pop()


def _is_aggregate(call: Call) -> bool:
    word = function_word(call.function)
    return word is not None and word.place == "aggregate"


def _is_linear(node: Expression) -> bool:
    """Whether the sum over rows is the same however the rows are added up first."""
    match node:
        case Field():
            return True
        case Unary(operator="-"):
            return _is_linear(node.operand)
        case Binary(operator="+" | "-"):
            return _is_linear(node.left) and _is_linear(node.right)
        case Binary(operator="*"):
            sides = (node.left, node.right), (node.right, node.left)
            return any(_is_linear(one) and not fields_of(other) for one, other in sides)
        case Binary(operator="/"):
            return _is_linear(node.left) and not fields_of(node.right)
        case _:
            return False
