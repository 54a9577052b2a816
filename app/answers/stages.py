"""The stages of an answer. Each gives back plain JSON, which is kept for a run after a crash.

No words are in it: those are kept in our own tables, from where they are erased when their time
has come, and at once where Linq keeps none either.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from app.answers.composing import Composer
from app.answers.delivery import Posted, Sender
from app.answers.manners import STOPS
from app.answers.recording import Recorded, Recorder, UploadFailed
from app.answers.typing_indicator import Attention
from app.linq.errors import LinqError, Refused
from app.linq.events import InboundMessage
from app.responders.protocol import ResponderError
from app.speech.errors import NothingToSay, VoiceError
from app.store import conversations, deliveries, ledger, opt_outs, sends
from app.store.database import Database
from app.store.ledger import AnswerRecord

Result = dict[str, Any]


@dataclass(frozen=True)
class Stages:
    """What an answer is made with. `debounce_seconds` is the pause that ends a question."""

    database: Database
    composer: Composer
    recorder: Recorder
    sender: Sender
    debounce_seconds: float

    async def gather(self, record: AnswerRecord) -> list[InboundMessage]:
        """The messages to answer; with a pause set, all that come until the chat pauses."""
        if record.origin != "inbound":
            await self.database.write(
                lambda c: ledger.begin(c, record.answer_id), retry_forever=True
            )
            return []
        pause = self.debounce_seconds
        deadline = time.monotonic() + 5 * pause
        while pause:
            newest = await self.database.read(
                lambda c: ledger.newest_waiting(c, record.chat_id), retry_forever=True
            )
            wait = (newest or 0) + pause - time.time()
            if wait <= 0 or time.monotonic() > deadline:
                break
            await asyncio.sleep(min(wait, pause))
        messages = await self.database.write(
            lambda c: ledger.take(c, record.answer_id, record.chat_id, collect=pause > 0),
            retry_forever=True,
        )
        if messages:
            await self._note_retention(record.chat_id, messages[-1].zero_retention)
        return messages

    async def gathered(self, record: AnswerRecord) -> list[InboundMessage]:
        """The messages that were gathered, with what was heard in them since."""
        return await self.database.write(
            lambda c: ledger.claim(c, record.answer_id, record.chat_id, collect=False),
            retry_forever=True,
        )

    async def hear(
        self, messages: list[InboundMessage], answer_id: str, attention: Attention
    ) -> Result:
        """What could not be heard, unless the manners decide before."""
        if decided := await self.composer.considered(messages, answer_id):
            return {"decided": decided.as_json()}
        attention.begin()
        return {"deaf": await self.composer.heard(messages)}

    async def compose(
        self,
        messages: list[InboundMessage],
        heard: Result | None,
        answer_id: str,
        attention: Attention,
    ) -> Result:
        """How to answer. `heard` is what `hear` gave, or None where there was nothing to hear."""
        if heard is None:
            if decided := await self.composer.considered(messages, answer_id):
                return decided.as_json()
            attention.begin()
            heard = {"deaf": []}
        elif "decided" in heard:
            return dict(heard["decided"])
        try:
            composed = await self.composer.composed(messages, heard["deaf"], answer_id)
        except ResponderError as error:
            return {"failed": str(error)[:500]}
        return composed.as_json()

    async def record(self, said: AnswerRecord) -> Result:
        """The memo, uploaded – or why there is none."""
        try:
            recorded = await self.recorder.record(
                said.answer_id, said.text or "", language=said.language, voice=said.voice
            )
        except NothingToSay as error:
            return {"failed": str(error), "reason": "nothing_to_say"}
        except VoiceError as error:
            return {"failed": str(error)[:500], "reason": "no_voice"}
        except UploadFailed as error:
            return {"failed": str(error)[:500], "reason": "upload_failed"}
        return recorded.as_json()

    async def send(self, record: AnswerRecord, recorded: Recorded) -> Result:
        """The message that the memo became – or the refusal, Linq's or the person's."""
        if stop := await self.database.read(
            lambda c: _stopped_before(c, record.answer_id), retry_forever=True
        ):
            return {"stopped": stop}
        chat = await self.database.read(
            lambda c: conversations.chat(c, record.chat_id), retry_forever=True
        )
        try:
            posted = await self.sender.memo(
                record.answer_id,
                record.chat_id,
                self.recorder.ready(recorded),
                history_tells=not chat.zero_retention,
            )
        except LinqError as error:
            return _refusal(error)
        return await self._attach(record.answer_id, "memo", posted)

    async def write(self, answer_id: str, chat_id: str, text: str) -> Result:
        """The message that the text became – or the refusal, Linq's or the person's."""
        if stop := await self.database.read(
            lambda c: opt_outs.all_withdrawn(c, answer_id, STOPS), retry_forever=True
        ):
            return {"stopped": stop}
        try:
            posted = await self.sender.text(answer_id, chat_id, text)
        except LinqError as error:
            return _refusal(error)
        return await self._attach(answer_id, "text", posted)

    async def _note_retention(self, chat_id: str, zero: bool) -> None:
        chat = await self.database.read(
            lambda c: conversations.chat(c, chat_id), retry_forever=True
        )
        if chat.zero_retention != zero:
            await self.database.write(
                lambda c: conversations.keep_nothing(c, chat_id, zero_retention=zero),
                retry_forever=True,
            )

    async def _attach(
        self, answer_id: str, kind: Literal["memo", "text"], posted: Posted
    ) -> Result:
        status = await self.database.write(
            lambda c: deliveries.attach(
                c, answer_id, kind, posted.message_id, posted.status, posted.service
            ),
            retry_forever=True,
        )
        return {"message_id": posted.message_id, "delivery": status}


def _stopped_before(connection: sa.Connection, answer_id: str) -> str | None:
    """Why nobody wants the answer any more, unless a memo may be on its way already."""
    if sends.last(connection, answer_id):
        return None
    return opt_outs.all_withdrawn(connection, answer_id, STOPS)


def _refusal(error: LinqError) -> Result:
    return {
        "error": str(error)[:500],
        "kind": type(error).__name__,
        "status": error.status or 0,
        "code": error.code,
        # The attachment of a clip was deleted meanwhile.
        "gone": isinstance(error, Refused) and error.code == 2003,
    }
