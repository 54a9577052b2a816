"""A responder that says it is another: `MEMO_RESPONDER=python:tests.faults.another_responder:…`."""

from __future__ import annotations

from app.responders.protocol import Question


async def answer(question: Question) -> str:
    """The words of the question, told from what the echo makes of them."""
    return f"Another said: {question.text}"
