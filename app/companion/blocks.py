"""Blocks of an answer that are too much for an ear: code, tables with amounts, long lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.companion.items import Item
from app.companion.markdown import plain

MOST_SPOKEN_ITEMS = 5
"""A list of more is written."""
_MOST_SPOKEN_NUMBERS = 7  # cells of a table that hold a digit

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_DELIMITER_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*){0,50}\|?\s*")
_AMOUNT = re.compile(
    r"[€$£¥₽₺₹]|\b(?:EUR|USD|GBP|CHF|PLN|TRY|JPY|CNY|zł|TL|Euro|euros?|dollars?)\b|円|元|ريال|درهم"
)
_DECIMAL = re.compile(r"(?<![\d.,:])\d{1,6}[.,]\d{2}(?![\d.,:]|\s?[-–])")
_BULLET = re.compile(
    r"\s{0,12}(?:(?:[-*+•‣◦▪–—]|\(?\d{1,3}[.)]|[a-z][.)])\s+(?=\S)|[①-⑳・]\s?(?=\S)|"
    r"\d{1,3}[、．](?=\S)|[☀-➿🌀-🫿]\ufe0f?\s+(?=\S))"
)
_SIGNS = "*+•‣◦▪"
_LONGEST_PLAIN_ITEM = 60  # characters
_SENTENCE_ENDS = (".", "!", "?", "…", ":", "。", "！", "？", "：", "؟")
_LONGEST_INTRO = 12  # words


@dataclass(frozen=True)
class Line:
    """What is left to speak of a line, or where a block stood."""

    text: str
    item: Item | None = None


def without_blocks(text: str) -> list[Line]:
    """The lines of `text`, with one for each block that is to be written."""
    lines = text.split("\n")
    left: list[Line] = []
    at = 0
    while at < len(lines):
        for find in (_code_block, _table, _long_list):
            if found := find(lines, at):
                end, item = found
                left.append(_placed(item, left))
                at = end
                break
        else:
            left.append(Line(lines[at]))
            at += 1
    return left


Found = tuple[int, Item] | None
"""Where a block ends, and what of it is to be written."""


def _code_block(lines: Sequence[str], at: int) -> Found:
    opened = _FENCE.match(lines[at])
    if not opened:
        return None
    mark = opened[1]
    end = at + 1
    while end < len(lines) and not lines[end].strip().startswith(mark):
        end += 1
    code = "\n".join(lines[at + 1 : end]).strip("\n")
    return (end + 1, Item("snippet", code)) if code.strip() else None


def _table(lines: Sequence[str], at: int) -> Found:
    if "|" not in lines[at] or at + 1 >= len(lines) or "|" not in lines[at + 1]:
        return None
    if not _DELIMITER_ROW.fullmatch(lines[at + 1]):
        return None
    end = _last(lines, at + 2, lambda line: "|" in line)
    rows = [_cells(line) for line in lines[at + 2 : end]]
    cells = [cell for row in rows for cell in row]
    amounts = any(_AMOUNT.search(cell) or _DECIMAL.search(cell) for cell in cells)
    numbers = sum(any(map(str.isdigit, cell)) for cell in cells)
    if not (amounts or len(rows) > MOST_SPOKEN_ITEMS or numbers > _MOST_SPOKEN_NUMBERS):
        return None
    written = [" | ".join(filter(None, row)) for row in [_cells(lines[at]), *rows]]
    return end, Item("table", "\n".join(filter(None, written)))


def _long_list(lines: Sequence[str], at: int) -> Found:
    if _BULLET.match(lines[at]):
        return _bulleted(lines, at)
    end = _last(lines, at, _is_plain_item)
    if end - at <= MOST_SPOKEN_ITEMS:
        return None
    return end, Item("list", "\n".join(plain(line) for line in lines[at:end]))


def _bulleted(lines: Sequence[str], at: int) -> Found:
    items: list[str] = []
    count, end = 0, at
    for number, line in enumerate(lines[at:], at):
        if bullet := _BULLET.match(line):
            count += 1
            sign = bullet[0].strip()
            sign = "-" if sign in _SIGNS else sign
            indent = " " * (len(line) - len(line.lstrip()))
            items.append(f"{indent}{sign} {plain(line[bullet.end() :])}")
        elif not line.strip():
            following = next((one for one in lines[number + 1 :] if one.strip()), "")
            if not _BULLET.match(following):
                break
            continue
        elif line.startswith(("  ", "\t")):
            items.append("  " + plain(line))
        else:
            break
        end = number + 1
    return (end, Item("list", "\n".join(items))) if count > MOST_SPOKEN_ITEMS else None


def _is_plain_item(line: str) -> bool:
    """Whether a line without a bullet looks like one of a list: short, and no sentence."""
    line = line.strip()
    return (
        0 < len(line) <= _LONGEST_PLAIN_ITEM
        and not line.endswith(_SENTENCE_ENDS)
        and not line.startswith(("#", ">", "|"))
    )


def _placed(item: Item, before: Sequence[Line]) -> Line:
    """A block with the line that introduces it as its label."""
    intro = next((line.text for line in reversed(before) if line.text.strip()), "")
    label = plain(intro).rstrip(":： ")
    if before and before[-1].item:
        label = ""
    if label and (intro.rstrip(" *_").endswith((":", "：")) or intro.lstrip().startswith("#")):
        label = label if len(label.split()) <= _LONGEST_INTRO else ""
    elif len(label.split()) > 5 or label.endswith(_SENTENCE_ENDS):
        label = ""
    return Line("", Item(item.kind, item.text, label))


def _last(lines: Sequence[str], at: int, belongs: Callable[[str], bool]) -> int:
    while at < len(lines) and belongs(lines[at]):
        at += 1
    return at


def _cells(line: str) -> list[str]:
    return [plain(cell) for cell in line.strip().strip("|").split("|")]
