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
from itertools import count
from typing import TypeVar

import sqlalchemy as sa
import structlog

from app.answers.parting import text_pieces
from app.answers.takeover import Takeover
from app.answers.timing import Timing
from app.linq.client import LinqClient, PastMessage, SentText
from app.linq.errors import Misconfigured, OutcomeUnknown, Refused, RetryLater
from app.retry import Backoff
from app.store import sends
from app.store.database import Database
from app.store.sends import SendAttempt
from app.store.transitions import AnswerLost

log = structlog.get_logger()
R = TypeVar("R")
N = TypeVar("N")

_CLOCK_SKEW = 60.0
"""Seconds by which Linq's clock may differ from what its answers told of it."""
_CLOCK_NOISE = 5.0
"""An offset below so many seconds may be the way of the answer; the skews have room for it."""
_UNKNOWN_CLOCK_SKEW = 330.0
"""The same while no answer has told; webhooks that differ by more than 300 s are refused."""
_LISTEN_SECONDS = 0.5
"""Between looks for receipts, while the history is asked."""
_SEND_PAUSES = Backoff(first=0.5, longest=30.0)
_LOOK_UP_PAUSES = Backoff(first=0.5, longest=5.0)


@dataclass(frozen=True)
class Media:
    """What is posted: an uploaded attachment, or a URL. key: see `PreparedMemo.media_key`."""

    key: str
    attachment_id: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Posted:
    """The message that a memo or text became."""

    message_id: str
    status: str
    service: str | None = None


Begin = Callable[[sa.Connection, float], SendAttempt | N]
"""Stores the intent to post at a moment (Unix seconds) and whatever else the caller has to store
then. Returns the attempt that stands, or why nothing is to be posted any more."""


