"""Verbalization: addresses, identifiers and signs put into words that a voice can say.

Every pattern here is anchored or bounded, so that no line takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from types import MappingProxyType

from app.speech.phrases import Phrases

_LONGEST_HOST = 80  # characters; a longer name is no help to a listener

_IN_URL = r"[!#-;=?-~\u00a1-\u1fff]"
_URL = re.compile(rf"[a-z][a-z0-9+.\-]{{0,20}}://{_IN_URL}*", re.IGNORECASE)
_BARE_URL = re.compile(
    r"(?:(?<![\w@])www\.[a-z0-9]|(?<![\w@./:-])(?:[a-z0-9-]{1,63}\.){1,4}"
    r"(?:com|org|net|io|dev|app|ai|me|co|edu|gov|info|eu|uk|us|ca|de|fr|es|it|pt|nl|ru|jp|kr|in|br)/)"
    rf"{_IN_URL}*",
    re.IGNORECASE,
)
_AFTER_URL = ".,;:!?)'*_~…"  # belongs to the sentence around an address
_HOST = re.compile(r"(?=.*[^\W_])[\w.-]+")

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_SCHEME = re.compile(r"\b(?:mailto:|(?:tel|sms):(?=\+))(?=\S)", re.IGNORECASE)
_MENTION = re.compile(r"(?<![^\s(\"'“‘«])@(?=\w)")

_EMOTICON = re.compile(
    r"(?<!\S)(?:[:;=]['’]?[-^o]?[()\[\]{}DPpOo03|/\\*$]+|[xX]D+|<3+|\^[_.-]{0,3}\^|[-¬]_+[-¬]|[oO]_+[oO])"
    r"(?=[.,!?]*(?:\s|$))"
)
_HASHTAG = re.compile(r"(?<![\w&])#([^\W\d_]\w{1,60})")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,60}\]:?")
_TASK = re.compile(r"^((?:[0-9]{1,9}\. )?)\[[ xX]\](?=\s)")

_MATH = re.compile(r"\$\$?(?=\S)([^$]{1,300})(?<=\S)\$\$?(?!\d)")
_IS_MATH = re.compile(r"[\\^_={}]|^[A-Za-z]$")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]{1,100})\}\{([^{}]{1,100})\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_COMMANDS = MappingProxyType(
    {
        "times": "×", "cdot": "×", "div": "÷", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥",
        "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "infty": "∞", "sqrt": "√", "to": ",",
        "rightarrow": ",", "left": "", "right": "", "text": "", "mathrm": "", "mathbf": "",
        "quad": "", "dots": "…", "ldots": "…",
    }
)  # fmt: skip

_CAMEL = re.compile(r"\b(?:[a-z]{2,}(?:[A-Z][a-z0-9]*)+|(?:[A-Z][a-z0-9]+){3,})\b")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"\S+")
_EXTENSION = re.compile(r"\.[A-Za-z]\w{0,4}\W{0,3}$")
_SEPARATOR = re.compile(r"[~.]{0,2}/")
_NOT_A_PATH = re.compile(r"[^A-Za-z]*|[^\w/]*\w+/\w+\W*")

_OPERAND = r"[\w(+\-−$€£.]"
# In this order: what is written, and what is said instead.
_SIGNS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        # arithmetic and comparisons
        (r"(?<=[0-9)]) ?\*\* ?(?=[0-9(])", "^"),
        (r"(?<=[0-9)]) ?\* ?(?=[0-9(])", " × "),
        (r"\^\{(\w{1,20})\}", r"^\1"),
        (r"\^2(?!\w)", "²"),
        (r"\^3(?!\w)", "³"),
        (r"(?<!\w)\^|\^(?!\w)", " "),
        (r"~+ ?(?=[$€£¥]?\d)", "≈"),
        (r"<=(?!>)", " ≤ "),
        (r">=", " ≥ "),
        (r"!=", " ≠ "),
        (r"<?[-=]{1,5}>|<-{1,5}(?!\d)", ", "),
        (r"={2,}", " = "),
        # what is left of markup
        (r"(?<![\w&])#(?=[0-9])", "№"),
        (r"(?<![A-Ga-g])#|(?<=\w[A-Ga-g])#|#(?=\w)|[*~†‡¶※]+", ""),
        (r"&(#?\w{1,40});", r"&\1 "),
        (r"\|+|[•‣⁃∙]", ", "),
        (r"[`_\\{}\[\]]+|:?/{2,}|[$€£]{2,}|\"{2,}", " "),
        (r"[-–—―]{2,}", " – "),
        # brackets and comparisons that enclose or compare nothing
        (r" +", " "),
        (r"(?<=\() | (?=\))", ""),
        (r"\((?! ?[\w\"'“«‘+\-$€£¥¿¡&≈−±])|(?<![\w.!?…%\"'”»’°+²³)])\)+", " "),
        (rf"(?<=[\w)%°²³]) ?([<>]) ?(?={_OPERAND})", r" \1 "),
        (rf"(?<! )[<>]|[<>](?! {_OPERAND})", " "),
        # space and punctuation
        (r" +", " "),
        (r" ([,.;:!?…])(?=[\s,.;:!?…]|$)", r"\1"),
        (r"‼+", "!"),
        (r"⁉+", "?!"),
        (r"…[….]*|\.{2,}[….]*", "…"),
        (r"([!?¡¿！？؟。、，])\1+", r"\1"),
        (r"[!?]{2,}", "?!"),
        (r"[,;:،؛](?: ?[,;،؛])+", ","),
        (r",(?= ?[.!?…:)])|(?<=[!?…]),", ""),
    )
)


def verbalize(line: str, phrases: Phrases) -> str:
    """What a voice says of `line`: addresses named, identifiers and signs in words."""
    line = _SCHEME.sub("", line)
    line = _URL.sub(lambda match: _named(match[0], phrases), line)
    line = _BARE_URL.sub(lambda match: _named(match[0], phrases), line)
    line = _EMAIL.sub(lambda match: _spelt(match[0], phrases), line)
    line = _HASHTAG.sub(lambda match: _HUMP.sub(" ", match[1]), line)
    line = _MENTION.sub("", line).replace("@", f" {phrases.at} ")
    line = _TASK.sub(r"\1", _FOOTNOTE.sub("", _EMOTICON.sub(" ", line)))
    line = _COMMAND.sub(_command, _FRACTION.sub(r"\1 / \2", _MATH.sub(_formula, line)))
    line = _WORD.sub(_path, line)
    for pattern, instead in _SIGNS:
        line = pattern.sub(instead, line)
    return _CAMEL.sub(lambda match: _HUMP.sub(" ", match[0]), line).strip()


def link_phrase(host: str, phrases: Phrases) -> str:
    """What is said in place of an address on `host`."""
    return phrases.link_to.format(host=host) if host else phrases.link


def host_of(url: str) -> str:
    """The host that `url` leads to, without port and `www.`; "" if none helps a listener."""
    _, separator, rest = url.partition("://")
    if not separator:
        rest = url
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].lower()
    while host.startswith("www."):
        host = host.removeprefix("www.")
    with suppress(UnicodeError):
        host = host[:_LONGEST_HOST].encode("ascii").decode("idna") if "xn--" in host else host
    host = host.strip("._-")
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else ""


def code_words(code: str) -> str:
    """Inline code as words: no leading dashes, no empty calls, hyphens between letters opened."""
    code = re.sub(r"(?<!\S)-+(?=\w)|\(\)", "", code)
    return re.sub(r"(?<=[^\W\d])-(?=[^\W\d])", " ", code)


def _named(url: str, phrases: Phrases) -> str:
    address = url.rstrip(_AFTER_URL)
    return link_phrase(host_of(address), phrases) + url[len(address) :]


def _spelt(address: str, phrases: Phrases) -> str:
    name, _, domain = address.rpartition("@")
    dot = f" {phrases.dot} "
    return f" {name.replace('.', dot)} {phrases.at} {domain.replace('.', dot)} "


def _formula(match: re.Match[str]) -> str:
    return f" {match[1]} " if _IS_MATH.search(match[1]) else match[0]


def _command(match: re.Match[str]) -> str:
    return f" {_COMMANDS.get(match[1], match[1])} "


def _path(match: re.Match[str]) -> str:
    """A file's path as words; fractions, dates, units and "and/or" stay."""
    word = match[0]
    if "/" not in word:
        return word
    is_path = word[0] in "/~." or word.count("/") > 1 or _EXTENSION.search(word)
    if not is_path or _NOT_A_PATH.fullmatch(word):
        return word
    return _SEPARATOR.sub(" ", word)
