"""Street addresses in a line, as eleven languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.companion.items import Span

_CAPITAL = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆŃĞİŞÇÖÜА-ЯЁ]"
_NAME = rf"{_CAPITAL}[\w'’.-]{{0,30}}"
# What follows a street: a flat, a postcode, a town, a country.
_POSTCODE = (
    r"(?:\d{2,6}(?:[ -]\d{2,4})?(?: [A-Z]{2})?|[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}|"
    r"[A-Z]{1,2}-\d{4,5})(?!\w)"
)
_PART = rf"(?:{_POSTCODE}|{_NAME})"
_TAIL = (
    r"(?:,? (?:Apt|Suite|Unit|Floor|Flat|No)\.? ?#?\w{1,5})?"
    rf"(?:,\s?{_PART}(?: {_PART}){{0,3}}){{0,3}}"
)
_HOUSE = r"\d{1,4}(?:\s?[a-zA-Z](?!\w))?(?:[-/]\d{1,4})?"

_ENGLISH = (
    rf"(?<![\w.,-])\d{{1,5}}[A-Za-z]?(?: [NSEW]\.?)? (?:{_NAME} ){{1,4}}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Place|Pl|"
    r"Way|Terrace|Highway|Hwy|Parkway|Pkwy|Row|Close|Crescent|Gardens|Mews|Quay|Wharf)(?!\w)"
    rf"(?:\.(?=,))?{_TAIL}"
)
_BROADWAY = rf"(?<![\w.,-])\d{{1,5}} Broadway(?!\w){_TAIL}"
_JOINED_STREET = (
    rf"(?:{_NAME} )?(?:{_CAPITAL}[\w-]{{1,30}}"
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|ufer|damm|markt|"
    r"straat|laan|plein|gracht|kade|dijk|singel)|(?:Straße|Strasse|Platz|Allee|Markt|Ring|Weg))"
    rf"(?: d(?:es|er|en) {_NAME}(?: {_NAME})?)? {_HOUSE}(?!\w){_TAIL}"
)
_WITH_POSTCODE = (
    rf"{_NAME}(?: [\w.'’-]{{1,20}}){{0,3}} {_HOUSE},"
    rf"\s?(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: [A-Z]{{2}})? {_NAME}(?: {_NAME})?"
)
_OF = (
    r"(?:(?:de la|de los|de las|de|del|della|dello|delle|dei|degli|di|da|das|do|dos|des|du|la|le|"
    r"las|los|el) |d'|d’|l'|l’|dell'|dell’){0,2}"
)
_FRENCH = (
    r"(?<![\w.,-])\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|av\.|boulevard|bd|place|chemin|quai|"
    r"impasse|allée|route|cours|passage|square) "
    rf"{_OF}{_NAME}(?:[ -]{_OF}{_NAME}){{0,4}}{_TAIL}"
)
_SOUTHERN = (
    r"(?:Calle|C/|Avenida|Avda\.?|Av\.|Plaza|Pza\.|Paseo|Carrer|Carretera|Gran Vía|Via|Viale|"
    r"Piazza|Corso|Largo|Vicolo|Rua|R\.|Praça|Travessa|Estrada|Alameda|Rodovia)"
    rf" ?{_OF}(?:{_NAME}(?: {_OF}{_NAME}){{0,4}})?,? (?:n\.?[º°o]?\.? ?)?"
    rf"\d{{1,5}}[A-Za-z]?(?!\w){_TAIL}"
)
_POLISH = rf"(?:ul|al|pl|os)\. {_NAME}(?: {_NAME}){{0,3}} {_HOUSE}(?!\w){_TAIL}"
_RUSSIAN = (
    r"(?<!\w)(?:ул\.|улица|пр\.|пр-т|проспект|пл\.|площадь|пер\.|переулок|наб\.|набережная|бульвар)"
    rf" ?{_NAME}(?: {_NAME}){{0,2}},? (?:д(?:ом|\.) ?)?\d{{1,4}}[а-я]?(?!\w)"
    rf"(?:,? (?:корп|стр|кв|офис)\.? ?\d{{1,4}}){{0,2}}{_TAIL}"
)
_TURKISH = (
    rf"(?:{_NAME} ){{1,4}}(?:Caddesi|Cad\.|Cd\.|Sokağı|Sokak|Sok\.|Sk\.|Bulvarı|Blv\.)"
    rf",? (?:No[.:]? ?)?\d{{1,4}}(?:[/-]\w{{1,4}})?(?!\w){_TAIL}"
)
_CHINESE = (
    r"[\u4e00-\u9fff]{2,16}(?:路|街|大道|巷|弄|胡同)[\u4e00-\u9fff]{0,4}\d{1,5}号"
    r"(?:[\u4e00-\u9fff]{0,8}(?:楼|座|室|层)|\d{1,5}(?:楼|座|室|层)){0,3}"
)
_JAPANESE = (
    r"(?:〒?\d{3}-\d{4}\s*)?[\u4e00-\u9fff]{2,3}[都道府県][\u4e00-\u9fff\u3041-\u30ff]{2,16}"
    r"\d{1,4}(?:丁目\d{0,3}(?:番地?)?\d{0,3}号?|[-−‐]\d{1,4}(?:[-−‐]\d{1,4})?|番地?\d{0,3}号?)"
    r"|〒\d{3}-\d{4}\s*[\u4e00-\u9fff\u3041-\u30ff]{2,20}[\d−‐-]{1,12}"
)
_ARABIC = (
    r"(?:\d{1,4} )?(?:شارع|طريق|جادة|ميدان) [\u0600-\u06ff]{2,20}(?: [\u0600-\u06ff]{2,20}){0,3}"
    r"(?:،? (?:رقم )?\d{1,4})"
    r"|\d{1,4} (?:شارع|طريق|جادة|ميدان) [\u0600-\u06ff]{2,20}(?: [\u0600-\u06ff]{2,20})?"
)
_ADDRESSES = tuple(
    re.compile(pattern)
    for pattern in (
        _ENGLISH, _BROADWAY, _JOINED_STREET, _FRENCH, _SOUTHERN, _POLISH, _RUSSIAN, _TURKISH,
        _CHINESE, _JAPANESE, _ARABIC, _WITH_POSTCODE,
    )
)  # fmt: skip


def street_addresses(line: str) -> Iterator[Span]:
    """Addresses with street and house number. They stay in speech, too: a street can be kept."""
    if not any(map(str.isdecimal, line)):
        return
    for pattern in _ADDRESSES:
        for match in pattern.finditer(line):
            address = match[0].rstrip(" .,")
            yield Span(match.start(), match.start() + len(address), "address", address, address)
