"""Percentages, units, fractions, ranges and plain numbers."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from app.speech.normalization.numerals import DASH, end, numeral, numeral_pattern, start
from app.speech.normalization.words import Words

# A symbol and CLDR's name of the unit.
_UNITS = MappingProxyType(
    {
        "km/h": "speed-kilometer-per-hour", "kmh": "speed-kilometer-per-hour",
        "mph": "speed-mile-per-hour", "m/s": "speed-meter-per-second",
        "km²": "area-square-kilometer", "m²": "area-square-meter", "cm²": "area-square-centimeter",
        "m2": "area-square-meter", "m³": "volume-cubic-meter", "ha": "area-hectare",
        "km": "length-kilometer", "m": "length-meter", "cm": "length-centimeter",
        "mm": "length-millimeter", "mi": "length-mile", "ft": "length-foot",
        "kg": "mass-kilogram", "g": "mass-gram", "mg": "mass-milligram", "lbs": "mass-pound",
        "lb": "mass-pound", "oz": "mass-ounce", "l": "volume-liter", "L": "volume-liter",
        "ml": "volume-milliliter", "mL": "volume-milliliter", "cl": "volume-centiliter",
        "dl": "volume-deciliter", "°C": "temperature-celsius", "℃": "temperature-celsius",
        "°F": "temperature-fahrenheit", "℉": "temperature-fahrenheit", "°": "angle-degree",
        "kWh": "energy-kilowatt-hour", "kW": "power-kilowatt", "W": "power-watt",
        "V": "electric-volt", "kcal": "energy-kilocalorie", "GB": "digital-gigabyte",
        "MB": "digital-megabyte", "kB": "digital-kilobyte", "KB": "digital-kilobyte",
        "TB": "digital-terabyte", "Hz": "frequency-hertz", "GHz": "frequency-gigahertz",
        "MHz": "frequency-megahertz", "h": "duration-hour", "hrs": "duration-hour",
        "hr": "duration-hour", "min": "duration-minute", "mins": "duration-minute",
        "Min": "duration-minute", "s": "duration-second", "sec": "duration-second",
        "Std": "duration-hour", "كم": "length-kilometer", "كغ": "mass-kilogram",
        "ms": "duration-millisecond",
    }
)  # fmt: skip
_FRACTION_SIGNS = MappingProxyType(
    {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}
)

# As Arabic may write it.
_SIGN_FIRST = re.compile(r"(?<!\w)[٪%]\s?([0-9]{1,9})(?![0-9.,])")


def quantities(line: str, words: Words) -> str:
    """`line` with what is measured and counted as it is said."""
    patterns = _patterns(words)
    line = patterns["fraction"].sub(lambda match: _fraction(match, words), line)
    line = patterns["percent"].sub(lambda match: words.percent.format(n=_span(match, words)), line)
    if words.tag == "ar":
        line = _SIGN_FIRST.sub(lambda match: words.percent.format(n=match[1]), line)
    line = patterns["unit"].sub(lambda match: _measured(match, words), line)
    line = patterns["degrees"].sub(lambda match: _measured(match, words), line)
    line = patterns["range"].sub(lambda match: _range(match, words), line)
    return patterns["grouped"].sub(lambda match: numeral(match[0], words).said(words), line)


@cache
def _patterns(words: Words) -> dict[str, re.Pattern[str]]:
    number, begin, stop = numeral_pattern(words), start(words), end(words)
    units = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    signs = "".join(_FRACTION_SIGNS)
    groups = re.escape(words.groups)
    minus = r"(?P<minus>(?<![A-Za-z0-9)])[-−])?"
    second = rf"(?:{DASH}(?P<b>{number}))?"
    begin_minus = r"(?<![\w.,:/])" if words.spaced else r"(?<![A-Za-z0-9_.,:/])"
    sign = r"[%٪](?!\w)" if words.spaced else r"[%％]"
    dash = DASH if words.spaced else rf"{DASH}|[〜～]"
    before_group = r"(?<![\w.,/])" if words.spaced else r"(?<![A-Za-z0-9.,/])"
    unit = rf"{begin_minus}{minus}(?P<a>{number})\s?(?:°C?(?={DASH}))?{second}\s?"
    patterns = {
        "fraction": rf"{begin}(?:(?P<n>[0-9]{{1,4}})\s?)?"
        rf"(?:(?P<sign>[{signs}])|(?<![0-9/])(?P<f>1/[2-58]|2/3|3/4)(?![0-9/]){stop})",
        "percent": rf"{begin}(?P<a>{number})\s?%?{second}\s?{sign}",
        "unit": rf"{unit}(?P<unit>{units}){stop}(?![/²³'’])",
        "degrees": rf"{begin_minus}{minus}(?P<a>{number}){second}\s?(?P<unit>°[CF]|℃|℉)",
        "range": rf"{begin}(?P<a>{number})(?P<dash>{dash})(?P<b>{number}){stop}(?![-–/:.,][0-9])",
        "grouped": rf"{before_group}[0-9]{{1,3}}(?:[{groups}][0-9]{{3}}){{1,5}}(?![.,/-][0-9]{{4}})"
        rf"(?:[.,][0-9]{{1,6}}(?![0-9]))?(?![0-9]){stop}",
    }
    return {name: re.compile(pattern) for name, pattern in patterns.items()}


def _span(match: re.Match[str], words: Words) -> str:
    first = numeral(match["a"], words).said(words)
    if not match["b"]:
        return first
    return words.range.format(a=first, b=numeral(match["b"], words).said(words))


def _measured(match: re.Match[str], words: Words) -> str:
    unit = _UNITS[match["unit"]]
    if (
        match["unit"] in ("m", "g", "s", "h", "W", "V", "l", "L")
        and "$" in match.string[max(0, match.start() - 1) : match.start()]
    ):
        return match[0]
    last = numeral(match["b"] or match["a"], words)
    said = _with_unit(last.value, unit, words)
    if match["b"]:
        first = numeral(match["a"], words).said(words)
        said = words.range.format(a=first, b=said)
    elif last.whole == "1" and not last.part and said.startswith("1 "):
        noun = said[2:].split(" ", 1)[0]
        one = next((one for ending, one in words.ones if noun.endswith(ending)), "1")
        said = f"{one} {said[2:]}"
    if not match["minus"]:
        return said
    return f"{words.minus} {said}" if words.spaced else f"{words.minus}{said}"


def _with_unit(value: float, unit: str, words: Words) -> str:
    from babel.units import format_unit

    count = int(value) if value == int(value) else value
    for length in ("long", "short"):
        said = format_unit(count, unit, length, format="0.######", locale=words.tag)
        if unit not in said:  # which is what Babel gives for a form that CLDR inherits
            break
    said = said.replace("\u00a0", " ").replace("\u202f", " ")
    return said if words.spaced else said.replace(" ", "")


def _fraction(match: re.Match[str], words: Words) -> str:
    fraction = words.fractions.get(match["f"] or _FRACTION_SIGNS[match["sign"]])
    if not fraction:
        return match[0]
    if not match["n"]:
        return fraction
    if words.tag == "en" and fraction == "one half":
        fraction = "a half"
    return words.mixed.format(n=match["n"], fraction=fraction)


def _range(match: re.Match[str], words: Words) -> str:
    first, last = numeral(match["a"], words), numeral(match["b"], words)
    if "-" in match["dash"] and (
        first.value >= last.value or (len(first.whole) > 4 and match["dash"] == "-")
    ):
        return match[0]  # a score, a subtraction or a number of something
    return words.range.format(a=first.said(words), b=last.said(words))
