"""Numbers that are read digit by digit: phones, orders, codes, bank accounts."""

from __future__ import annotations

import re
from functools import cache

from app.speech.normalization.numerals import digit_groups, in_threes, spelled
from app.speech.normalization.words import Words

_IBAN = re.compile(
    r"(?<!\w)([A-Z]{2}[0-9]{2})((?:\s?[A-Z0-9]{4}){2,7})((?:\s?[A-Z0-9]{1,3})?)(?!\w)", re.ASCII
)
_PHONE = re.compile(
    r"(?<![\w.,:/+-])(?:(?P<plus>\+|00)\s?)?"
    r"(?P<digits>\(?[0-9](?:[ ()./\u00a0\u202f-]{0,2}[0-9]){5,17})(?![\w%€$£]|[.,:/-][0-9])",
    re.ASCII,
)
_FEWEST, _MOST = 6, 15  # digits of a phone number
_DATE = re.compile(
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2,4}"
)
_YEARS = re.compile(r"(?:1[0-9]|20)[0-9]{2}\s?[-/]\s?(?:1[0-9]|20)[0-9]{2}")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([ .\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3}){0,4}")
_MIXED = re.compile(
    r"(?<![\w.@/-])(?=[A-Z0-9-]{0,19}[0-9])(?=[A-Z0-9-]{0,19}[A-Z])"
    r"[A-Z0-9]+(?:-[A-Z0-9]+){0,4}(?![\w@/]|-\w)",
    re.ASCII,
)
_MEASURED = re.compile(
    r"[0-9]+[A-Z]{1,3}|[A-Z]{2,}-[0-9]{1,2}|[A-Z]{1,3}[0-9]{1,2}|(?:ISO|DIN|EN|RFC|COVID)-?[0-9]+"
)
_LONG = re.compile(r"(?<![\w.,:/-])[0-9]{7,30}(?![\w%€$£]|[.,:/-][0-9])", re.ASCII)
_FILLER = (
    r"(?:\s?(?:is|ist|lautet|est|es|è|é|are|number|no\.?|nr\.?|nummer|número|numero|numéro|رقم|は|是|"
    r"为|n[º°]|№|#|[:：]))"
)
# Four digits or letters and more, two digits at least; or groups with hyphens.
_CODE = (
    r"((?=[A-Z0-9-]{0,19}[0-9][A-Z0-9-]{0,19}[0-9])[A-Z0-9]{4,20}"
    r"|(?=[A-Z0-9-]{5,20}(?![\w-]))[A-Z0-9]{1,12}(?:-[A-Z0-9]{1,12}){1,3}|(?<=№)[0-9]{4,20})"
)


def identifiers(line: str, words: Words | None) -> str:
    """`line` with numbers that name something digit by digit, in groups.

    words: None for languages that are not known; then only what no language reads as a number.
    """
    line = _IBAN.sub(_account, line)
    line = _PHONE.sub(lambda match: _phone(match, words), line)
    if words:
        line = _named(words).sub(lambda match: match[1] + _code(match[2]), line)
    line = _MIXED.sub(_mixed, line)
    return _LONG.sub(lambda match: _long(match[0]), line)


@cache
def _named(words: Words) -> re.Pattern[str]:
    """A word such as `order`, and the number behind it that has four digits or more."""
    filler = _FILLER + "{0,3}"
    if not words.spaced:
        pattern = rf"((?:{words.id_words}){filler}\s?){_CODE}(?![A-Za-z0-9-])"
        return re.compile(pattern, re.ASCII)
    return re.compile(
        rf"((?<!\w)(?i:{words.id_words})\w{{0,2}}{filler}\s?){_CODE}(?![\w-]|[.,:/][0-9])"
    )


def _account(match: re.Match[str]) -> str:
    groups = [match[1], *re.findall(r"[A-Z0-9]{4}", match[2]), match[3].strip()]
    return ", ".join(spelled(group) for group in groups if group)


def _phone(match: re.Match[str], words: Words | None) -> str:
    written, plus = match["digits"], match["plus"]
    groups = re.findall(r"[0-9]+", written)
    count = sum(map(len, groups))
    if not _FEWEST <= count <= _MOST or (not plus and not _like_a_phone(written, groups)):
        return match[0]
    prefix = ""
    if plus:
        prefix = f"{words.plus if words else '+'} " if plus == "+" else "0 0, "
    if words and words.pairs and all(len(group) <= 2 for group in groups):
        return prefix + ", ".join(
            spelled(group) if group.startswith("0") else group for group in groups
        )
    return prefix + digit_groups(groups)


def _like_a_phone(written: str, groups: list[str]) -> bool:
    """Whether digits without a plus are a phone number and no amount, date or span."""
    if len(groups) < 2 or all(len(group) == 1 for group in groups):
        return False
    if _DATE.fullmatch(written) or _YEARS.fullmatch(written):
        return False
    if _GROUPED.fullmatch(written):
        return " " in written and [len(group) for group in groups] == [3, 3, 3]
    if written.startswith(("0", "(")):
        return True
    lengths = [len(group) for group in groups]
    return lengths == [3, 4] or len(groups) > 2


def _code(token: str) -> str:
    groups = token.split("-")
    return ", ".join(
        spelled(part)
        for group in groups
        for part in (in_threes(group) if group.isdigit() else [group])
    )


def _mixed(match: re.Match[str]) -> str:
    token = match[0]
    digits = sum(character.isdigit() for character in token)
    if len(token) < 5 or digits < 2 or _MEASURED.fullmatch(token):
        return token
    if digits < 3 and len(re.findall(r"[A-Z]+|[0-9]+", token)) < 4:
        return token
    if token.startswith("-") or token.endswith("-"):
        return token
    groups = [part for group in token.split("-") for part in re.findall(r"[A-Z]+|[0-9]+", group)]
    if len(groups) > len(token) // 2:
        return spelled(token.replace("-", ""))
    return ", ".join(
        " ".join(map(spelled, re.findall(r"[A-Z0-9]+", group))) for group in token.split("-")
    )


def _long(digits: str) -> str:
    if digits.endswith("000"):
        return digits
    return ", ".join(map(spelled, in_threes(digits)))
