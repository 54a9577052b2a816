"""Links, e-mail addresses, phone numbers and bank accounts in a line.

Every pattern is bounded, so that no line takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.companion.items import Span
from app.companion.markdown import MARKDOWN_LINK

# Scripts without spaces stand right before and after an item.
WORD = r"[^\W\u3040-\u9fff]"
_IN_URL = r"[!#-;=?-~\u00a1-\u1fff]"
_URL = re.compile(rf"(?<!{WORD})(?:https?|ftp)://{_IN_URL}+", re.IGNORECASE)
# Endings of files are no domains.
_DOMAINS = (
    r"(?:com|org|net|info|biz|io|dev|app|ai|shop|store|online|site|xyz|edu|gov|cloud|link|page|"
    r"(?!js|py|ts|cs|rb|go|vb)[a-z]{2})"
)
_BARE_URL = re.compile(
    rf"(?<![@./:-])(?<!{WORD})(?:[a-z0-9-]{{1,63}}\.){{1,4}}{_DOMAINS}(?::\d{{1,5}})?/{_IN_URL}+",
    re.IGNORECASE,
)
_AFTER_URL = ".,;:!?'\"*_~…’”»"  # belongs to the sentence around an address

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?:mailto:)?"
    r"([A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
    r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
)

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])([A-Z]{2}[0-9]{2}"
    r"(?:[A-Z0-9]{11,30}|(?:[ \u00a0-][A-Z0-9]{4}){2,7}(?:[ \u00a0-][A-Z0-9]{1,3})?))"
    r"(?![A-Za-z0-9])"
)
_COUNTRIES = (
    "AD AE AL AT AZ BA BE BG BH BR BY CH CR CY CZ DE DK DO EE EG ES FI FO FR GB GE GI GL GR GT HR "
    "HU IE IL IQ IS IT JO KW KZ LB LC LI LT LU LV LY MC MD ME MK MR MT MU NL NO PK PL PS PT QA RO "
    "RS SA SC SE SI SK SM ST SV TL TN TR UA VA VG XK"
)
_BIC = re.compile(
    r"(?:BIC|SWIFT)(?:/BIC|/SWIFT|-Code| code)?\s?[:：]?\s"
    r"([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b"
)
_MIN_IBAN, _MAX_IBAN = 15, 34

_PHONE = re.compile(
    rf"(?<![.,:/€$£¥#@=&%-])(?<!{WORD})(?:tel:|sms:)?"
    rf"([+＋]?\(?\d(?:[\d\u00a0 ().\-–‐‑‒/]{{4,24}})\d)(?!{WORD}|[€$£¥%@])"
)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}([./-])\d{1,2}\2\d{1,2}")
_YEARS = re.compile(r"(?:19|20)\d\d\s*[-–/]\s*(?:(?:19|20)\d\d|\d\d)")
_DECIMALS = re.compile(r"\d{1,4}[.,]\d+\s*[-–‐‑‒/]\s*\d{1,4}[.,]\d+")
_NORTH_AMERICAN = re.compile(r"\(?\d{3}\)?[ .\-\u00a0‐‑]{1,2}\d{3}[ .\-\u00a0‐‑]\d{4}")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}|[48]00[ -]\d{3,4}[ -]\d{3,4}")
_PHONE_CUE = re.compile(
    r"(?:call|phone|tel|telephone|mobile|cell|fax|whatsapp|hotline|text|ring|dial|reach|"
    r"telefon\w{0,4}|handy|anruf\w{0,3}|ruf\w{0,2}|appel\w{0,5}|téléphone|tél|portable|"
    r"teléfono|llam\w{0,5}|móvil|chiam\w{0,6}|cellulare|telefone|telemóvel|ligue|celular|"
    r"telefoon\w{0,7}|bel|zadzwoń|телефон\w{0,2}|звоните|позвоните|arayın|telefonu|"
    r"電話|お電話|电话|手机|拨打|致电|هاتف|الهاتف|اتصل|جوال|call(?:ed|ing)?)"
    r"(?:番号|号码)?[是为は]?(?:\W{1,3}\w{1,12}){0,3}\W{0,4}$",
    re.IGNORECASE,
)
_TIMES_AND_UNITS = re.compile(
    r"\s?(?:€|\$|£|¥|%|EUR|USD|GBP|CHF|euros?|dollars?|Euro|people|km|kg|円|元|₽)"
)


def links(line: str) -> Iterator[Span]:
    """Links with their path, or with what makes them one to tap."""
    for match in MARKDOWN_LINK.finditer(line):
        words, target = match[1].strip(), match[2]
        if _URL.fullmatch(target):
            named = "" if _URL.search(words) or "@" in words else words
            yield Span(match.start(), match.end(), "link", target, said=named, label=named)
    for pattern in (_URL, _BARE_URL):
        for match in pattern.finditer(line):
            address = _trimmed(match[0])
            yield Span(match.start(), match.start() + len(address), "link", address)


def emails(line: str) -> Iterator[Span]:
    for match in MARKDOWN_LINK.finditer(line):
        if (found := _EMAIL.fullmatch(match[2])) and match[2].startswith("mailto:"):
            words = match[1].strip()
            named = "" if "@" in words else words
            yield Span(match.start(), match.end(), "email", found[1], said=named, label=named)
    for match in _EMAIL.finditer(line):
        yield Span(match.start(), match.end(), "email", match[1])


def bank_accounts(line: str) -> Iterator[Span]:
    for match in _IBAN.finditer(line):
        if account := _account(match[1]):
            yield Span(match.start(), match.start() + len(account), "bank", account)
    for match in _BIC.finditer(line):
        yield Span(match.start(1), match.end(1), "bank", match[1], label="BIC")


def phones(line: str) -> Iterator[Span]:
    for match in MARKDOWN_LINK.finditer(line):
        if match[2].startswith(("tel:", "sms:")):
            words = match[1].strip()
            number = words if sum(map(str.isdigit, words)) >= _FEWEST_DIGITS else match[2][4:]
            named = "" if number == words else words
            yield Span(match.start(), match.end(), "phone", number, said=named, label=named)
    for match in _PHONE.finditer(line):
        number = match[1].rstrip(" (.-–/")
        if number.count("(") > number.count(")"):
            number = number.replace("(", "", 1) if number.startswith("(") else number
        at = match.start() + match[0].index(number)
        if _is_phone(number, line[max(0, at - 60) : at], line[at + len(number) :]):
            yield Span(match.start(), at + len(number), "phone", number)


def is_date(text: str) -> bool:
    """Whether `text` is a day in numbers, or a span of years."""
    return bool(_DATE.fullmatch(text) or _YEARS.fullmatch(text))


def _trimmed(url: str) -> str:
    """`url` without what belongs to the sentence; a bracket stays that was opened inside."""
    while True:
        shorter = url.rstrip(_AFTER_URL)
        for opening, closing in ("()", "[]", "{}"):
            if shorter.endswith(closing) and shorter.count(closing) > shorter.count(opening):
                shorter = shorter[:-1]
        if shorter == url:
            return url
        url = shorter


def _account(text: str) -> str:
    """The IBAN that `text` begins with; "" if it is none."""
    groups = re.split(r"(?<=[A-Z0-9])(?=[ \u00a0-])", text)
    candidates = ["".join(groups[:count]) for count in range(len(groups), 0, -1)]
    candidates = [one for one in candidates if _MIN_IBAN <= len(_bare(one)) <= _MAX_IBAN]
    if valid := next((one for one in candidates if _checks_out(_bare(one))), None):
        return valid
    # A slip of the model or an example: all but the bank's letters are digits.
    if text[:2] not in _COUNTRIES:
        return ""
    return next((one for one in candidates if re.fullmatch(r"..\d\d\w{0,4}\d+", _bare(one))), "")


def _bare(account: str) -> str:
    return re.sub(r"[ \u00a0-]", "", account)


def _checks_out(account: str) -> bool:
    """ISO 13616: the remainder by 97, letters taken as 10 to 35."""
    moved = account[4:] + account[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _is_phone(number: str, before: str, after: str) -> bool:
    digits = [c for c in number if c.isdigit()]
    international = number.startswith(("+", "＋", "00"))
    if is_date(number) or _DECIMALS.fullmatch(number) or _TIMES_AND_UNITS.match(after):
        return False
    cued = _PHONE_CUE.search(before) is not None
    if not (_FEWEST_DIGITS - 2 * cued <= len(digits) <= _MOST_DIGITS):
        return False
    if international or _NORTH_AMERICAN.search(number) or _CHINESE_MOBILE.fullmatch(number):
        return True
    if digits[0] == "0" or (number.startswith("(") and ")" in number):
        return True
    return cued
