"""Personal data in what people write, as placeholders: what leaves for an outside model or stands in a log holds none.

Mobile and other telephone numbers, e-mail addresses, identity cards, bank cards, postal addresses, and the accounts of
messengers that are named as such.
"""

import re
from collections.abc import Iterable

_WIDE_SIGNS = "０１２３４５６７８９＠．－"
_WIDE = str.maketrans(_WIDE_SIGNS, "0123456789@.-")
# Every number that is looked for has so many digits, but for telephones that begin with +.
_LONG = re.compile(r"[0-9](?:[ -]?[0-9]){9}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_IDENTITY = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
# Named as an identity card, a number is one whether or not its check digit is right, in its old form of 15 digits too.
_NAMED_IDENTITY = re.compile(
    r"((?:身份[证證]|證件|证件|ID card)[^0-9\n]{0,8})[0-9]{14,17}[0-9Xx](?![0-9])", re.IGNORECASE
)
_CARD = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_MOBILE = re.compile(r"(?:(?<![0-9])|(?<=(?<![0-9])86))1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
_TELEPHONE = re.compile(
    r"(?<![0-9])0[1-9][0-9]{1,2}-[0-9]{7,8}(?![0-9])|\+[1-9][0-9]{0,2}(?:[ -]?\(?[0-9]{2,4}\)?){2,4}(?![0-9])"
)
_MESSENGERS = ("微信", "wechat", "weixin", "vx", "扣扣", "qq")
_MESSENGER = re.compile(
    rf"((?:{'|'.join(_MESSENGERS)})\s*(?:号|號|id)?\s*(?:是|为|為|is)?[:： ]?\s*)[A-Za-z0-9][A-Za-z0-9_-]{{4,19}}",
    re.IGNORECASE,
)
# A street with a house number, and what stands around it: province and city before, building and room after.
_ADDRESS = re.compile(
    r"(?:[一-鿿]{2,8}(?:省|自治[区區]))?(?:[一-鿿]{2,7}市)?(?:[一-鿿]{1,7}[区區县縣])?"
    r"[一-鿿]{1,10}(?:路|街|大道|巷|弄|胡同|里|村|鎮|镇)[0-9一二三四五六七八九十百]{1,5}[号號](?:[一-鿿]{0,8}[0-9]{1,4}(?:号楼|號樓|[栋棟幢座楼樓单單元室层層]{1,2}))*"
)
_STREETS = ("Street", "St", "Avenue", "Ave", "Road", "Rd", "Lane", "Ln", "Drive", "Dr", "Boulevard", "Blvd")
_STREET = re.compile(rf"\b[0-9]{{1,5}} (?:[A-Z][A-Za-z]+ ){{1,3}}(?:{'|'.join(_STREETS)})\b\.?")
# GB 11643-1999: the last character of an identity card is the weighted sum of the others modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def masked(text: str) -> str:
    """The text with personal data as [phone], [email], [id card], [bank card], [address] and [account].

    Long numbers without the check digit of a card stay: they are identifiers of works, or figures.
    """
    # Most texts hold nothing of the kind: a look for what a pattern cannot do without costs less than the pattern.
    if _has_any(text, _WIDE_SIGNS):
        text = text.translate(_WIDE)
    if "@" in text:
        text = _EMAIL.sub("[email]", text)
    has_number = "+" in text or _LONG.search(text) is not None
    if has_number:
        text = _NAMED_IDENTITY.sub(r"\1[id card]", text)
        text = _IDENTITY.sub(lambda found: "[id card]" if _is_identity(found[0]) else found[0], text)
    if _has_any(text.lower(), _MESSENGERS):
        text = _MESSENGER.sub(r"\1[account]", text)
    if has_number:
        text = _MOBILE.sub("[phone]", text)  # before cards: 86 and a mobile number can pass for one
        text = _CARD.sub(lambda found: "[bank card]" if _is_card(found[0]) else found[0], text)
        text = _TELEPHONE.sub("[phone]", text)
    if "号" in text or "號" in text:
        text = _ADDRESS.sub("[address]", text)
    return _STREET.sub("[address]", text) if _has_any(text, _STREETS) else text


def _has_any(text: str, wanted: Iterable[str]) -> bool:
    return any(map(text.__contains__, wanted))


def _is_identity(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return number[17].upper() == _CHECKS[total % 11]


def _is_card(number: str) -> bool:
    """Whether the number passes the Luhn check (ISO/IEC 7812-1)."""
    digits = [int(character) for character in reversed(number) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
