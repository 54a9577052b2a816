"""Posts the alerts that are due, and reminds people who wait.

Alerts are an outbox (`app/store/alerts.py`): written with the hand-over they tell of, posted at
least once, by one process. The person's reminder is a memo, queued in the transaction that claims
the alert first, so that it is queued once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import sqlalchemy as sa
import structlog

from app.answers.memo_requests import request_memo
from app.answers.phrases import phrase
from app.answers.queue import AnswerQueue
from app.answers.timing import Timing
from app.desk.alert_message import alert_body
from app.desk.alert_receiver import AlertReceiver, Refused, TryLater
from app.retry import Backoff
from app.settings import Settings
from app.store import alerts, conversations, kept_subscriptions
from app.store.alerts import Alert, AlertKind, AlertOutcome, Claimed
from app.store.database import Database, DatabaseUnavailable
from app.store.desk import HANDED_OVER
from app.store.sealing import Sealer
from app.telemetry import Metrics, describe

log = structlog.get_logger()

GIVE_UP_SECONDS = 86_400.0
"""How long an alert that is not acknowledged is posted again."""
STOP_SECONDS = 3.0
"""How long a post that is under way may go on when the process is to end."""


class AlertJob:
    """One in each process that answers; `start` and `stop` on the event loop."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        queue: AnswerQueue,
        sealer: Sealer,
        metrics: Metrics,
        timing: Timing,
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """at: called at each point where a crash would matter; for tests."""
        self._settings = settings
        self._database = database
        self._queue = queue
        self._sealer = sealer
        self._metrics = metrics
        self._poll_seconds = timing.alert_poll_seconds
        self._lease_seconds = timing.alert_lease_seconds
        self._backoff = Backoff(
            first=timing.alert_retry_seconds, longest=1800.0, longest_asked=3600.0
        )
        self._at = at
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        url = settings.alert_url.get_secret_value().strip()
        token = settings.admin_token.get_secret_value()
        self._receiver = AlertReceiver(url, token) if url else None
        self._has_console = bool(token)
        self._address = settings.address
        # Without an address nothing but reminders to the person can be due.
        self._kinds: tuple[AlertKind, ...] = ("hand_over", "reminder") if url else ("reminder",)

    def start(self) -> None:
        if self._receiver is None and not (
            self._has_console and self._settings.handover_remind_seconds
        ):
            return  # nobody is waited for where nobody can come (`app/answers/hand_over.py`)
        loop = asyncio.get_running_loop()
        self._database.listen(HANDED_OVER, lambda _reason: _set_from_thread(loop, self._woken))
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What is being posted may end; what is not is posted by another process, or later."""
        self._stopping = True
        self._woken.set()
        if self._task:
            await asyncio.wait({self._task}, timeout=STOP_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._receiver:
            await self._receiver.aclose()

    async def _run(self) -> None:
        while not self._stopping:
            pause = self._poll_seconds
            try:
                pause = await self._work()
            except DatabaseUnavailable as error:
                log.warning("alerts not looked for: database away", cause=str(error))
            except Exception as error:
                log.error("alerts not looked for, will try again", **describe(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()
            self._woken.clear()

    async def _work(self) -> float:
        """Post what is due. Returns for how many seconds nothing will be."""
        due = await self._database.read(lambda c: alerts.next_due(c, self._kinds))
        now = time.time()
        if due is None or due > now:
            return self._poll_seconds if due is None else min(self._poll_seconds, due - now)
        claimed = await self._database.write(self._claim)
        for _ in range(claimed.dropped):
            self._metrics.alert("dropped")
        if claimed.alerts:
            self._at("alert.claimed")
        await asyncio.gather(*(self._post(alert) for alert in claimed.alerts))
        return 0.0 if claimed.alerts or claimed.dropped else self._poll_seconds

    def _claim(self, connection: sa.Connection) -> Claimed:
        claimed = alerts.claim(
            connection, self._kinds, now=time.time(), lease_seconds=self._lease_seconds
        )
        if claimed.alerts and not self._address:
            self._address = kept_subscriptions.newest_address(connection)
        for alert in claimed.alerts:
            if alert.kind == "reminder" and alert.attempts == 1:
                self._remind_person(connection, alert)
        return claimed

    def _remind_person(self, connection: sa.Connection, alert: Alert) -> None:
        chat = conversations.chat(connection, alert.chat_id)
        text, language = phrase(
            "handed_over_still", conversations.language(connection, alert.chat_id)
        )
        request_memo(
            connection,
            self._queue,
            self._sealer,
            chat_id=alert.chat_id,
            text=text,
            language=language,
            idempotency_key=alert.alert_id,
            form="text" if chat.reply_as == "text" else None,
        )

    async def _post(self, alert: Alert) -> None:
        if self._receiver is None:
            await self._end(alert, "sent", "the person alone was reminded")
            return
        console = f"{self._address}/console" if self._address and self._has_console else None
        words = self._settings.alert_words
        try:
            body = alert_body(alert, console=console, words=words, now=time.time())
            await self._receiver.post(alert.alert_id, body)
        except Refused as error:
            log.error(
                "alert refused",
                alert=alert.alert_id,
                chat=alert.chat_id,
                cause=str(error),
                cure="check MEMO_ALERT_URL",
            )
            await self._end(alert, "failed", str(error))
        except TryLater as error:
            await self._postpone(alert, error)
        except Exception as error:
            log.error("alert not posted unexpectedly", alert=alert.alert_id, **describe(error))
            await self._postpone(alert, TryLater(type(error).__name__))
        else:
            self._at("alert.posted")
            log.info(
                "alert posted",
                alert=alert.alert_id,
                chat=alert.chat_id,
                reason=alert.reason,
                attempts=alert.attempts,
            )
            await self._end(alert, "sent")

    async def _postpone(self, alert: Alert, error: TryLater) -> None:
        now = time.time()
        # At once would be a loop.
        pause = max(1.0, self._backoff.pause(alert.attempts, error.asked))
        if now + pause > self._give_up_at(alert):
            log.error(
                "alert given up",
                alert=alert.alert_id,
                chat=alert.chat_id,
                cause=str(error),
                attempts=alert.attempts,
            )
            await self._end(alert, "failed", str(error))
            return
        log.warning(
            "alert not posted, will try again",
            alert=alert.alert_id,
            chat=alert.chat_id,
            cause=str(error),
            again_in=round(pause, 1),
        )
        await self._database.write(
            lambda c: alerts.postpone(c, alert, due_at=now + pause, detail=str(error)),
            retry_forever=True,
        )

    async def _end(self, alert: Alert, outcome: AlertOutcome, detail: str | None = None) -> None:
        ended = await self._database.write(
            lambda c: alerts.end(c, alert, outcome, now=time.time(), detail=detail),
            retry_forever=True,
        )
        if ended:
            self._metrics.alert(outcome)

    def _give_up_at(self, alert: Alert) -> float:
        is_reminder = alert.kind == "reminder"
        first = self._settings.handover_remind_seconds if is_reminder else 0.0
        return alert.created_at + first + GIVE_UP_SECONDS


def _set_from_thread(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is over
        loop.call_soon_threadsafe(event.set)
