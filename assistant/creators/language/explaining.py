"""A formula explained back in words, so that whoever wrote it sees what will be counted."""

from assistant.creators.language.faults import sentences
from assistant.creators.language.trees import (
    Binary,
    Call,
    Expression,
    Field,
    Formula,
    Number,
    Reference,
    Rows,
    Unary,
    calls_of,
    fields_of,
    looks_back,
    walk,
)
from assistant.creators.language.words import FIELD_WORDS
from assistant.creators.language.writing import ATOM, COMPARISON, DIVISION, strength_of

_SIGNS = {"*": "×", "/": "÷", "-": "−", ">=": "≥", "<=": "≤", "!=": "≠", "==": "="}


def explain(formula: Formula, lang: str) -> str:
    """What is counted, over what, and when the number is empty: one sentence in Chinese or English."""
    language = "zh" if lang.startswith("zh") else "en"
    told = {key: texts[language] for key, texts in sentences()["told"].items()}
    expression = formula.expression
    parts = [_Teller(told, language, formula.rows).tell(expression), told[f"rows_{formula.rows}"]]
    if len(fields_of(expression)) > 1:
        parts.append(told["known_work" if formula.rows == "work" else "known_day"])
    if calls_of(expression, "ratio", "mean_of_ratios", "per_thousand") or _divides(expression):
        parts.append(told["null_rule"])
    if looks_back(formula):
        parts.append(told["shifted"])
    return told["separator"].join(parts) + told["ending"]


def _divides(expression: Expression) -> bool:
    """Whether something could stand below that is 0: a written number is not."""
    return any(
        isinstance(node, Binary) and node.operator == "/" and not isinstance(node.right, Number)
        for node in walk(expression)
    )


class _Teller:
    """Tells nodes in one language."""

    def __init__(self, told: dict[str, str], language: str, rows: Rows) -> None:
        self._told, self._language = told, language
        self._row = "work" if rows == "work" else "day"

    def tell(self, node: Expression, needed: int = 0) -> str:
        """The words for a node; in brackets where it holds its parts together less strongly than `needed`."""
        words = self._words(node)
        if _strength(node) >= needed:
            return words
        return f"（{words}）" if self._language == "zh" else f"({words})"

    def _words(self, node: Expression) -> str:
        match node:
            case Number():
                value = node.value * 100 if node.is_percent else node.value
                return f"{value.normalize():f}" + ("%" if node.is_percent else "")
            case Field():
                word = FIELD_WORDS[node.name]
                return word.zh if self._language == "zh" else word.en
            case Reference():
                title = node.title_zh if self._language == "zh" else node.title_en
                key = "reference" if node.version is None else "reference_version"
                return self._told[key].format(title=title, version=node.version)
            case Unary():
                inner = self.tell(node.operand, _strength(node))
                return f"−{inner}" if node.operator == "-" else self._told["not"].format(x=inner)
            case Binary():
                strength = _strength(node)
                left = self.tell(node.left, strength + (strength == COMPARISON))
                right = self.tell(node.right, strength + 1)
                if node.operator in ("and", "or"):
                    return self._told[node.operator].format(a=left, b=right)
                return f"{left} {_SIGNS.get(node.operator, node.operator)} {right}"
            case Call():
                return self._called(node)
            case _:
                raise AssertionError("only checked formulas are explained")

    def _called(self, node: Call) -> str:
        words = [self.tell(argument, ATOM) for argument in node.arguments]
        match node.function:
            case "count":
                return self._told[f"count_{self._row}"]
            case "count_if":
                return self._told[f"count_if_{self._row}"].format(x=self.tell(node.arguments[0]))
            case "days":
                return self._told["days"]
            case "if":
                condition = self.tell(node.arguments[0])
                return self._told["if"].format(c=condition, a=words[1], b=words[2])
            case "mean_of_ratios":
                return self._told[f"mean_of_ratios_{self._row}"].format(a=words[0], b=words[1])
            case "ratio" | "per_thousand":
                return self._told[node.function].format(a=words[0], b=words[1])
            case "percentile" | "rolling" | "lag":
                return self._told[node.function].format(x=words[0], n=words[1])
            case _:
                return self._told[node.function].format(x=words[0])


def _strength(node: Expression) -> int:
    """A ratio is told as a division, and a frequency as one, too."""
    is_division = isinstance(node, Call) and node.function in ("ratio", "per_thousand", "per_week")
    return DIVISION if is_division else strength_of(node)
