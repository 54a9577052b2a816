"""A responder that takes its time where it is asked to: `MEMO_RESPONDER=python:…:answer`."""

from __future__ import annotations

import asyncio

from app.responders.protocol import Question


async def answer(question: Question) -> str:
    """Half a minute for whoever says `slow`."""
    if "slow" in question.text:
        await asyncio.sleep(25)
    return f"You said: {question.text}"
