"""A responder with something in writing beside the memo: `MEMO_RESPONDER=python:…:answer`."""

from __future__ import annotations

from app.responders.protocol import Answer, Question

WRITTEN = "https://example.org/booking?id=42"


async def answer(question: Question) -> Answer:
    """What the echo says, and a link in writing."""
    return Answer(f"You said: {question.text}", written=WRITTEN)
