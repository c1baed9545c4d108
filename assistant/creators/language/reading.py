"""From the text of a formula to a tree. Nothing in the text is ever run: what is no part of the grammar is a fault.

    互动转粉率 = ratio(sum(涨粉), sum(点赞 + 评论 + 分享))
    median(plays) by day
    count_if(plays > 1万 and ratio(complete_play, play) >= 30%)

Full-width signs, × ÷ ≥ ≤ ≠ and Chinese quotation marks are read as their plain forms. A name with spaces stands in
quotation marks. 万, 亿 and % may follow a number.
"""

import unicodedata
from decimal import Decimal
from functools import cache

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken

from assistant.creators.language.faults import FormulaFault
from assistant.creators.language.trees import Binary, Call, Expression, Name, Number, Unary, Written, children, walk

LONGEST = 2_000
DEEPEST = 50
LARGEST_NUMBER = Decimal(10**15)

_GRAMMAR = r"""
start: [title] _either [BY_DAY | BY_WORK]
title: (NAME | QUOTED) "="
_either: either | _both
either: _either OR _both
_both: both | _denied
both: _both AND _denied
_denied: denied | _compared
denied: NOT _denied
_compared: compared | _sum
compared: _sum COMPARED _sum
_sum: sum | _product
sum: _sum (PLUS | MINUS) _product
_product: product | _signed
product: _product (TIMES | OVER) _signed
_signed: negative | _atom
negative: MINUS _signed
_atom: number | name | call | "(" _either ")"
number: NUMBER
name: (NAME | QUOTED) [VERSION]
call: NAME "(" [_either ("," _either)*] ")"

OR.3: /or\b|或者?|\|\|/i
AND.3: /and\b|并?且|&&/i
NOT.3: /not\b|非(?=[\s(])|!(?!=)/i
BY_DAY.4: /by\s+days?\b|按天/i
BY_WORK.4: /by\s+works?\b|按作品/i
COMPARED: ">=" | "<=" | "==" | "!=" | "≥" | "≤" | "≠" | ">" | "<"
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
NUMBER: /([0-9]+(\.[0-9]+)?|\.[0-9]+)[ \t]*[%万亿]?/
VERSION: /@[0-9]{1,6}/
NAME: /[^\W\d]\w*/
QUOTED: /"[^"\n]{1,100}"/
%ignore /\s+/
"""
_PLAIN = str.maketrans("×÷−–、“”「」『』", '*/--,""""""')
_COMPARISONS = {"≥": ">=", "≤": "<=", "≠": "!="}
_SIGNS = "+-*/><=,@%()!&|"
_SCALES = {"%": Decimal("0.01"), "万": Decimal(10**4), "亿": Decimal(10**8)}


def read(text: str) -> Written:
    """The tree of a formula as written, names not looked up. Raises FormulaFault, also for one that is too long, too
    deep, or has a number beyond 10^15."""
    if not text.strip():
        raise FormulaFault("empty", text, 0)
    if len(text) > LONGEST:
        raise FormulaFault("too_long", text, LONGEST, length=len(text), most=LONGEST)
    plain = _plain(text)
    _refuse_deep_brackets(plain)
    try:
        written = _parser().parse(plain)
    except UnexpectedInput as error:
        raise _fault(text, plain, error) from None
    assert isinstance(written, Written)
    _refuse_deep_trees(text, written.expression)
    for node in walk(written.expression):
        if isinstance(node, Number) and node.value > LARGEST_NUMBER:
            raise FormulaFault("number_too_large", text, node.at, most=f"{LARGEST_NUMBER:,}")
    return written


class _Builder(Transformer[Token, Written]):
    """Makes nodes while the parser reduces, so that no depth of nesting can exhaust the stack."""

    def start(self, parts: list) -> Written:
        title, expression, grain = parts
        return Written(expression, title, None if grain is None else "day" if grain.type == "BY_DAY" else "work")

    def title(self, parts: list[Token]) -> str:
        return _unquoted(parts[0])

    def _operation(self, parts: list) -> Expression:
        left, operator, right = parts
        return Binary(_COMPARISONS.get(operator, str(operator)), left, right, operator.start_pos)

    sum = product = compared = _operation

    def either(self, parts: list) -> Expression:
        return Binary("or", parts[0], parts[2], parts[1].start_pos)

    def both(self, parts: list) -> Expression:
        return Binary("and", parts[0], parts[2], parts[1].start_pos)

    def denied(self, parts: list) -> Expression:
        return Unary("not", parts[1], parts[0].start_pos)

    def negative(self, parts: list) -> Expression:
        return Unary("-", parts[1], parts[0].start_pos)

    def number(self, parts: list[Token]) -> Expression:
        token = parts[0]
        scale = _SCALES.get(token[-1])
        value = Decimal(str(token)) if scale is None else Decimal(token[:-1].strip()) * scale
        return Number(value, token[-1] == "%", token.start_pos or 0)

    def name(self, parts: list) -> Expression:
        token, version = parts
        return Name(_unquoted(token), None if version is None else int(version[1:]), token.start_pos)

    def call(self, parts: list) -> Expression:
        return Call(str(parts[0]), tuple(part for part in parts[1:] if part is not None), parts[0].start_pos)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=True)


def _plain(text: str) -> str:
    """The text with plain signs, character by character, so that places in it stay the same."""
    normal = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(n if len(n) == 1 else c for n, c in zip(normal, text, strict=True)).translate(_PLAIN)


def _unquoted(token: Token) -> str:
    return token[1:-1].strip() if token.type == "QUOTED" else str(token)


def _refuse_deep_brackets(plain: str) -> None:
    """Before parsing: brackets around brackets leave no trace in the tree."""
    depth = 0
    for at, character in enumerate(plain):
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            raise FormulaFault("too_deep", plain, at, most=DEEPEST)


def _refuse_deep_trees(text: str, expression: Expression) -> None:
    """Whatever walks a formula later may then recurse."""
    waiting = [(expression, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise FormulaFault("too_deep", text, node.at, most=DEEPEST)
        waiting.extend((child, depth + 1) for child in children(node))


def _fault(text: str, plain: str, error: UnexpectedInput) -> FormulaFault:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return FormulaFault("ended", text, len(text.rstrip()))
    at = error.pos_in_stream or 0
    if plain[at] == "=":
        return FormulaFault("single_equals", text, at)
    if plain[at] == '"':
        return FormulaFault("unclosed_quote", text, at)
    if isinstance(error, UnexpectedToken):
        return FormulaFault("unexpected", text, at, found=text[at : at + len(error.token)])
    is_known = plain[at].isalnum() or plain[at] in _SIGNS
    return FormulaFault("unexpected" if is_known else "bad_character", text, at, found=text[at])
