"""Reads a chat completion that is streamed, and shows what is written so far."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from app.bounded_body import bounded_chunks
from app.responders.protocol import Draft, ResponderError

MEDIA_TYPE = "text/event-stream"

_END = "[DONE]"


async def read_stream(response: httpx.Response, max_bytes: int, draft: Draft) -> dict[str, Any]:
    """The completion that the events of `response` add up to, as it would come in one piece.

    draft: called with all words so far, whenever there are more.
    Raises: ResponderError when it breaks off or is none; UnreadableBody.
    """
    text = refusal = ""
    calls: dict[int, dict[str, Any]] = {}
    finish: str | None = None
    async for event in _events(response, max_bytes):
        choice = _choice(event)
        if choice is None:
            continue
        finish = choice.get("finish_reason") or finish
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            continue
        refusal += _text(delta.get("refusal"))
        for call in delta.get("tool_calls") or ():
            _add_call(calls, call)
        if more := _text(delta.get("content")):
            text += more
            draft(text)
    if finish is None:
        raise ResponderError("the chat server's answer broke off", reason="bad-answer")
    message = {"content": text, "refusal": refusal or None, "tool_calls": list(calls.values())}
    return {"choices": [{"message": message, "finish_reason": finish}]}


def _choice(event: str) -> dict[str, Any] | None:
    """The first choice of an event; None where it has none, such as the count of tokens."""
    try:
        chunk = json.loads(event)
        if "error" in chunk:
            raise ResponderError("the chat server failed while it answered", reason="refused")
        choices = chunk.get("choices")
        choice = choices[0] if choices else None
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise ResponderError(
            "the chat server sent no chat completion", reason="bad-answer"
        ) from error
    return choice if isinstance(choice, dict) else None


def _add_call(calls: dict[int, dict[str, Any]], part: Any) -> None:
    """Add a part of a tool call: its name comes first, its arguments in pieces."""
    if not isinstance(part, dict):
        return
    index = part.get("index")
    at = index if isinstance(index, int) else len(calls)
    call = calls.setdefault(at, {"id": None, "function": {"name": "", "arguments": ""}})
    call["id"] = part.get("id") or call["id"]
    function = part.get("function")
    if isinstance(function, dict):
        call["function"]["name"] += _text(function.get("name"))
        call["function"]["arguments"] += _text(function.get("arguments"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


async def _events(response: httpx.Response, max_bytes: int) -> AsyncIterator[str]:
    """The data of server-sent events; a completion has one line of data in each."""
    begun: list[bytes] = []  # of a line that has not ended
    async for chunk in bounded_chunks(response, max_bytes):
        if b"\n" not in chunk:
            begun.append(chunk)
            continue
        *lines, rest = b"".join((*begun, chunk)).split(b"\n")
        begun = [rest]
        for line in lines:
            name, _, value = line.partition(b":")
            if name != b"data":
                continue
            data = value.decode("utf-8", "replace").strip()
            if data == _END:
                return
            if data:
                yield data
