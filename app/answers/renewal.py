"""Renewal: an answer that is not sent yet is composed anew when its question has changed."""

from __future__ import annotations

import sqlalchemy as sa

from app.answers.claims import Claim
from app.policy import outdating
from app.store import messages, transitions
from app.store.sealing import Sealer

MOST_RENEWALS = 2
"""Who goes on writing is answered all the same."""


class QuestionOutdated(Exception):
    """Newer messages belong to the question; the answer has claimed them and begins once more."""


class Renewal:
    """Looks for newer messages in the transactions that store what is to be said, or sent.

    What is claimed here stands with the answer before anything else is done, so that a process
    that dies leaves a later run all the messages to compose from.
    """

    def __init__(self, sealer: Sealer, *, collects: bool) -> None:
        """collects: whether quick messages are answered together."""
        self._sealer = sealer
        self._collects = collects

    def outdates(self, connection: sa.Connection, claim: Claim) -> QuestionOutdated | None:
        """Claim what has come since, if it outdates the question, and drop what was composed.

        Called again after a commit of which nobody heard, it says the same. None for answers that
        were renewed often enough, or that nobody's messages asked for. Raises: AnswerLost.
        """
        if not claim.messages or claim.renewals >= MOST_RENEWALS:
            return None
        answer_id = claim.run.answer_id
        own, waiting = messages.open_of(connection, answer_id, claim.record.chat_id, self._sealer)
        known = {message.message_id for message in claim.messages}
        newer = outdating(claim.messages, waiting, collects=self._collects)
        if not newer and all(message.message_id in known for message in own):
            return None
        if newer:
            messages.claim_more(connection, answer_id, [one.message_id for one in newer])
        transitions.start_over(connection, claim.run)
        return QuestionOutdated(answer_id)
