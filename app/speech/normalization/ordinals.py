"""Ordinals and Roman numerals."""

from __future__ import annotations

import re
from types import MappingProxyType

from app.speech.normalization.dates import english_ordinal
from app.speech.normalization.numerals import ordinal
from app.speech.normalization.words import Words

_ROMAN = re.compile(r"(?<![\w.-])([^\W\d_][\w’'-]{1,20})(\s)([IVXLC]{1,7})(\.?)(?![\w’'-]|\.\w)")
_CANONICAL = re.compile(r"(?:X{1,3}|XL|L|LX{1,3}|XC)?(?:IX|IV|V|V?I{1,3})?")
_VALUES = MappingProxyType({"I": 1, "V": 5, "X": 10, "L": 50, "C": 100})
_NOT_NUMERALS = frozenset({"I", "C", "L", "XL", "CC", "LI", "XC", "XX", "X"})
_REGNAL = re.compile(
    r"(?i:henry|louis|charles|george|edward|richard|elizabeth|philip|james|william|alexander|"
    r"pius|john|benedict|francis|frederick|nicholas|catherine|heinrich|ludwig|karl|"
    r"friedrich|wilhelm|otto|leopold|elisabeth|katharina|henri|philippe|françois|napoléon|"
    r"napoleon|élisabeth|carlos|felipe|alfonso|isabel|fernando|juan|luis|enrique|"
    r"benedicto|francisco|luigi|carlo|enrico|vittorio|umberto|elisabetta|giovanni|"
    r"benedetto|pio|emanuele|joão|pedro|josé|manuel|afonso|luís|filipe|dom|willem|karel|"
    r"lodewijk|hendrik|elizabeth|paul|paulus|pablo|paolo|paulo)"
)
_FEMALE = re.compile(r"(?i:[eé]lizabeth|isabel|elisabetta|[eé]lisabeth|catherine|katharina)")

_FRENCH = re.compile(r"(?<![\w.,])([0-9]{1,4})(ers?|[èe]?res?|nde?s?|[èe]mes?|es?)(?!\w)")
_FRENCH_ROMAN = re.compile(r"(?<!\w)([IVXL]{1,7})(er|[èe]me|e|re)(?!\w)")
_DOTTED = re.compile(r"(?<![\w.,])([0-9]{1,4})\.?(er|[ºª°])(?![CF\w])")
_DUTCH = re.compile(r"(?<![\w.,])([0-9]{1,4})(?:ste|de|e)(?!\w)")
_GERMAN = re.compile(
    r"(?:\b([Dd](?:er|ie|as|en|em)|[Ii]m|[Aa]m|[Zz]u[mr]|[Bb]eim|[Vv]om|[Jj]ede[rnms]?|[Aa]b)\s)?"
    r"(?<![\w.,])([0-9]{1,3})\.\s(?=(?:Stock|Etage|Platz|Mal|Tag|Klasse|Reihe|Kapitel|Stunde|Woche|"
    r"Obergeschoss|Jahrhundert|Teil|Runde|Preis|Schritt|Quartal|Advent|Weihnachtstag|Liga|Geburtstag|"
    r"Hälfte|Person|Gang|Termin|Monat|Versuch|Mahnung|Tür)\b)"
)  # fmt: skip
_GERMAN_FEMININE = re.compile(
    r"(?:Etage|Klasse|Reihe|Stunde|Woche|Runde|Hälfte|Person|Liga|Mahnung|Tür)"
)


def ordinals(line: str, words: Words) -> str:
    """`line` with ordinals and Roman numerals as they are said."""
    line = _ROMAN.sub(lambda match: _roman(match, words), line) if words.spaced else line
    match words.tag:
        case "fr":
            line = _FRENCH_ROMAN.sub(
                lambda found: (
                    f"{value(found[1])}{found[2]}" if _counts(*found.groups()) else found[0]
                ),
                line,
            )
            return _FRENCH.sub(lambda found: _french(found, words), line)
        case "es" | "it" | "pt":
            return _DOTTED.sub(lambda found: _romance(found, words), line)
        case "nl":
            return _DUTCH.sub(lambda found: ordinal(int(found[1]), words, "spellout-ordinal"), line)
        case "de":
            return _GERMAN.sub(lambda found: _german(found, words), line)
    return line


