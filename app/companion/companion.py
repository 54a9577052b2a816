"""The companion of a memo: what the ear cannot keep, in writing, and what is spoken instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.companion.addresses import street_addresses
from app.companion.blocks import without_blocks
from app.companion.codes import code_name, codes, commands, named_codes
from app.companion.contacts import bank_accounts, emails, links, phones
from app.companion.items import Item, Kind, Span
from app.companion.markdown import plain
from app.companion.removal import removed
from app.companion.wordings import Wording, wording_of

_FINDERS = (
    links,
    emails,
    bank_accounts,
    commands,
    street_addresses,
    named_codes,
    phones,
    codes,
)
"""In this order: of two that overlap the first one holds, so that a link hides its digits."""
_LONGEST_LABEL = 7  # words
_LONGEST_CJK_LABEL = 16  # characters
_SENTENCE_END = re.compile(r"[.!?…]\s|[。！？؟]")
_GENERIC = (
    "here", "link", "this", "click", "hier", "ici", "aquí", "qui", "aqui", "tutaj", "здесь",
    "burada", "こちら", "ここ", "这里", "点击这里", "هنا",
)  # fmt: skip
"""Words of a link that do not name it."""


@dataclass(frozen=True)
class Companion:
    """What is spoken of an answer and what goes out in writing beside it.

    spoken: markdown, like the answer; "" where nothing is left to speak. written: plain text, one
    item a line; "" where the ear can keep everything, and `spoken` is then the answer as it was.
    """

    spoken: str
    written: str


def companion_of(text: str, language: str) -> Companion:
    """Divide an answer. text: markdown. language: BCP 47, of the answer."""
    wording = wording_of(language)
    spoken: list[str] = []
    items: list[Item] = []
    told: Counter[Kind] = Counter()
    heading = ""
    for line in without_blocks(text):
        if line.item:
            items.append(line.item)
            told[line.item.kind] += 1
            continue
        spans = _spans(line.text)
        items += _items(line.text, spans, heading, wording)
        if spans and wording:
            left, untold = removed(line.text, spans, wording)
            told.update(map(_spoken_kind, untold))
            if left:
                spoken.append(left)
        else:
            spoken.append(line.text)
        if line.text.strip():
            heading = "" if spans else plain(line.text)
    if not items:
        return Companion(text, "")
    written = _written(items)
    if wording is None:
        return Companion(text, written)
    body = "\n".join(spoken).strip()
    if not any(map(str.isalnum, body)):
        return Companion("", written)
    notice = wording.notice_of(told) if told else ""
    return Companion("\n\n".join(filter(None, (body, notice))), written)


def _spoken_kind(span: Span) -> Kind:
    """A code of digits alone is called a number, like that of a telephone."""
    is_number = span.kind == "code" and not any(map(str.isalpha, span.text))
    return "phone" if is_number else span.kind


def _spans(line: str) -> list[Span]:
    """The items of a line from left to right; none within another."""
    kept: list[Span] = []
    for find in _FINDERS:
        for span in find(line):
            if not any(span.start < one.end and one.start < span.end for one in kept):
                kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def _items(
    line: str, spans: Sequence[Span], heading: str, wording: Wording | None
) -> Iterable[Item]:
    kinds = Counter(kind for kind, _ in {(one.kind, one.text) for one in spans if not one.label})
    for number, span in enumerate(spans):
        begin = spans[number - 1].end if number else 0
        before = line[begin : span.start]
        alone = len(spans) == 1 and not any(map(str.isalnum, before + line[span.end :]))
        is_generic = span.label.lower() in _GENERIC
        label = "" if is_generic else span.label
        label = label or _label(before, span.kind, wording)
        if not label and alone and len(heading.split()) <= 5:
            label = heading.rstrip(":： ")
        if not label and (is_generic or kinds[span.kind] > 1):
            label = _short(_bare_clause(before, wording))
        if label:
            yield Item(span.kind, span.text, label)
        else:
            default = wording.labels.get(span.kind, "") if wording else ""
            yield Item(span.kind, span.text, default, names=False)


def _label(before: str, kind: Kind, wording: Wording | None) -> str:
    """The words right before an item that name it; "" if they do not."""
    clause = _clause(before)
    if clause.endswith((":", "：")) and clause[:-1].strip():
        return _short(clause[:-1].strip())
    if wording:
        words = _bare_clause(before, wording).split()
        if words and words[-1].lower() in wording.copulas:
            return _short(" ".join(words[:-1]))
        for copula in wording.copulas:
            if _is_cjk(copula) and clause.endswith(copula):
                return _short(clause.removesuffix(copula))
    return code_name(clause) if kind in ("code", "bank") else ""


def _clause(before: str) -> str:
    """The sentence before an item, as far as it has been said."""
    return plain(_SENTENCE_END.split(before)[-1]).strip(" *_`\"'“„«([").lstrip("-•, ")


def _bare_clause(before: str, wording: Wording | None) -> str:
    """The clause without what only joins it to its item or to the clause before."""
    words = _clause(before).split()
    if wording:
        while words and words[-1].lower() in wording.before:
            words.pop()
        while words and words[0].lower() in wording.conjunctions:
            words.pop(0)
    return " ".join(words)


def _short(label: str) -> str:
    if _is_cjk(label):
        return label if len(label) <= _LONGEST_CJK_LABEL else ""
    label = label if len(label.split()) <= _LONGEST_LABEL else ""
    return label[:1].upper() + label[1:]


def _is_cjk(text: str) -> bool:
    return any("\u3040" <= c <= "\u9fff" for c in text)


def _written(items: Sequence[Item]) -> str:
    unique = list(dict.fromkeys(items))
    texts = Counter(item.text for item in unique)
    lines: list[str] = []
    for item in unique:
        if texts[item.text] > 1 and not item.names:
            continue  # said once with a name of its own
        is_block = item.kind in ("list", "table", "snippet") and "\n" in item.text
        between = "\n" if is_block else " "
        label = f"{item.label}:{between}" if item.label else ""
        lines.append(("\n" if is_block and lines else "") + label + item.text)
        if is_block:
            lines.append("")
    return "\n".join(lines).strip().replace("\n\n\n", "\n\n")
