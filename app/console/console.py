"""Puts the console together: which address shows what."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from app.answers.queue import AnswerQueue
from app.answers.timing import Timing
from app.console.access import Access
from app.console.audio import Audio
from app.console.canned_answers import CannedAnswers
from app.console.chat import ChatPage
from app.console.desk import MAX_RECORDING_BYTES, DeskForms
from app.console.health import HealthPage
from app.console.inbox import InboxPage
from app.console.live import LiveUpdates
from app.console.pages import HEADERS, Pages
from app.console.questions import QuestionsPage
from app.console.sessions import Sessions
from app.console.static_files import ConsoleFiles
from app.console.typing import ColleagueTyping
from app.linq.client import LinqClient
from app.settings import Settings
from app.speech.synthesizer import Synthesizer
from app.store.database import Database
from app.store.sealing import Sealer
from app.web.storage_probe import StorageProbe

FEWEST_TOKEN_CHARS = 16
TAKEOVER_SECONDS = 1800.0
"""How long a colleague has a chat that they take here where MEMO_TAKEOVER_SECONDS is 0: that turns
off what is seen of messages from elsewhere."""
_HOW = (
    "The console needs MEMO_ADMIN_TOKEN, of 16 characters at least. Make one with\n\n"
    '    python3 -c "import secrets; print(secrets.token_urlsafe(32))"\n\n'
    "set it in the environment of this service, and start it again.\n"
)


class Console:
    """All pages. `begin` once the service has started, `close` before the server stops."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        queue: AnswerQueue,
        sealer: Sealer,
        probe: StorageProbe,
        timing: Timing,
    ) -> None:
        self._token = settings.admin_token.get_secret_value()
        sessions = Sessions(self._token, settings.linq_api_key.get_secret_value())
        pages = Pages(sessions)
        self._inbox = InboxPage(pages, database)
        self._chat = ChatPage(pages, database, queue, CannedAnswers(settings.rules_file))
        takeover_seconds = settings.takeover_seconds or TAKEOVER_SECONDS
        self._desk = DeskForms(pages, database, queue, sealer, takeover_seconds)
        self._typing = ColleagueTyping(database)
        self._audio = Audio(database, settings.linq_base_url)
        self._questions = QuestionsPage(pages, database)
        self._access = Access(self._token, sessions, pages, self._questions.warm)
        self._health = HealthPage(pages, database, probe, settings, timing)
        self._live = LiveUpdates(database)

    def routes(self) -> list[BaseRoute]:
        """One that says how to open it, where there is no token or one that can be guessed."""
        if len(self._token) < FEWEST_TOKEN_CHARS:
            return [Route("/console", _closed), Route("/console/{_:path}", _closed)]
        page, form, resource = self._access.page, self._access.form, self._access.resource
        recordings = self._access.upload(self._desk.record, MAX_RECORDING_BYTES)
        chat = "/console/chats/{chat_id}"
        return [
            Route("/console", page(self._inbox.show)),
            Route("/console/login", self._access.login, methods=["POST"]),
            Route("/console/login", page(self._inbox.show), methods=["GET"]),
            Route("/console/logout", form(self._access.logout), methods=["POST"]),
            Route(chat, page(self._chat.show)),
            Route(f"{chat}/take", form(self._desk.take), methods=["POST"]),
            Route(f"{chat}/return", form(self._desk.give_back), methods=["POST"]),
            Route(f"{chat}/memos", form(self._desk.send), methods=["POST"]),
            Route(f"{chat}/recordings", recordings, methods=["POST"]),
            Route(f"{chat}/typing", form(self._typing.type), methods=["POST"]),
            Route(f"{chat}/retry", form(self._chat.retry), methods=["POST"]),
            Route("/console/audio/answers/{answer_id}", resource(self._audio.of_answer)),
            Route(
                "/console/audio/messages/{message_id}/{number}", resource(self._audio.of_message)
            ),
            Route("/console/questions", page(self._questions.show)),
            Route("/console/health", page(self._health.show)),
            Route("/console/health/check", form(self._health.check), methods=["POST"]),
            Route("/console/events", resource(self._live.stream)),
            Mount("/console/static", ConsoleFiles()),
        ]

    def begin(self, linq: LinqClient, synthesizer: Synthesizer) -> None:
        """What the service opens when it starts."""
        self._audio.linq = linq
        self._typing.linq = linq
        self._health.engines = synthesizer.engines

    def end_streams(self) -> None:
        """Let open pages go, so that the server can stop."""
        self._live.close()

    async def aclose(self) -> None:
        self.end_streams()
        self._health.stop()
        self._typing.stop()
        await self._audio.aclose()


async def _closed(_request: Request) -> Response:
    return PlainTextResponse(_HOW, 404, HEADERS)
