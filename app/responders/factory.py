"""The one place where `MEMO_RESPONDER` becomes a responder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from app.responders.echo import EchoResponder
from app.responders.guard import GuardedResponder
from app.responders.protocol import Responder
from app.settings import (
    SIGNING_SECRET_BYTES,
    ConfigurationError,
    Settings,
    is_https_or_loopback,
    is_signing_secret,
)

if TYPE_CHECKING:
    from app.responders.chain import Link
    from app.responders.chat_prompt import Prompt
    from app.responders.knowledge.embeddings import Embedder
    from app.responders.knowledge.responder import KnowledgeResponder
    from app.responders.openai_chat import ChatServer
    from app.responders.rules.opening_note import OpeningNote
    from app.responders.rules.responder import RulesResponder

CHAT_SECONDS = 20.0
HTTP_SECONDS = 10.0
PYTHON_SECONDS = 30.0
LOCAL_SECONDS = 5.0

_HOW_TO_MAKE_ONE = (
    "python3 -c \"import base64, os; print('whsec_' + base64.b64encode(os.urandom(32)).decode())\""
)

_log = structlog.get_logger()


def build_responder(settings: Settings, *, now: Callable[[], datetime] | None = None) -> Responder:
    """Build what `MEMO_RESPONDER` names, one or several in a row, guarded. Call it once, at start.

    What a responder needs is imported only when it is chosen: the OpenAI library alone takes
    20 MB. `now` is the clock of the rules, timezone-aware.

    Raises: ConfigurationError naming the variable and the cure.
    """
    names = settings.responders
    if settings.long_answers == "summary" and "openai" not in names:
        raise ConfigurationError(
            "MEMO_LONG=summary needs openai in MEMO_RESPONDER: a model makes the summary. "
            "MEMO_LONG=cut needs none."
        )
    parts = _Parts(settings, now)
    if len(names) == 1 and names[0] != "knowledge":
        name = names[0].partition(":")[0]
        responder, deadline = parts.responder(names[0])
        return GuardedResponder(responder, name=name, deadline=deadline)
    from app.responders.chain import ChainResponder

    links = [parts.link(name) for name in names]
    deadline = sum(link.deadline for link in links) + LOCAL_SECONDS
    rules = parts.rules if settings.rules_file else None
    chain = ChainResponder(links, rules.default if rules else None)
    return GuardedResponder(chain, name="chain", deadline=deadline)


def opening_note_of(settings: Settings) -> OpeningNote | None:
    """What says when there is somebody to answer, where a rules file tells the hours."""
    if settings.rules_file is None:
        return None
    from app.responders.rules.opening_note import OpeningNote

    return OpeningNote(settings.rules_file)


class _Parts:
    """The responders of one service; those that others use are built once."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] | None) -> None:
        self._settings = settings
        self._now = now

    @cached_property
    def rules(self) -> RulesResponder:
        return _rules(self._settings, self._now)

    @cached_property
    def knowledge(self) -> KnowledgeResponder:
        return _knowledge(self._settings)

    def responder(self, name: str) -> tuple[Responder, float]:
        """One that answers whatever it is asked, and its deadline in seconds."""
        kind, _, target = name.partition(":")
        match kind:
            case "rules":
                return self.rules, LOCAL_SECONDS
            case "openai":
                return self._openai(), CHAT_SECONDS
            case "http":
                return _http(self._settings), HTTP_SECONDS
            case "python":
                return _python(target), PYTHON_SECONDS
        return EchoResponder(), LOCAL_SECONDS

    def link(self, name: str) -> Link:
        from app.responders.chain import Answering, Link

        if name == "rules":
            return Link(name, self.rules, LOCAL_SECONDS)
        if name == "knowledge":
            return Link(name, self.knowledge, LOCAL_SECONDS)
        responder, deadline = self.responder(name)
        return Link(name.partition(":")[0], Answering(responder), deadline)

    def _openai(self) -> Responder:
        server, prompt = _chat_server(self._settings), _chat_prompt(self._settings)
        from app.responders.chat_prompt import BusinessFacts
        from app.responders.openai_chat import ChatResponder

        async def facts() -> BusinessFacts:
            if not self._settings.rules_file:
                return BusinessFacts(self._settings.name or "")
            book = await self.rules.book()
            return BusinessFacts(book.name or self._settings.name or "", book.hours)

        return ChatResponder(
            server,
            prompt,
            knowledge=self.knowledge if self._settings.knowledge else None,
            facts=facts,
            vision=self._settings.chat_vision,
            summarize_past=self._settings.max_seconds
            if self._settings.long_answers == "summary"
            else None,
        )


