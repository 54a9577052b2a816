"""Text for speech: what a voice should say of an answer written for the eye."""

from __future__ import annotations

from markdown_it import MarkdownIt

_LIMIT = 100_000


def speakable(text: str, language: str = "en") -> str:
    """What a voice should say of `text`; "" when nothing speakable is left."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    said: list[str] = []
    for token in markdown.parse(text[:_LIMIT]):
        if token.type != "inline":
            continue
        words = "".join(
            " " if child.type in ("softbreak", "hardbreak") else child.content
            for child in token.children or []
            if child.type != "html_inline"
        )
        if words.strip():
            said.append(words.strip())
    return "\n".join(said) if any(map(str.isalnum, "".join(said))) else ""
