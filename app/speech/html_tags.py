"""HTML tags inside an answer, as distinct from text that merely has angle brackets."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterator, Sequence
from types import MappingProxyType

from markdown_it.token import Token

_TAG = re.compile(r"(<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>|<[!?][^<>]*>)", re.DOTALL)
_TAG_NAME = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*")
_BREAKING = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|details|div|dl|dt|figcaption|figure|footer|form|"
    r"h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|td|th|tr|ul)"
)
_INLINE = re.compile(
    r"</?(?:a|abbr|acronym|audio|b|bdi|bdo|big|body|button|caption|center|cite|code|col|colgroup|"
    r"data|em|embed|fieldset|font|head|html|i|iframe|img|input|ins|kbd|label|legend|link|mark|meta|"
    r"object|picture|q|rp|rt|ruby|samp|select|small|source|span|strong|sub|sup|svg|tbody|textarea|"
    r"tfoot|thead|time|tt|u|var|video|wbr)"
)
# What opens a part that is left out, and what closes it; the first is markdown's.
_UNREAD = MappingProxyType(
    {"s": "/s"}
    | {f"<{name}": f"</{name}" for name in ("script", "style", "title", "del", "s", "strike")}
)
_VARIABLES = re.compile(r"<[a-z](?:\s+\w+){2,}\s*>")  # "a <b and c> d"


def html_tokens(source: str) -> list[Token]:
    """A block of HTML as inline tokens, of the types `text` and `html_inline`."""
    return [
        Token("html_inline", "", 0, content=part)
        if at % 2
        else Token("text", "", 0, content=html.unescape(part))
        for at, part in enumerate(_TAG.split(source))
    ]


def read_aloud(tokens: Sequence[Token]) -> Iterator[tuple[str, Token]]:
    """Inline tokens with their marks: `link`, `/link`, `text`; of tags `<b`, `</b`.

    Without what is struck out, and without scripts and the like. What only looks like a tag is
    marked `text` ("a <b and c> d") or `placeholder` ("<your name>").
    """
    marks = [_mark(token) for token in tokens]
    present = frozenset(marks)
    closing = ""
    for token, mark in zip(tokens, marks, strict=True):
        if closing:
            closing = "" if mark == closing else closing
        elif _UNREAD.get(mark) in present:
            closing = _UNREAD[mark]
        elif _VARIABLES.fullmatch(token.content):
            yield "text", token
        elif not _is_known(mark, present):
            yield "placeholder", token
        else:
            yield mark, token


def breaks_line(mark: str) -> bool:
    """Whether the tag starts or ends a line of its own."""
    return bool(_BREAKING.fullmatch(mark))


def attribute(tag: str, name: str) -> str:
    """The value of an attribute of `tag`, or ""."""
    value = r"""(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
    found = re.search(rf"(?<![\w-]){name}\s?=\s?{value}", tag, re.IGNORECASE)
    return html.unescape(next(filter(None, found.groups()), "")) if found else ""


def _mark(token: Token) -> str:
    if token.type != "html_inline":
        name, _, end = token.type.rpartition("_")
        return {"open": name, "close": f"/{name}"}.get(end, token.type)
    tag = _TAG_NAME.match(token.content)
    return tag[0].lower() if tag else "<!"


def _is_known(mark: str, present: Container[str]) -> bool:
    """Whether HTML has the tag, or it comes in a pair; and whatever is not the start of a tag."""
    if mark[:2] in ("</", "<!") or mark[0] != "<" or mark in _UNREAD:
        return True
    return bool(_BREAKING.fullmatch(mark) or _INLINE.fullmatch(mark)) or f"</{mark[1:]}" in present
