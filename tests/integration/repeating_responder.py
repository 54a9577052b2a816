"""A responder that says what it is asked: `MEMO_RESPONDER=python:…:answer`."""

from __future__ import annotations

from app.responders.protocol import Answer, Question


async def answer(question: Question) -> Answer:
    return Answer(question.text, language="en")
