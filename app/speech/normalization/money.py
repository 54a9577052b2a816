"""Money: amount first, then the currency, and the cents behind it."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from app.speech.normalization.numerals import DASH, Numeral, end, numeral, numeral_pattern, start
from app.speech.normalization.words import Words

_SYMBOLS = MappingProxyType(
    {
        "US$": "USD", "R$": "BRL", "C$": "CAD", "A$": "AUD", "MX$": "MXN", "$": "USD", "€": "EUR",
        "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW",
        "₪": "ILS", "zł": "PLN", "₴": "UAH", "฿": "THB", "₫": "VND",
    }
)  # fmt: skip
_CODES = (
    "AED|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EGP|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MAD|MXN|NOK|NZD|PLN|RON|"
    "RUB|SAR|SEK|SGD|THB|TRY|UAH|USD|ZAR"
)
_NO_OF = frozenset({"mil", "mila", "thousand"})


def money(line: str, words: Words) -> str:
    """`line` with amounts of money as they are said."""
    before, behind = _patterns(words)
    line = before.sub(lambda match: _said(match, words), line)
    return behind.sub(lambda match: _said(match, words), line)


@cache
def _patterns(words: Words) -> tuple[re.Pattern[str], re.Pattern[str]]:
    number = numeral_pattern(words)
    symbol = rf"(?P<symbol>{'|'.join(map(re.escape, _SYMBOLS))}|\b(?:{_CODES})(?=[\s0-9]))"
    keys = sorted(map(re.escape, words.scales), key=len, reverse=True)
    scale = rf"(?:\s?(?P<scale>{'|'.join(keys)})(?!\w))?" if keys else "(?P<scale>\\b\\B)?"
    names = "|".join(
        sorted({re.escape(coin.other) for coin in words.coins.values()}, key=len, reverse=True)
    )
    second = rf"(?:{DASH}(?:[$€£¥]\s?)?(?P<b>{number}))?"
    begin = r"(?<![\w$€£])" if words.spaced else r"(?<![A-Za-z0-9$€£])"
    before = rf"{begin}{symbol}\s?(?P<a>{number}){second}(?![0-9]){scale}"
    after = (
        rf"{start(words)}(?P<a>{number})\s?(?:[$€£¥](?={DASH}))?{second}{scale}\s?"
        rf"(?P<symbol>(?:{'|'.join(map(re.escape, _SYMBOLS))})(?![0-9])|(?:{_CODES})(?!\w)"
        rf"|(?:{names}){end(words)})"
    )
    return re.compile(before), re.compile(after)


def _said(match: re.Match[str], words: Words) -> str:
    symbol = match["symbol"]
    code = _SYMBOLS.get(symbol, symbol)
    if symbol in "¥￥":
        code = words.yen
    coin = words.coins.get(code) if symbol in _SYMBOLS or words.tag != "en" else None
    if coin is None:
        coin = next((one for one in words.coins.values() if one.other == symbol), None)
    amount = numeral(match["a"], words)
    name = coin.other if coin else _name(code, amount, words)
    space = " " if words.spaced else ""
    if match["scale"]:
        scale = words.scales[match["scale"]]
        of = space if scale in _NO_OF else words.scale_of
        if of == " de " and words.tag == "fr" and name[0] in "eé":
            of = " d'"
        return f"{_span(match, amount, words)}{space}{scale}{of or space}{name}"
    if match["b"] or not coin or (amount.part and len(amount.part) != 2):
        return f"{_span(match, amount, words)}{space}{name}"
    if not words.spaced:
        trimmed = Numeral(amount.whole, amount.part.rstrip("0"))
        return f"{trimmed.said(words)}{name}"
    whole = coin.one if amount.whole == "1" else f"{amount.whole} {name}"
    part = int(amount.part or 0)
    if not part:
        return whole
    if not coin.minor_other:
        return f"{amount.said(words)} {name}"
    minor = coin.minor_one if part == 1 else f"{part} {coin.minor_other}"
    if not int(amount.whole):
        return minor
    return words.money_parts.format(whole=whole, part=part, minor=minor)


def _span(match: re.Match[str], amount: Numeral, words: Words) -> str:
    if not match["b"]:
        return amount.said(words)
    return words.range.format(a=amount.said(words), b=numeral(match["b"], words).said(words))


def _name(code: str, amount: Numeral, words: Words) -> str:
    from babel.numbers import get_currency_name

    count = int(amount.whole) if not amount.part else amount.value
    return get_currency_name(code, count, words.tag)
