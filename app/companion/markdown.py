"""Markdown inside a line: links, code and emphasis."""

from __future__ import annotations

import re

# Its words and its address, which may have pairs of parentheses in it; perhaps a title.
MARKDOWN_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]"
    r"\(\s*<?((?:[^\s<>()]|\([^\s<>()]*\)){1,2000})>?"
    r"(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?\s*\)"
)
_AFTER_LINK = re.compile(r"$|[\s.,;:!?…)\]}\"'”’»|*_~、。，！？）」』]")
# Code ends with as many backticks as it began with.
_CODE = re.compile(r"(?<!`)(`+)(?![\s`])([^\n]{1,500}?)(?<![\s`])\1(?!`)")
_EMPHASIS = re.compile(
    r"(\*\*\*|\*\*|__|~~|(?<![\w*])\*(?!\*))(?=\S)([^\n]{1,500}?)(?<=\S)\1(?![\w*])"
)


def plain(line: str) -> str:
    """A line of markdown as a text message shows it best: no markup, links behind their words."""
    line = _CODE.sub(r"\2", line)
    line = MARKDOWN_LINK.sub(_link, line)
    for _ in range(2):
        line = _EMPHASIS.sub(r"\2", line)
    return re.sub(r"^\s*(?:#{1,6}|>+)\s+", "", line).strip()


def _link(found: re.Match[str]) -> str:
    words, address = found.groups()
    # What stands right behind it would be a part of the link.
    end = "" if _AFTER_LINK.match(found.string, found.end()) else " "
    return f"{words}: {address}{end}" if words and words != address else f"{address}{end}"