def _rules(settings: Settings, now: Callable[[], datetime] | None) -> RulesResponder:
    from app.responders.rules.errors import RulesError
    from app.responders.rules.responder import RulesResponder

    if settings.rules_file is None:
        raise ConfigurationError(
            "MEMO_RESPONDER=rules needs MEMO_RULES_FILE: the path of a YAML file of questions and "
            "answers. docs/support.rules.yaml is one to start from."
        )
    try:
        return RulesResponder(settings.rules_file, now=now or _utc_now)
    except RulesError as error:
        raise ConfigurationError(f"MEMO_RULES_FILE={settings.rules_file}: {error}") from error


def _knowledge(settings: Settings) -> KnowledgeResponder:
    from app.responders.knowledge.errors import KnowledgeError
    from app.responders.knowledge.responder import KnowledgeResponder

    if settings.knowledge is None:
        raise ConfigurationError(
            "MEMO_RESPONDER=knowledge needs MEMO_KNOWLEDGE: a folder of Markdown, text and CSV "
            "files. docs/desk/knowledge is one to look at."
        )
    try:
        return KnowledgeResponder(settings.knowledge, embedder=_embedder(settings))
    except KnowledgeError as error:
        raise ConfigurationError(f"MEMO_KNOWLEDGE={settings.knowledge}: {error}") from error


def _embedder(settings: Settings) -> Embedder | None:
    if not settings.embed_model:
        return None
    base_url, api_key = _chat_address(settings, "MEMO_EMBED_MODEL")
    from app.responders.knowledge.embeddings import ServerEmbedder

    return ServerEmbedder(base_url, api_key, settings.embed_model)


def _chat_prompt(settings: Settings) -> Prompt:
    from app.responders.chat_prompt import SPOKEN_PROMPT, Prompt

    return Prompt(settings.chat_system or SPOKEN_PROMPT, settings.chat_prompt or "")


def _chat_server(settings: Settings) -> ChatServer:
    base_url, api_key = _chat_address(settings, "MEMO_RESPONDER=openai")
    if not settings.chat_model:
        raise ConfigurationError(
            "MEMO_RESPONDER=openai needs MEMO_CHAT_MODEL: the name of a model that "
            f"{base_url} offers."
        )
    from app.responders.openai_chat import ChatServer

    return ChatServer(base_url, api_key, settings.chat_model, CHAT_SECONDS)


def _chat_address(settings: Settings, wanted: str) -> tuple[str, str]:
    """Base URL and key of the chat server, which `wanted` needs."""
    if not settings.chat_base_url:
        raise ConfigurationError(
            f"{wanted} needs MEMO_CHAT_BASE_URL: the address of an OpenAI-compatible "
            "server including /v1, such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1."
        )
    parts = urlsplit(settings.chat_base_url)
    api_key = settings.chat_api_key.get_secret_value()
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"MEMO_CHAT_BASE_URL={settings.chat_base_url} must be an http(s):// address."
        )
    if not is_https_or_loopback(settings.chat_base_url):
        if api_key:
            raise ConfigurationError(
                f"MEMO_CHAT_BASE_URL={settings.chat_base_url} would send MEMO_CHAT_API_KEY in the "
                "clear. Use https://, or leave the key out if the server needs none."
            )
        # A server without a key in the same private network, such as Ollama beside the bot.
        _log.warning("conversations go to the chat server unencrypted", host=parts.hostname)
    return settings.chat_base_url, api_key


def _http(settings: Settings) -> Responder:
    if not settings.responder_url:
        raise ConfigurationError(
            "MEMO_RESPONDER=http needs MEMO_RESPONDER_URL: the https:// address of the service "
            "that answers."
        )
    if not is_https_or_loopback(settings.responder_url):
        raise ConfigurationError(
            f"MEMO_RESPONDER_URL={settings.responder_url} must be an https:// address "
            "(plain http:// only for this machine)."
        )
    secret = settings.responder_secret.get_secret_value()
    if not secret:
        raise ConfigurationError(
            "MEMO_RESPONDER=http needs MEMO_RESPONDER_SECRET, with which the service verifies "
            f"that the bot asks. Make one with: {_HOW_TO_MAKE_ONE}"
        )
    if not is_signing_secret(secret):
        raise ConfigurationError(
            "MEMO_RESPONDER_SECRET must be whsec_ and at least "
            f"{SIGNING_SECRET_BYTES} random bytes in base64. Make one with: {_HOW_TO_MAKE_ONE}"
        )
    from app.responders.http_service import HttpResponder

    return HttpResponder(settings.responder_url, secret)


def _python(target: str) -> Responder:
    from app.responders.python_function import FunctionResponder, load_function

    return FunctionResponder(load_function(target))


def _utc_now() -> datetime:
    return datetime.now(UTC)
