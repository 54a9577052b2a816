"""Sends a memo once, whatever happens in between.

The endpoint has no idempotency key, so the intent is stored before the post. A post of unknown
outcome – a timeout, a broken connection, a 5xx, a crash – is looked up before it is repeated, and
is not repeated where nothing can tell.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from app.answers.timing import Timing
from app.linq.client import LinqClient, PastMessage
from app.linq.errors import Misconfigured, OutcomeUnknown, Refused, RetryLater
from app.retry import Backoff
from app.store import sends
from app.store.database import Database
from app.store.sends import Send

log = structlog.get_logger()

_CLOCK_SKEW = 120.0
"""Seconds by which Linq's clock may be behind ours."""
_LISTEN = 0.5
"""Seconds between looks for what webhooks have told, while the history is asked."""


@dataclass(frozen=True)
class Ready:
    """A memo that can be posted. `needle` is what tells it from all others in a history."""

    needle: str
    attachment_id: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Posted:
    message_id: str
    status: str
    service: str | None = None


class Sender:
    """Posts memos and texts until it is certain what became of them."""

    def __init__(
        self,
        database: Database,
        linq: LinqClient,
        timing: Timing,
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """at: told at each point where a crash would matter; for tests."""
        self._database = database
        self._linq = linq
        self._timing = timing
        self._at = at

    async def memo(
        self, answer_id: str, chat_id: str, memo: Ready, *, history_tells: bool = True
    ) -> Posted:
        """Post a memo for an answer, once.

        history_tells: False for chats of which Linq keeps no content.
        Raises: Refused if Linq will not have it, RetryLater if it could not be sent in time,
        OutcomeUnknown if nobody can say whether it went out.
        """
        began = time.monotonic()
        for attempt in range(1, 1000):
            begun_at = time.time()
            send = await self._database.write(
                lambda c: sends.begin(c, answer_id, chat_id, memo.needle, begun_at),
                retry_forever=True,
            )
            if send.begun_at != begun_at:
                # An attempt stands already: of this run, or of one that is over, or thought to be.
                if posted := await self._settle(send, history_tells):
                    return posted
                continue
            self._at("send.intent")
            try:
                return await self._post(send, memo)
            except OutcomeUnknown as error:
                log.warning("memo of unknown fate", answer=answer_id, cause=str(error))
            except (RetryLater, Misconfigured) as error:
                pause = _pause(error, attempt)
                if time.monotonic() - began + pause > self._timing.give_up:
                    raise
                log.info("memo not sent yet", answer=answer_id, cause=str(error), again_in=pause)
                await asyncio.sleep(pause)
        raise RetryLater("voice memo: too many attempts")

    async def text(self, answer_id: str, chat_id: str, text: str) -> Posted:
        """Post a text for an answer. Its idempotency key makes repeats harmless.

        Raises: Refused, or RetryLater if it could not be sent in time.
        """
        began = time.monotonic()
        for attempt in range(1, 1000):
            try:
                sent = await self._linq.send_text(
                    chat_id, text, idempotency_key=f"{answer_id}:text"
                )
                return Posted(sent.message_id, sent.status, sent.service)
            except (RetryLater, Misconfigured) as error:
                pause = _pause(error, attempt)
                if time.monotonic() - began + pause > self._timing.give_up:
                    raise
                log.info("text not sent yet", answer=answer_id, cause=str(error), again_in=pause)
                await asyncio.sleep(pause)
        raise RetryLater("text: too many attempts")

    async def _post(self, send: Send, memo: Ready) -> Posted:
        if time.time() - send.begun_at > self._timing.fresh:
            await self._close(send, "not_sent")
            raise RetryLater("this process stood still before the post", after=0.1)
        try:
            # One deadline over all: a connection made slowly must not post after it.
            async with asyncio.timeout(self._timing.post):
                sent = await self._linq.send_memo(
                    send.chat_id,
                    attachment_id=memo.attachment_id,
                    url=memo.url,
                    timeout=self._timing.post,
                )
        except TimeoutError as error:
            raise OutcomeUnknown(f"no answer within {self._timing.post:g} s") from error
        except Refused as error:
            await self._close(send, "refused", code=error.code)
            raise
        except (RetryLater, Misconfigured) as error:
            await self._close(send, "not_sent", code=error.code)
            raise
        self._at("send.posted")
        await self._close(send, "accepted", message_id=sent.message_id)
        return Posted(sent.message_id, sent.status, sent.service)

    async def _settle(self, send: Send, history_tells: bool) -> Posted | None:
        """Find out what became of an attempt. None if it certainly was not sent.

        Raises: OutcomeUnknown where nothing can tell.
        """
        began = time.monotonic()
        pause = 0.5
        while True:
            # A webhook may have told since, or the process that posted it.
            if told := await self._database.read(
                lambda c: sends.last(c, send.answer_id), retry_forever=True
            ):
                if told.outcome == "accepted" and told.message_id:
                    return Posted(told.message_id, "queued")
                if told.outcome in ("not_sent", "refused"):
                    return None
            patience_over = time.time() > send.begun_at + self._timing.post + self._timing.grace
            try:
                found, readable = await self._search_or_hear(send)
            except (RetryLater, Refused, Misconfigured) as error:
                waited = time.monotonic() - began
                hopeless = isinstance(error, Refused) and patience_over
                if hopeless or waited > self._timing.look_up:
                    await self._doubt(send, f"the chat's history cannot be read: {error}")
                    return None
            else:
                if found:
                    await self._close(send, "accepted", message_id=found)
                    log.info("memo found to be sent", answer=send.answer_id, message=found)
                    continue
                if patience_over and readable and history_tells:
                    await self._close(send, "not_sent")
                    log.info("memo was not sent, as the history shows", answer=send.answer_id)
                    return None
                if patience_over:
                    await self._doubt(send, "the chat keeps no history that could tell")
                    return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _doubt(self, send: Send, why: str) -> None:
        """Give up an attempt that nothing can tell of – or send, if a person wants it all the same.

        Raises: OutcomeUnknown.
        """
        if send.outcome == "released":
            await self._close(send, "not_sent")
            log.warning("memo sent again as asked for", answer=send.answer_id, cause=why)
            return
        await self._close(send, "uncertain")
        raise OutcomeUnknown(why)

    async def _search_or_hear(self, send: Send) -> tuple[str | None, bool]:
        """`_search`, which ends as soon as a webhook has told; or after `Timing.look_up`."""
        search = asyncio.create_task(self._search(send))
        try:
            async with asyncio.timeout(self._timing.look_up):
                while not search.done():
                    await asyncio.wait({search}, timeout=_LISTEN)
                    told = await self._database.read(
                        lambda c: sends.last(c, send.answer_id), retry_forever=True
                    )
                    if told and told.outcome == "accepted":
                        return told.message_id, True
                return await search
        except TimeoutError as error:
            raise RetryLater("history: no answer") from error
        finally:
            search.cancel()
            await asyncio.gather(search, return_exceptions=True)

    async def _search(self, send: Send) -> tuple[str | None, bool]:
        """The id of the message in the chat's history that is this memo, and whether the history
        could have told."""
        # A memo of the same clip whose own fate is unknown is told apart by its time alone.
        rivalled = await self._database.read(
            lambda c: sends.is_rivalled(c, send), retry_forever=True
        )
        skew = (self._timing.post + self._timing.grace) / 2 if rivalled else _CLOCK_SKEW
        since = datetime.fromtimestamp(send.begun_at - skew, UTC)
        readable = True
        candidates: list[PastMessage] = []
        async for message in self._linq.history(send.chat_id, since=since):
            if message.is_from_us and not message.readable:
                readable = False
            if message.is_from_us and any(send.needle in item for item in message.media):
                candidates.append(message)
        ids = [message.message_id for message in candidates]
        taken = (
            await self._database.read(lambda c: sends.known(c, ids), retry_forever=True)
            if ids
            else set()
        )
        # The same clip may have been sent before; what other answers became is not ours.
        ours = [message for message in candidates if message.message_id not in taken]
        ours.sort(key=lambda message: message.created_at)
        return (ours[0].message_id if ours else None), readable

    async def _close(
        self,
        send: Send,
        outcome: sends.Outcome,
        *,
        message_id: str | None = None,
        code: int | None = None,
    ) -> None:
        await self._database.write(
            lambda c: sends.close(c, send.send_id, outcome, message_id=message_id, code=code),
            retry_forever=True,
        )


def _pause(error: RetryLater | Misconfigured, attempt: int) -> float:
    return Backoff().pause(attempt, error.after if isinstance(error, RetryLater) else None)
