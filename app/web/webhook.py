"""The webhook endpoint: verify, read, decide, store – then 200, with no outside call before it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.answers.dbos_internals import FALLBACK_WORKFLOW
from app.answers.queue import AnswerQueue
from app.answers.takeover import Takeover
from app.bounded_body import BodyTooLarge
from app.linq.events import (
    DeliveryUpdate,
    EditedMessage,
    Event,
    InboundMessage,
    MalformedEvent,
    OtherEvent,
    ReactionEvent,
    TypingEvent,
)
from app.linq.payloads import MAX_BODY_BYTES, parse_event
from app.linq.signatures import Rejection, SignatureRejected, Verified, verify
from app.policy import PolicyRules, Reason, decide
from app.store import conversations, deliveries, messages, ratings, sends
from app.store.database import Database, DatabaseUnavailable
from app.store.sealing import Sealer
from app.subscription.secrets import WebhookSecrets
from app.telemetry import Metrics, describe, masked
from app.web.request_body import BoundedBodies, TooManyLargeBodies

log = structlog.get_logger()


@dataclass(frozen=True)
class Outcome:
    """What became of one delivery: a status for Linq, a code for log and metric."""

    status: int
    outcome: str
    reason: str


class NoSecret(Exception):
    """The subscription that webhooks are verified with is not made yet."""


class Inbox:
    """Takes webhooks in. `rules` is called for each, because own lines are learnt after start."""

    def __init__(
        self,
        secrets: WebhookSecrets,
        database: Database,
        queue: AnswerQueue,
        sealer: Sealer,
        metrics: Metrics,
        rules: Callable[[], PolicyRules],
        takeover: Takeover,
        *,
        collects: bool = False,
    ) -> None:
        """collects: whether quick messages are, so that it matters who types."""
        self._collects = collects
        self._takeover = takeover
        self._secrets = secrets
        self._database = database
        self._queue = queue
        self._sealer = sealer
        self._metrics = metrics
        self._rules = rules
        self._bodies = BoundedBodies(MAX_BODY_BYTES)

    async def receive(self, request: Request) -> Response:
        """`POST /webhooks/linq`: 401 unsigned, 400 malformed, 413 too large, 503 come again."""
        started = time.perf_counter()
        try:
            done = await self._take(request)
        except ClientDisconnect:
            done = Outcome(400, "refused", "disconnected")
        except Exception as error:
            # Linq sends it again, perhaps to a version that knows what to do.
            log.error("webhook failed", **describe(error))
            done = Outcome(503, "refused", "unexpected")
        elapsed = time.perf_counter() - started
        self._metrics.webhook(done.outcome, done.reason, elapsed)
        headers = {"Retry-After": "5"} if done.status == 503 else None
        return Response(status_code=done.status, headers=headers)

    async def _take(self, request: Request) -> Outcome:
        try:
            body = await self._bodies.read(request)
        except BodyTooLarge:
            log.warning("webhook refused", reason="too_large", limit_bytes=MAX_BODY_BYTES)
            return Outcome(413, "refused", "too_large")
        except TooManyLargeBodies:
            log.warning("webhook refused", reason="busy")
            return Outcome(503, "refused", "busy")
        try:
            verified = await self._verify(request, body)
        except NoSecret:
            log.warning("webhook refused", reason="no_secret")
            return Outcome(503, "refused", "no_secret")
        except SignatureRejected as error:
            log.warning("webhook refused", reason=error.reason, detail=error.detail)
            # A secret of ours that cannot be used is not Linq's fault: it may send it again.
            unusable = error.reason == Rejection.UNUSABLE_SECRET
            unknown = error.reason == Rejection.BAD_SIGNATURE and not self._secrets.settled
            return Outcome(503 if unusable or unknown else 401, "refused", error.reason)
        if verified.secret_index:
            log.info("webhook signed with an older secret", secret=verified.secret_index + 1)
        try:
            event = parse_event(body)
        except MalformedEvent as error:
            log.warning("webhook refused", reason="malformed", detail=str(error))
            return Outcome(400, "refused", "malformed")
        try:
            return await self._store(event)
        except DatabaseUnavailable as error:
            # Linq sends it again, for up to half an hour.
            log.error(
                "webhook not stored", reason="database", event_id=event.event_id, cause=str(error)
            )
            return Outcome(503, "refused", "database")

    async def _verify(self, request: Request, body: bytes) -> Verified:
        """Raises: SignatureRejected, NoSecret."""
        secrets = self._secrets
        if not secrets.known and not await secrets.refresh():
            raise NoSecret
        now = time.time()
        try:
            return verify(request.headers, body, secrets.known, now=now)
        except SignatureRejected as error:
            # Another process may have replaced the subscription.
            if error.reason != Rejection.BAD_SIGNATURE or not await secrets.refresh():
                raise
        return verify(request.headers, body, secrets.known, now=now)

    async def _store(self, event: Event) -> Outcome:
        match event:
            case InboundMessage():
                return await self._accept(event)
            case DeliveryUpdate():
                await self._database.write(lambda c: self._store_receipt(c, event), priority="high")
                return Outcome(200, "stored", event.kind)
            case EditedMessage():
                return Outcome(200, "ignored", Reason.EDITED)
            case TypingEvent():
                if not self._collects:
                    return Outcome(200, "ignored", "other_event")
                await self._database.write(
                    lambda c: conversations.set_typing(
                        c, event.chat_id, is_typing=event.is_typing, now=time.time()
                    )
                )
                return Outcome(200, "stored", "typing")
            case ReactionEvent():
                if event.kind not in ratings.RATINGS:
                    return Outcome(200, "ignored", "other_event")
                rating = await self._database.write(lambda c: ratings.rate(c, event))
                if rating:
                    self._metrics.rated(rating)
                return Outcome(200, "stored", "reaction")
            case OtherEvent():
                return Outcome(200, "ignored", "other_event")

    async def _accept(self, message: InboundMessage) -> Outcome:
        decision = decide(message, self._rules(), datetime.now(UTC))

        def accept(connection: sa.Connection) -> bool:
            if decision.reason in (Reason.OUTBOUND, Reason.OWN_MESSAGE):
                self._takeover.see_echo(connection, message)
            return messages.accept(
                connection,
                message,
                ignore=None if decision.answer else decision.reason.value,
                sealer=self._sealer,
                enqueue=self._queue.enqueue,
            )

        new = await self._database.write(accept, priority="high")
        reason = decision.reason if new else Reason.DUPLICATE
        outcome = "accepted" if new and decision.answer else "ignored"
        log.info(
            f"message {outcome}",
            message=message.message_id,
            chat=message.chat_id,
            sender=masked(message.sender),
            reason=reason.value,
            service=message.service,
            parts=len(message.parts),
            trace=message.trace_id,
        )
        return Outcome(200, outcome, reason)

    def _store_receipt(self, connection: sa.Connection, update: DeliveryUpdate) -> None:
        tokens = [filename.partition(".")[0] for filename in update.filenames]
        sends.recognise(
            connection, update.chat_id, update.message_id, [*update.attachment_ids, *tokens]
        )
        if update.kind == "sent":
            deliveries.recognise_text(connection, update)
        self._takeover.see(connection, update)
        undelivered = deliveries.update_delivery(connection, update)
        if update.kind == "failed":
            log.warning(
                "message not delivered",
                message=update.message_id,
                answer=undelivered,
                code=update.code,
                cause=update.reason,
            )
        if undelivered:
            self._queue.enqueue(
                connection, undelivered, update.chat_id, workflow=FALLBACK_WORKFLOW, run="#written"
            )