def value(roman: str) -> int:
    """The value of a Roman numeral below 100; 0 where it is none."""
    if not roman or not _CANONICAL.fullmatch(roman):
        return 0
    total = 0
    for sign, following in zip(roman, [*roman[1:], ""], strict=True):
        here = _VALUES[sign]
        total += -here if following and _VALUES[following] > here else here
    return total


def _counts(numeral: str, suffix: str) -> bool:
    """Whether this is a Roman ordinal and no word such as `Le`."""
    if len(numeral) == 1 and (numeral == "L" or (numeral == "I") == (suffix in ("e", "ème"))):
        return False
    return value(numeral) > 0


def _roman(match: re.Match[str], words: Words) -> str:
    name, space, numeral, dot = match.groups()
    number = value(numeral)
    is_century = name.casefold() in ("siglo", "século")
    is_regnal = _REGNAL.fullmatch(name) is not None
    if not number or not (is_century or name[0].isupper()):
        return match[0]
    if is_regnal and numeral not in ("I", "C", "L"):
        kept = dot if words.tag != "de" else ""
        return f"{name}{space}{_regnal(name, number, words)}{kept}"
    if numeral in _NOT_NUMERALS and not (is_century and numeral in ("X", "XX")):
        return match[0]
    if words.tag == "it" and match.string[match.end() :].lstrip().startswith("secolo"):
        return f"{name}{space}{ordinal(number, words, 'spellout-ordinal-masculine')}"
    return f"{name}{space}{number}{dot}"


def _regnal(name: str, number: int, words: Words) -> str:
    feminine = _FEMALE.fullmatch(name) is not None
    ruleset = f"spellout-ordinal-{'feminine' if feminine else 'masculine'}"
    match words.regnal:
        case "the {n}{th}":
            return f"the {english_ordinal(number)}"
        case "der {ordinal}":
            counted = ordinal(number, words, "spellout-ordinal").capitalize()
            return f"{'die' if feminine else 'der'} {counted}"
        case "de {ordinal}":
            return f"de {ordinal(number, words, 'spellout-ordinal').capitalize()}"
        case "ordinal":
            return ordinal(number, words, ruleset)
        case "ordinal to ten" if number <= 10:
            return ordinal(number, words, ruleset)
        case "{n}" if number == 1:
            return "première" if feminine else "premier"
    return str(number)


def _french(match: re.Match[str], words: Words) -> str:
    number, suffix = int(match[1]), match[2]
    feminine = suffix.startswith(("ère", "ere", "re", "nde"))
    plural = "-plural" if suffix.endswith("s") else ""
    gender = "feminine" if feminine else "masculine"
    if number == 1 and suffix.startswith("e") and suffix not in ("er", "ers", "ere", "eres"):
        return match[0]
    return ordinal(number, words, f"spellout-ordinal-{gender}{plural}")


def _romance(match: re.Match[str], words: Words) -> str:
    number, sign = int(match[1]), match[2]
    if sign == "°" and words.tag == "es":
        return match[0]
    if sign == "er":
        return (
            ordinal(number, words, "spellout-ordinal-masculine-adjective")
            if words.tag == "es"
            else match[0]
        )
    gender = "feminine" if sign == "ª" else "masculine"
    return ordinal(number, words, f"spellout-ordinal-{gender}")


def _german(match: re.Match[str], words: Words) -> str:
    article, number = match[1], int(match[2])
    noun = match.string[match.end() : match.end() + 16]
    feminine = bool(_GERMAN_FEMININE.match(noun))
    if article is None:
        ruleset = "spellout-ordinal" if feminine else "spellout-ordinal-r"
    elif article.lower() in ("der", "die", "das"):
        dative = article.lower() == "der" and feminine
        ruleset = "spellout-ordinal-n" if dative else "spellout-ordinal"
    else:
        ruleset = "spellout-ordinal-n"
    before = f"{article} " if article else ""
    return f"{before}{ordinal(number, words, ruleset)} "
