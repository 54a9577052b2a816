"""The echo: what a first try of the bot says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from app.responders.factory import build_responder
from app.responders.protocol import Question
from app.settings import load_settings


def test_what_was_said_is_said_back_in_its_language() -> None:
    question = Question(
        text="Hallo, wie geht's?\nBist du da?",
        chat_id="chat-1",
        message_id="message-1",
        sender="+15550100",
        received_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        language="de",
        spoken=True,
    )
    responder = build_responder(load_settings(responder="echo"))
    answer = asyncio.run(responder.answer(question))
    assert answer.text == "You said: Hallo, wie geht's?\nBist du da?"
    assert answer.language == "de"
    assert not answer.silent