class Delivery:
    """Posts memos and texts until it is certain what became of them."""

    def __init__(
        self,
        database: Database,
        linq: LinqClient,
        timing: Timing,
        at: Callable[[str], None] = lambda _point: None,
        now: Callable[[], float] = time.time,
        takeover: Takeover | None = None,
    ) -> None:
        """at: called at each point where a crash would matter; for tests. now: Unix seconds.

        takeover: told of messages of others that are met in a chat's history.
        """
        self._takeover = takeover
        self._database = database
        self._linq = linq
        self._timing = timing
        self._at = at
        self._now = now

    async def send_memo(
        self,
        media: Media,
        *,
        begin: Begin[N],
        accepted: Callable[[sa.Connection, Posted], R],
        history_tells: bool,
    ) -> R | N:
        """Post a memo, once.

        accepted: runs in the transaction that stores the success; what it returns is returned.
        history_tells: False for chats of which Linq keeps no content.
        Returns what `begin` did where that is no attempt. Raises: Refused if Linq will not have
        it, RetryLater or Misconfigured if it could not be sent in time, OutcomeUnknown if nobody
        can say whether it went out, AnswerLost if another process has taken over.
        """
        started = time.monotonic()
        ages = _Ages(self._now)
        for number in count(1):
            begun_at = ages.begin()
            attempt = await self._database.write(lambda c: begin(c, begun_at), retry_forever=True)
            if not isinstance(attempt, SendAttempt):
                return attempt
            try:
                if attempt.begun_at == begun_at:
                    self._at("send.intent")
                    posted = await self._post(attempt, media, ages)
                else:
                    # One stands already: of this run, or of one that is over, or thought to be.
                    settled = await self._settle(attempt, history_tells, ages)
                    if settled is None:
                        continue
                    posted = settled
                return await self._accept(attempt, posted, accepted)
            except OutcomeUnknown as error:
                if attempt.begun_at != begun_at:
                    raise
                log.warning("outcome of a memo unknown", answer=attempt.answer_id, cause=str(error))
            except (RetryLater, Misconfigured) as error:
                await self._wait(error, number, started, attempt.answer_id, "memo")
        raise AssertionError("unreachable")

    async def send_text(
        self,
        answer_id: str,
        chat_id: str,
        text: str,
        accepted: Callable[[sa.Connection, Posted], R],
    ) -> R:
        """Post a text for an answer, in several messages where it is too long for one.

        Their idempotency keys make repeats harmless. accepted: as for `send_memo`, with the last
        of them. Raises: Refused, or RetryLater or Misconfigured if it could not be sent in time.
        """
        for number, piece in enumerate(text_pieces(text), 1):
            key = f"{answer_id}:text" if number == 1 else f"{answer_id}:text:{number}"
            sent = await self._post_text(answer_id, chat_id, piece, key)
        self._at("text.posted")
        posted = Posted(sent.message_id, sent.status, sent.service)
        return await self._database.write(lambda c: accepted(c, posted), retry_forever=True)

    async def _post_text(self, answer_id: str, chat_id: str, text: str, key: str) -> SentText:
        started = time.monotonic()
        for number in count(1):
            try:
                return await self._linq.send_text(chat_id, text, idempotency_key=key)
            except (RetryLater, Misconfigured) as error:
                await self._wait(error, number, started, answer_id, "text")
        raise AssertionError("unreachable")

    async def _wait(
        self,
        error: RetryLater | Misconfigured,
        number: int,
        started: float,
        answer_id: str,
        what: str,
    ) -> None:
        """Pause before the next attempt. Raises `error` where that would take too long."""
        asked = error.after if isinstance(error, RetryLater) else None
        pause = _SEND_PAUSES.pause(number, asked)
        if time.monotonic() - started + pause > self._timing.retry_send_seconds:
            raise error
        log.info(f"{what} not sent yet", answer=answer_id, cause=str(error), again_in=pause)
        await asyncio.sleep(pause)

    async def _accept(
        self, attempt: SendAttempt, posted: Posted, accepted: Callable[[sa.Connection, Posted], R]
    ) -> R:
        def store(connection: sa.Connection) -> R:
            sends.close(connection, attempt.send_id, "accepted", message_id=posted.message_id)
            return accepted(connection, posted)

        try:
            return await self._database.write(store, retry_forever=True)
        except AnswerLost:
            # Whoever has taken over need not look for what is known here.
            await self._close(attempt, "accepted", message_id=posted.message_id)
            raise

    async def _post(self, attempt: SendAttempt, media: Media, ages: _Ages) -> Posted:
        # The wall clock tells more where the whole machine stood still, as when it is suspended.
        age = max(ages.of(attempt), self._now() - attempt.begun_at)
        if age > self._timing.intent_valid_seconds:
            await self._close(attempt, "not_sent")
            raise RetryLater("this process stood still before the post", after=0.1)
        try:
            # One deadline over all: a connection made slowly must not post after it.
            async with asyncio.timeout(self._timing.post_seconds):
                sent = await self._linq.send_memo(
                    attempt.chat_id,
                    attachment_id=media.attachment_id,
                    url=media.url,
                    timeout=self._timing.post_seconds,
                )
        except TimeoutError as error:
            raise OutcomeUnknown(f"no answer within {self._timing.post_seconds:g} s") from error
        except Refused as error:
            await self._close(attempt, "refused", code=error.code)
            raise
        except (RetryLater, Misconfigured) as error:
            await self._close(attempt, "not_sent", code=error.code)
            raise
        self._at("send.posted")
        return Posted(sent.message_id, sent.status, sent.service)

    async def _settle(
        self, attempt: SendAttempt, history_tells: bool, ages: _Ages
    ) -> Posted | None:
        """Find out what became of an attempt. None if it certainly was not sent.

        Raises: OutcomeUnknown where nothing can tell.
        """
        started = time.monotonic()
        patience = self._timing.post_seconds + self._timing.history_lag_seconds
        for number in count(1):
            # A receipt may have come since, or the process that posted it stored the outcome.
            if known := await self._database.read(
                lambda c: sends.last(c, attempt.answer_id), retry_forever=True
            ):
                if known.outcome == "accepted" and known.message_id:
                    return Posted(known.message_id, "queued")
                if known.outcome in ("not_sent", "refused"):
                    return None
            patience_over = ages.of(attempt) > patience
            try:
                found, readable = await self._search_or_receipt(attempt, ages)
            except (RetryLater, Refused, Misconfigured) as error:
                waited = time.monotonic() - started
                hopeless = isinstance(error, Refused) and patience_over
                if hopeless or waited > self._timing.look_up_seconds:
                    await self._give_up(attempt, f"the chat's history cannot be read: {error}")
                    return None
            else:
                if found:
                    await self._close(attempt, "accepted", message_id=found)
                    log.info("memo found to be sent", answer=attempt.answer_id, message=found)
                    continue
                if patience_over and readable and history_tells:
                    await self._close(attempt, "not_sent")
                    log.info("memo was not sent, as the history shows", answer=attempt.answer_id)
                    return None
                if patience_over:
                    await self._give_up(attempt, "the chat keeps no history that could tell")
                    return None
            await asyncio.sleep(_LOOK_UP_PAUSES.pause(number))
        raise AssertionError("unreachable")

    async def _give_up(self, attempt: SendAttempt, why: str) -> None:
        """Give up an attempt that nothing can tell of – or send, if a person wants it all the same.

        Raises: OutcomeUnknown.
        """
        if attempt.outcome == "released":
            await self._close(attempt, "not_sent")
            log.warning("memo sent again as asked for", answer=attempt.answer_id, cause=why)
            return
        await self._close(attempt, "uncertain")
        raise OutcomeUnknown(why)

    async def _search_or_receipt(
        self, attempt: SendAttempt, ages: _Ages
    ) -> tuple[str | None, bool]:
        """`_search`, which ends as soon as a receipt has come, or after `look_up_seconds`."""
        search = asyncio.create_task(self._search(attempt, ages))
        try:
            async with asyncio.timeout(self._timing.look_up_seconds):
                while not search.done():
                    await asyncio.wait({search}, timeout=_LISTEN_SECONDS)
                    known = await self._database.read(
                        lambda c: sends.last(c, attempt.answer_id), retry_forever=True
                    )
                    if known and known.outcome == "accepted":
                        return known.message_id, True
                return await search
        except TimeoutError as error:
            raise RetryLater("history: no answer") from error
        finally:
            search.cancel()
            await asyncio.gather(search, return_exceptions=True)

    async def _search(self, attempt: SendAttempt, ages: _Ages) -> tuple[str | None, bool]:
        """The id of the message in the chat's history that is this memo, and whether the history
        could have told."""
        # Of two memos of one clip whose outcomes are unknown, only the time tells which is which.
        rivalled = await self._database.read(
            lambda c: sends.is_rivalled(c, attempt), retry_forever=True
        )
        patience = self._timing.post_seconds + self._timing.history_lag_seconds
        offset = self._linq.clock_offset_seconds
        if offset is not None and abs(offset) < _CLOCK_NOISE:
            offset = 0.0
        skew = _UNKNOWN_CLOCK_SKEW if offset is None else _CLOCK_SKEW
        if rivalled:
            skew = patience / 2
        begun_at = self._now() + (offset or 0.0) - ages.of(attempt)  # by Linq's clock
        since = datetime.fromtimestamp(begun_at - skew, UTC)
        readable = True
        candidates: list[PastMessage] = []
        others: list[PastMessage] = []
        async for message in self._linq.history(attempt.chat_id, since=since):
            if message.is_from_us and not message.readable:
                readable = False
            if message.is_from_us and any(attempt.media_key in item for item in message.media):
                candidates.append(message)
            elif message.is_from_us and message.readable:
                others.append(message)
        if (takeover := self._takeover) and others:
            await self._database.write(lambda c: takeover.see_history(c, attempt.chat_id, others))
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
        attempt: SendAttempt,
        outcome: sends.Outcome,
        *,
        message_id: str | None = None,
        code: int | None = None,
    ) -> None:
        await self._database.write(
            lambda c: sends.close(c, attempt.send_id, outcome, message_id=message_id, code=code),
            retry_forever=True,
        )


class _Ages:
    """How old attempts are, in seconds, whatever the wall clock is set to meanwhile."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._first: dict[float, tuple[float, float]] = {}  # age and monotonic clock, by begun_at

    def begin(self) -> float:
        """The moment of an attempt that begins now, in Unix seconds."""
        begun_at = self._now()
        self._first[begun_at] = 0.0, time.monotonic()
        return begun_at

    def of(self, attempt: SendAttempt) -> float:
        """Since it was begun here; of another process's also what the wall clock said at first."""
        told = max(0.0, self._now() - attempt.begun_at)
        age, since = self._first.setdefault(attempt.begun_at, (told, time.monotonic()))
        return age + time.monotonic() - since
