"""Hand-over: what the person is told when their chat is left to people, and when it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import cast

from app.answers.checkpoints import Composed
from app.policy import asks_for_a_person
from app.responders.apologies import passed_on
from app.responders.protocol import Answer, HandOver, HandOverReason, Question, one_line
from app.settings import Settings
from app.store.desk import HandOverPlan

OpeningNote = Callable[[datetime, str | None], Awaitable[str]]
"""Says when there is somebody to answer, at a moment and in a language; "" where it is now, or
where nobody knows."""

WAITING_SECONDS = 24 * 3600.0
"""How long a chat waits for a person where its responder does not say. Then the bot answers
again."""


class HandOverWords:
    """Knows whether anybody can be reached, and what the person is then told."""

    def __init__(self, settings: Settings, opening_note: OpeningNote | None = None) -> None:
        self._alerts = bool(settings.alert_url.get_secret_value())
        # Without an alert and without a console nobody would come.
        self._reaches_somebody = self._alerts or bool(settings.admin_token.get_secret_value())
        self._remind_after = settings.handover_remind_seconds if self._reaches_somebody else 0.0
        self._opening_note = opening_note

    async def told(self, answer: Answer, question: Question) -> Answer:
        """The answer, which says what happens next where a person is to see the chat.

        A responder that says for how long the chat is left to people has its own words for it.
        """
        asked = asks_for_a_person(question.text) and self._reaches_somebody
        if asked and answer.hand_over is None and not answer.hand_over_seconds:
            hand_over = HandOver("asked", one_line(question.text))
            answer = Answer(language=question.language, reason="person", hand_over=hand_over)
        elif answer.hand_over_seconds:
            hand_over = answer.hand_over or HandOver("other")
            summary = hand_over.summary or one_line(question.text)
            return replace(answer, hand_over=replace(hand_over, summary=summary))
        if answer.hand_over is None:
            return answer
        if not self._reaches_somebody:
            return replace(answer, hand_over=None)
        if answer.silent:
            return answer
        said, language = passed_on(answer.language or question.language)
        note = ""
        if self._opening_note:
            note = await self._opening_note(question.received_at, language)
        told = [answer.text] if said not in answer.text else []
        text = " ".join(filter(None, (*told, said, note)))
        spoken = answer.spoken and " ".join(filter(None, (answer.spoken, said, note)))
        return replace(answer, text=text, spoken=spoken, language=answer.language or language)

    def plan(self, composed: Composed, summary: str) -> HandOverPlan | None:
        """What is to be done once the answer is over."""
        if not composed.hand_over and not composed.hand_over_seconds:
            return None
        return HandOverPlan(
            reason=cast(HandOverReason, composed.hand_over or "other"),
            summary=summary,
            seconds=composed.hand_over_seconds or WAITING_SECONDS,
            alert=self._alerts,
            remind_after=self._remind_after,
        )
