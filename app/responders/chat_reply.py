"""Reads chat completions: the words, the tools called, the sources named."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.responders.protocol import ResponderError

MAX_TOOL_CALLS = 8

_SENTENCE_END = re.compile(r".*[.!?…。！？](?=\s|\Z)|.*[。！？]", re.DOTALL)
_SOURCES = re.compile(r"\n?\s*[*_`]*Sources?[*_`]*\s*:\s*([^\n]*)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class ToolCall:
    """`arguments` are what the model wrote, "" where it is no text."""

    id: str
    name: str
    arguments: dict[str, str]
    raw: str


@dataclass(frozen=True)
class ModelReply:
    """`is_cut`: the server's limit ended it. `refused`: the model would not answer."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    is_cut: bool = False
    refused: bool = False

    @property
    def whole_sentences(self) -> str:
        """The text up to the end of its last sentence; "" where none ends."""
        match = _SENTENCE_END.match(self.text)
        return match.group() if match else ""


def read_reply(reply: Any) -> ModelReply:
    """Raises: ResponderError when this is no chat completion."""
    try:
        choice = reply["choices"][0]
        message = choice["message"]
        content = message.get("content")
        refusal = message.get("refusal")
        calls = message.get("tool_calls") or ()
        finish = choice.get("finish_reason")
    except (LookupError, TypeError, AttributeError) as error:
        raise ResponderError(
            "the chat server sent no chat completion", reason="bad-answer"
        ) from error
    if isinstance(content, list):  # parts, as some servers of several kinds of content send them
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str))
    return ModelReply(
        text=_without_thoughts(content).strip() if isinstance(content, str) else "",
        calls=tuple(_call(one) for one in list(calls)[:MAX_TOOL_CALLS] if isinstance(one, dict))
        if isinstance(calls, list)
        else (),
        is_cut=finish == "length",
        refused=bool(refusal) or finish == "content_filter",
    )


def without_sources(text: str) -> tuple[str, tuple[str, ...]]:
    """The words to say, and the ids on the last line `Sources: …`."""
    match = _SOURCES.search(text)
    if not match:
        return text, ()
    ids = (one.strip(" .`'\"[]()") for one in match.group(1).split(","))
    named = tuple(one for one in ids if one and one.lower() != "none")
    return text[: match.start()].strip(), named


def unknown_sources(named: Collection[str], given: Collection[str]) -> list[str]:
    """Ids that the model names, but was not given."""
    return [one for one in named if one not in given]


def _call(value: dict[str, Any]) -> ToolCall:
    function = value.get("function")
    function = function if isinstance(function, dict) else {}
    raw = function.get("arguments")
    raw = raw if isinstance(raw, str) else json.dumps(raw or {})
    try:
        arguments = json.loads(raw or "{}")
    except (ValueError, RecursionError):
        arguments = {}
    texts = arguments.items() if isinstance(arguments, dict) else ()
    return ToolCall(
        id=str(value.get("id") or "call"),
        name=str(function.get("name") or ""),
        arguments={str(name): one for name, one in texts if isinstance(one, str)},
        raw=raw,
    )


def _without_thoughts(content: str) -> str:
    """Some servers leave the opening tag out, and a cut-off thought has no closing one."""
    if "</think>" in content:
        return content.rpartition("</think>")[2]
    return "" if content.lstrip().startswith("<think>") else content
