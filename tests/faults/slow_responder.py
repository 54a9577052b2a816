"""A responder that takes its time where it is asked to: `MEMO_RESPONDER=python:…:answer`."""

from __future__ import annotations

import asyncio
import os

from app.responders.protocol import Question

_SECONDS = float(os.environ.get("TEST_SLOW_SECONDS", "25"))


async def answer(question: Question) -> str:
    """Half a minute, or TEST_SLOW_SECONDS, for whoever says `slow`."""
    if "slow" in question.text:
        await asyncio.sleep(_SECONDS)
    return f"You said: {question.text}"
