"""Puts the parts together: the web application, or the worker that only answers."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.answers.composer import Composer
from app.answers.delivery import Delivery
from app.answers.memo_maker import MemoMaker
from app.answers.pictures import PictureFetcher
from app.answers.planner import AnswerPlanner
from app.answers.queue import AnswerQueue
from app.answers.recording_encoder import RecordingEncoder
from app.answers.recovery import HeartbeatMonitor, new_executor_id
from app.answers.renewal import Renewal
from app.answers.reply import ReplySender
from app.answers.retention_job import RetentionJob
from app.answers.takeover import Takeover
from app.answers.timing import Timing
from app.answers.typing_indicator import TypingIndicators
from app.answers.workflow import AnswerWorkflow
from app.audio import Spawn, WorkerPool, spawn_worker
from app.console.console import Console
from app.desk.alert_job import AlertJob
from app.linq.client import LinqClient
from app.linq.errors import LinqError
from app.policy import Limits, PolicyRules
from app.program import command_line
from app.requirements import require_key, require_linq
from app.responders.factory import build_responder, opening_note_of
from app.settings import Settings
from app.speech.synthesizer import WORKER_MODULES, Synthesizer
from app.store.database import Database
from app.store.desk import HANDED_OVER, TAKEN_OVER
from app.store.sealing import Sealer
from app.subscription.keeper import SubscriptionKeeper
from app.subscription.secrets import WebhookSecrets
from app.subscription.task import SubscriptionTask
from app.telemetry import Metrics
from app.transcription import VoiceMemoTranscriber
from app.web.doctor_page import DoctorPage
from app.web.health import Health
from app.web.memo_api import MemoApi
from app.web.published_media import serve_memo
from app.web.safe_responses import SafeResponses
from app.web.setup import FrontPage
from app.web.storage_probe import StorageProbe
from app.web.webhook import Inbox

log = structlog.get_logger()

IN_PROGRESS = 32
"""Answers in progress at once, at least: most of them wait for somebody else, and chats that wait
must not hold up the others. With 64, webhooks were acknowledged later and memos no sooner."""
WAITING_FACTOR = 4
"""The same for each synthesis at work, where there are many."""


class Service:
    """Everything of one process. `start` and `stop` on the event loop that answers run on."""

    def __init__(
        self,
        settings: Settings,
        *,
        timing: Timing | None = None,
        at: Callable[[str], None] = lambda _point: None,
        spawn: Spawn = spawn_worker,
    ) -> None:
        """at: called at each point of an answer where a crash would matter; for tests.

        spawn: starts an audio worker; for tests.

        Raises: ConfigurationError for anything that is missing or cannot be used.
        """
        require_key(settings)
        self.settings = settings
        self.timing = timing or Timing()
        self.metrics = Metrics()
        self.responder = build_responder(settings)
        self.database = Database(settings.database_url)
        self.queue = AnswerQueue(self.database)
        self.sealer = Sealer(settings.linq_api_key.get_secret_value())
        self.takeover = Takeover(settings.takeover_seconds, settings.colleagues)
        self.executor_id = new_executor_id(settings.dyno)
        self.probe = StorageProbe(self.database, self.executor_id)
        self.console = Console(
            settings, self.database, self.queue, self.sealer, self.probe, self.timing
        )
        self._own_handles: tuple[str, ...] = ()
        self._at = at
        self._spawn = spawn
        self._stack = AsyncExitStack()
        _warn_about_surroundings(settings, self.database)

    def prepare(self) -> None:
        """Create or upgrade the tables, before anything runs.

        Raises: ConfigurationError when the database cannot be opened.
        """
        self.database.migrate()

    def discard(self) -> None:
        """Close what the making of it has opened, where it is never started."""
        asyncio.run(self.responder.aclose())
        self.database.close()

    async def start(self) -> None:
        """Open everything and take answers; what was opened is closed again if that fails."""
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        log.info(
            "answering",
            responder=self.settings.responder,
            voices=",".join(self.settings.voices),
            database=self.database.description,
            executor=self.executor_id,
        )

    async def _open(self, stack: AsyncExitStack) -> None:
        settings, database, timing = self.settings, self.database, self.timing
        stack.callback(database.close)
        linq = LinqClient(settings.linq_api_key.get_secret_value(), settings.linq_base_url)
        stack.push_async_callback(linq.aclose)
        workers = WorkerPool(preload=WORKER_MODULES, spawn=self._spawn)
        workers.start()
        stack.push_async_callback(workers.aclose)
        synthesizer = Synthesizer.from_settings(settings, workers)
        stack.push_async_callback(synthesizer.aclose)
        await asyncio.to_thread(_warn_without_voice, synthesizer)
        self.console.begin(linq, synthesizer)
        stack.push_async_callback(self.console.aclose)
        transcriber = VoiceMemoTranscriber.from_settings(settings, workers)
        stack.push_async_callback(transcriber.aclose)
        stack.push_async_callback(self.responder.aclose)
        typing = TypingIndicators(linq, timing.typing_refresh_seconds)
        stack.push_async_callback(typing.aclose)
        delivery = Delivery(database, linq, timing, self._at, takeover=self.takeover)
        encoder = RecordingEncoder(database, workers, self.sealer, settings.format)
        maker = MemoMaker(settings, database, linq, synthesizer, encoder)
        pictures = PictureFetcher(linq, settings.linq_base_url) if settings.chat_vision else None
        if pictures:
            stack.push_async_callback(pictures.aclose)
        opening_note = opening_note_of(settings)
        composer = Composer(
            settings, linq, transcriber, self.responder, synthesizer.draft, pictures, opening_note
        )
        renewal = Renewal(self.sealer, collects=settings.debounce_seconds > 0)
        sender = ReplySender(
            database, maker, delivery, self.sealer, self.metrics, renewal, self._at
        )
        limits = Limits.per_sender(settings.sender_limit, timing.rate_window_seconds)
        # DBOS calls its workflows by the name of this instance.
        self._workflow = AnswerWorkflow(
            settings,
            database,
            composer,
            AnswerPlanner(
                database, composer, sender, limits, self.sealer, self.metrics, renewal, self._at
            ),
            sender,
            delivery,
            typing,
            self.sealer,
            self.metrics,
            timing,
            self._at,
        )
        heartbeats = HeartbeatMonitor(database, self.executor_id, timing)
        await heartbeats.register()
        stack.push_async_callback(heartbeats.stop)
        # Registered before the launch, so that even a launch that fails half-way is undone.
        stack.push_async_callback(self.queue.drain, timing.drain_seconds)
        at_once = max(IN_PROGRESS, settings.concurrency * WAITING_FACTOR)
        await self.queue.launch(self.executor_id, at_once=at_once)
        heartbeats.start()
        retention = RetentionJob(database, settings.retention_days)
        retention.start()
        stack.push_async_callback(retention.stop)
        database.listen(HANDED_OVER, self.metrics.handed_over)
        database.listen(TAKEN_OVER, self.metrics.taken_over)
        alerts = AlertJob(
            settings, database, self.queue, self.sealer, self.metrics, timing, self._at
        )
        alerts.start()
        stack.push_async_callback(alerts.stop)
        learning = asyncio.create_task(self._learn_own_lines(linq))
        stack.callback(learning.cancel)

    async def stop(self) -> None:
        """Finish what is in progress, for `Timing.drain_seconds` at most, and let go."""
        log.info("stopping, answers in progress may finish", seconds=self.timing.drain_seconds)
        await self._stack.aclose()
        log.info("stopped")

    def subscription(self, secrets: WebhookSecrets) -> SubscriptionTask:
        """The task that subscribes this process to webhooks, which `secrets` verify."""
        keeper = SubscriptionKeeper(
            self.settings,
            self.database,
            self.sealer,
            hold_seconds=self.timing.subscription_hold_seconds,
            at=self._at,
        )
        return SubscriptionTask(self.settings, self.database, secrets, keeper)

    def rules(self) -> PolicyRules:
        return PolicyRules.from_settings(self.settings, self._own_handles)

    async def _learn_own_lines(self, linq: LinqClient) -> None:
        """Ask Linq for our own lines, so that they are never answered; the rest goes on without."""
        try:
            self._own_handles = await linq.phone_numbers()
        except LinqError as error:
            log.warning("own lines not known, going on without", cause=str(error))


def create_app(settings: Settings, service: Service | None = None) -> Starlette:
    """The web application: webhooks in, answers out, health and metrics.

    Raises: ConfigurationError for anything that is missing or cannot be used.
    """
    require_linq(settings)
    service = service or Service(settings)
    secrets = WebhookSecrets(settings, service.database, service.sealer)
    subscription = service.subscription(secrets)
    inbox = Inbox(
        secrets,
        service.database,
        service.queue,
        service.sealer,
        service.metrics,
        service.rules,
        service.takeover,
        collects=settings.debounce_seconds > 0,
    )
    admin_token = settings.admin_token.get_secret_value()
    health = Health(service.probe, service.metrics, admin_token, secrets)
    api = MemoApi(admin_token, service.database, service.queue, service.sealer)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await service.start()
        # What lives as long as the process is not searched for garbage again and again.
        gc.collect()
        gc.freeze()
        subscription.start()
        try:
            yield
        finally:
            await subscription.stop()
            await service.stop()

    async def memo(request: Request) -> Response:
        return await serve_memo(request, service.database)

    app = Starlette(
        routes=[
            Route("/", FrontPage(subscription).show),
            Route("/doctor", DoctorPage(lambda: settings, admin_token).show),
            Route("/webhooks/linq", inbox.receive, methods=["POST"]),
            Route("/memos/{filename}", memo),
            Route("/api/memos", api.create, methods=["POST"]),
            Route("/api/memos/{memo_id}", api.show),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route("/metrics", health.metrics),
            *service.console.routes(),
        ],
        lifespan=lifespan,
        middleware=[Middleware(SafeResponses)],
    )
    # A redirect would repeat the Host header of whoever asks.
    app.router.redirect_slashes = False
    return app


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
