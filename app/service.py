"""Puts the parts together: the web application, or the worker that only answers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.answers.composing import Composer
from app.answers.delivery import Sender
from app.answers.queue import AnswerQueue
from app.answers.recording import Recorder
from app.answers.recovery import HeartbeatMonitor, new_executor_id
from app.answers.retention_job import RetentionJob
from app.answers.stages import Stages
from app.answers.timing import Timing
from app.answers.typing_indicator import Presence
from app.answers.workflow import Answers
from app.linq.client import LinqClient
from app.linq.errors import LinqError
from app.policy import PolicyRules
from app.program import command_line
from app.responders.factory import build_responder
from app.settings import Settings
from app.speech.synthesizer import Synthesizer
from app.store.database import Database
from app.telemetry import Metrics
from app.transcription import VoiceMemoTranscriber
from app.web.health import Health
from app.web.memo_api import MemoApi
from app.web.published_media import serve_memo
from app.web.webhook import Inbox

log = structlog.get_logger()

WAITING_FACTOR = 8
"""Answers in progress per recording at work: most of them wait for somebody else, and a chat that
waits must not hold up the others."""


class Service:
    """Everything of one process. `start` and `stop` on the event loop that answers run on."""

    def __init__(
        self,
        settings: Settings,
        *,
        timing: Timing | None = None,
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """at: told at each point of an answer where a crash would matter; for tests.

        Raises: ConfigurationError for anything that is missing or cannot be used.
        """
        settings.require_linq()
        self.settings = settings
        self.timing = timing or Timing()
        self.metrics = Metrics()
        self.responder = build_responder(settings)
        self.database = Database(settings.database_url)
        self.queue = AnswerQueue(self.database)
        self.executor_id = new_executor_id(settings.dyno)
        self._own_handles: tuple[str, ...] = ()
        self._at = at
        self._learning: asyncio.Task[None] | None = None
        _warn_about_surroundings(settings, self.database)

    def prepare(self) -> None:
        """Create or upgrade the tables, before anything runs.

        Raises: ConfigurationError when the database cannot be opened.
        """
        self.database.migrate()

    async def start(self) -> None:
        settings = self.settings
        self.linq = LinqClient(settings.linq_api_key.get_secret_value(), settings.linq_base_url)
        self.synthesizer = Synthesizer.from_settings(settings)
        self.transcriber = VoiceMemoTranscriber.from_settings(settings)
        self.presence = Presence(self.linq, self.timing.typing)
        await asyncio.to_thread(_warn_without_voice, self.synthesizer)
        # DBOS calls its workflows by the name of this instance.
        stages = Stages(
            self.database,
            Composer(
                settings,
                self.database,
                self.linq,
                self.transcriber,
                self.responder,
                limit_window=self.timing.limit_window,
            ),
            Recorder(settings, self.database, self.linq, self.synthesizer),
            Sender(self.database, self.linq, self.timing, self._at),
            settings.debounce_seconds,
        )
        self.answers = Answers(
            settings, self.database, stages, self.presence, self.metrics, self._at
        )
        self.watch = HeartbeatMonitor(self.database, self.executor_id, self.timing)
        self.janitor = RetentionJob(self.database, settings.retention_days)
        await self.watch.register()
        await self.queue.launch(self.executor_id, at_once=settings.concurrency * WAITING_FACTOR)
        self.watch.start()
        self.janitor.start()
        self._learning = asyncio.create_task(self._learn_own_lines())
        log.info(
            "answering",
            responder=settings.responder,
            voices=",".join(settings.voices),
            database=self.database.description,
            executor=self.executor_id,
        )

    async def stop(self) -> None:
        """Finish what is in progress, for `Timing.drain` seconds at most, and let go."""
        log.info("stopping, answers in progress may finish", seconds=self.timing.drain)
        if self._learning:
            self._learning.cancel()
        await self.janitor.stop()
        await self.queue.drain(self.timing.drain)
        await self.watch.stop()
        await self.presence.aclose()
        await self.responder.aclose()
        await self.transcriber.aclose()
        await self.synthesizer.aclose()
        await self.linq.aclose()
        self.database.close()
        log.info("stopped")

    def rules(self) -> PolicyRules:
        return PolicyRules.from_settings(self.settings, self._own_handles)

    async def _learn_own_lines(self) -> None:
        """Ask Linq for our own lines, so that they are never answered; the rest goes on without."""
        try:
            self._own_handles = await self.linq.phone_numbers()
        except LinqError as error:
            log.warning("own lines not known, going on without", cause=str(error))


def create_app(settings: Settings, service: Service | None = None) -> Starlette:
    """The web application: webhooks in, answers out, health and metrics.

    Raises: ConfigurationError for anything that is missing or cannot be used.
    """
    service = service or Service(settings)
    inbox = Inbox(
        settings.webhook_secrets, service.database, service.queue, service.metrics, service.rules
    )
    health = Health(service.database, service.metrics)
    api = MemoApi(settings.admin_token.get_secret_value(), service.database, service.queue)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    async def memo(request: Request) -> Response:
        return await serve_memo(request, service.database)

    return Starlette(
        routes=[
            Route("/", _hello),
            Route("/webhooks/linq", inbox.receive, methods=["POST"]),
            Route("/memos/{filename}", memo),
            Route("/api/memos", api.create, methods=["POST"]),
            Route("/api/memos/{memo_id}", api.show),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route("/metrics", health.metrics),
        ],
        lifespan=lifespan,
    )


async def _hello(_request: Request) -> Response:
    return PlainTextResponse("voicememo-bot is running. Linq's webhooks go to /webhooks/linq.\n")


def _warn_without_voice(synthesizer: Synthesizer) -> None:
    engines = synthesizer.engines()
    if not any(engine.usable for engine in engines):
        log.warning(
            "no voice can be used, every answer goes out as text",
            cause="; ".join(f"{engine.name}: {engine.reason}" for engine in engines),
            cure=f"put espeak into MEMO_VOICES; {command_line('voices')} shows all engines",
        )


def _warn_about_surroundings(settings: Settings, database: Database) -> None:
    if settings.dyno and database.is_sqlite:
        log.warning(
            "SQLite on a dyno: its disk is emptied at every restart, and answers in progress "
            "with it. Add PostgreSQL: heroku addons:create heroku-postgresql:essential-0"
        )
    if int(os.environ.get("WEB_CONCURRENCY") or 1) > 1:
        log.info("WEB_CONCURRENCY is not used: one process answers; scale by dynos")
