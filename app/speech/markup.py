"""Markup: markdown read into blocks of words, parsed with markdown-it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.speech.html_tags import attribute, breaks_line, html_tokens, read_aloud
from app.speech.phrases import Phrases
from app.speech.verbalization import code_words, host_of, link_phrase

HARD_BREAK = "\u2028"
"""Where the writer broke a line on purpose; a mere end of line stays a newline."""

_LONG_CODE = 60  # characters of inline code; longer is named instead of read


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, item, table row or code block."""

    text: str
    is_sentence: bool
    """Whether it is said as a sentence of its own, even where it stands alone."""


def blocks(text: str, phrases: Phrases) -> list[Block]:
    """The blocks of `text`, in reading order: markdown, and the tags of HTML, taken away.

    Numbered items begin with their number, table rows are read "header: cell", code blocks are
    named, struck-out words and pictures without a description are left out.
    """
    return list(_Reader(phrases).read(_parser().parse(text)))


@cache
def _parser() -> MarkdownIt:
    # Without indented code: in chats, words are indented far more often than code is.
    markdown = MarkdownIt("commonmark", {"html": True})
    return markdown.enable(["table", "strikethrough"]).disable("code")


@dataclass
class _Reader:
    phrases: Phrases
    hosts: set[str] = field(default_factory=set)  # already named
    numbers: list[int | None] = field(default_factory=list)  # the next, for each open list
    label: str = ""  # numbers that the next words begin with
    headers: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    def read(self, tokens: Sequence[Token]) -> Iterator[Block]:
        opened = ""
        for token in tokens:
            match token.type:
                case "ordered_list_open":
                    self.numbers.append(int(token.attrs.get("start", 1)))
                case "bullet_list_open":
                    self.numbers.append(None)
                case "ordered_list_close" | "bullet_list_close":
                    self.numbers.pop()
                case "list_item_open":
                    self._count()
                case "list_item_close" if self.label:
                    yield self._block("", is_sentence=False)
                case "heading_open" | "paragraph_open" | "th_open" | "td_open":
                    opened = token.type
                case "inline" if opened in ("th_open", "td_open"):
                    self.cells.append(_one_line(self._inline(token.children or [])))
                case "inline":
                    is_sentence = opened == "heading_open" or bool(self.numbers)
                    yield self._block(self._inline(token.children or []), is_sentence)
                case "thead_close":
                    self.headers, self.cells = self.cells, []
                case "tr_close" if opened == "td_open":
                    yield self._block(self._row(), is_sentence=True)
                    self.cells = []
                case "tbody_close":
                    self.headers = []
                case "table_close" if self.headers:
                    yield self._block(", ".join(filter(None, self.headers)), is_sentence=True)
                case "fence":
                    yield self._block(_capitalised(self.phrases.code), is_sentence=True)
                case "html_block":
                    yield self._block(self._inline(html_tokens(token.content)), is_sentence=False)

    def _block(self, words: str, is_sentence: bool) -> Block:
        label, self.label = self.label, ""
        return Block(label + words.strip(" \n" + HARD_BREAK), is_sentence)

    def _count(self) -> None:
        number = self.numbers[-1]
        if number is not None:
            self.label += f"{number}. "
            self.numbers[-1] = number + 1

    def _row(self) -> str:
        cells = (
            f"{header.rstrip(':')}: {cell}" if header and cell else cell
            for header, cell in zip_longest(self.headers, self.cells, fillvalue="")
        )
        return ", ".join(cell.rstrip(".,;") for cell in cells if cell)

    def _inline(self, tokens: Sequence[Token]) -> str:
        said: list[str] = []
        href, link_at = "", 0
        for mark, token in read_aloud(tokens):
            match mark:
                case "link":
                    href, link_at = str(token.attrs.get("href", "")), len(said)
                case "<a":
                    href, link_at = attribute(token.content, "href"), len(said)
                case "/link" | "</a" if href:
                    said[link_at:] = [self._link("".join(said[link_at:]).strip(), href)]
                    href = ""
                case "softbreak":
                    said.append("\n")
                case "hardbreak":
                    said.append(HARD_BREAK)
                case "code_inline":
                    said.append(self._code(token.content))
                case "image":
                    said.append(self._inline(token.children or []))
                case "<img":
                    said.append(attribute(token.content, "alt"))
                case "placeholder":
                    said.append(f" {token.content.strip('<>/')} ")
                case "text" | "text_special":
                    said.append(token.content)
                case tag if breaks_line(tag):
                    said.append(HARD_BREAK)
        return "".join(said)

    def _link(self, text: str, href: str) -> str:
        if text.startswith("^"):
            return ""  # a footnote's number
        host = host_of(href)
        if "://" not in href or not host:
            return text or href.removeprefix("mailto:")
        phrase = link_phrase(host, self.phrases)
        if not text or "://" in text or host_of(text) == host:
            return phrase
        if host in self.hosts:
            return text
        self.hosts.add(host)
        return f"{text} ({phrase})"

    def _code(self, code: str) -> str:
        return code_words(code) if len(code) <= _LONG_CODE else self.phrases.code


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _capitalised(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
