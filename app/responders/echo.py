"""The responder that repeats what was said: for a first try, without any knowledge or key."""

from __future__ import annotations

from app.responders.protocol import Answer, Question


class EchoResponder:
    """Answers `You said: …`, to written messages and to what was heard in voice memos alike."""

    async def answer(self, question: Question) -> Answer:
        """The language is the question's: it is the quoted words that should sound right."""
        return Answer(text=f"You said: {question.text}", language=question.language, reason="echo")

    async def aclose(self) -> None:
        """Nothing is held open."""
