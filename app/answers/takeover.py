"""Takeover: somebody else sent a message from our line, so the bot is silent in that chat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import sqlalchemy as sa
import structlog

from app.linq.client import PastMessage
from app.linq.events import DeliveryUpdate, InboundMessage
from app.store import desk, messages
from app.store.authorship import is_ours

log = structlog.get_logger()


class Takeover:
    """Sees what goes out from the line. Written by nobody of ours, it is a person's."""

    def __init__(
        self,
        seconds: float,
        colleagues: Sequence[str] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        """seconds: how long the bot is silent after each of their messages; 0: it never is.

        colleagues: how the idempotency keys of other programs begin. now: Unix seconds.
        """
        self._seconds = seconds
        self._colleagues = tuple(colleagues)
        self._now = now

    def see(self, connection: sa.Connection, update: DeliveryUpdate) -> None:
        """Take in an event about a message from our line."""
        now = self._now()
        if not self._seconds or update.kind not in ("sent", "delivered") or not update.chat_id:
            return
        if is_ours(connection, update, self._colleagues, now):
            return
        # Words of chats in which the bot has no part are nobody's business.
        text = update.text if messages.is_known_chat(connection, update.chat_id) else ""
        age = max(0.0, now - update.at.timestamp()) if update.at else 0.0
        left = max(0.0, self._seconds - age)
        if desk.colleague_wrote(
            connection, update.chat_id, update.message_id, text, now=now, seconds=left
        ):
            log.info(
                "somebody else writes in this chat, the bot is silent",
                chat=update.chat_id,
                message=update.message_id,
                seconds=round(left),
            )

    def see_history(
        self, connection: sa.Connection, chat_id: str, past: Iterable[PastMessage]
    ) -> None:
        """Take in messages from our line that stand in a chat's history: perhaps a person writes,
        and no webhook tells."""
        for message in past:
            update = DeliveryUpdate(
                event_id="",
                kind="sent",
                message_id=message.message_id,
                chat_id=chat_id,
                attachment_ids=message.media,
                filenames=message.media,
                text=message.text,
                is_audio=not message.text,
            )
            self.see(connection, update)

    def see_echo(self, connection: sa.Connection, message: InboundMessage) -> None:
        """Take in a message from our line that came like a received one."""
        parts = message.parts
        update = DeliveryUpdate(
            event_id=message.event_id,
            kind="sent",
            message_id=message.message_id,
            chat_id=message.chat_id,
            at=message.sent_at,
            attachment_ids=tuple(part.attachment_id for part in parts if part.attachment_id),
            filenames=tuple(part.filename for part in parts if part.filename),
            text=message.text,
            is_audio=bool(parts) and all(part.kind == "audio" for part in parts),
        )
        self.see(connection, update)
