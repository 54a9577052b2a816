"""The one place where `MEMO_RESPONDER` becomes a responder."""

from __future__ import annotations

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

CHAT_SECONDS = 20.0
HTTP_SECONDS = 10.0
PYTHON_SECONDS = 30.0
LOCAL_SECONDS = 5.0

_HOW_TO_MAKE_ONE = (
    "python3 -c \"import base64, os; print('whsec_' + base64.b64encode(os.urandom(32)).decode())\""
)

_log = structlog.get_logger()


def build_responder(settings: Settings) -> Responder:
    """Build the responder that `MEMO_RESPONDER` names, guarded. Call it once, at start.

    What a responder needs is imported only when it is chosen: the OpenAI library alone takes
    20 MB.

    Raises: ConfigurationError naming the variable and the cure.
    """
    name, _, target = settings.responder.partition(":")
    build = {"rules": _rules, "openai": _openai, "http": _http}.get(name)
    if build is not None:
        return build(settings)
    if name == "python":
        return _python(target)
    return GuardedResponder(EchoResponder(), name="echo", deadline=LOCAL_SECONDS)


def _rules(settings: Settings) -> Responder:
    from app.responders.rules.errors import RulesError
    from app.responders.rules.responder import RulesResponder

    if settings.rules_file is None:
        raise ConfigurationError(
            "MEMO_RESPONDER=rules needs MEMO_RULES_FILE: the path of a YAML file of questions and "
            "answers. docs/support.rules.yaml is one to start from."
        )
    try:
        responder = RulesResponder(settings.rules_file)
    except RulesError as error:
        raise ConfigurationError(f"MEMO_RULES_FILE={settings.rules_file}: {error}") from error
    return GuardedResponder(responder, name="rules", deadline=LOCAL_SECONDS)


def _openai(settings: Settings) -> Responder:
    if not settings.chat_base_url:
        raise ConfigurationError(
            "MEMO_RESPONDER=openai needs MEMO_CHAT_BASE_URL: the address of an OpenAI-compatible "
            "server including /v1, such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1."
        )
    if not settings.chat_model:
        raise ConfigurationError(
            "MEMO_RESPONDER=openai needs MEMO_CHAT_MODEL: the name of a model that "
            f"{settings.chat_base_url} offers."
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
    from app.responders.openai_chat import ChatResponder

    responder = ChatResponder(
        base_url=settings.chat_base_url,
        api_key=api_key,
        model=settings.chat_model,
        prompt=settings.chat_prompt,
        timeout=CHAT_SECONDS,
    )
    return GuardedResponder(responder, name="openai", deadline=CHAT_SECONDS)


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

    responder = HttpResponder(settings.responder_url, secret)
    return GuardedResponder(responder, name="http", deadline=HTTP_SECONDS)


def _python(target: str) -> Responder:
    from app.responders.python_function import FunctionResponder, load_function

    responder = FunctionResponder(load_function(target))
    return GuardedResponder(responder, name="python", deadline=PYTHON_SECONDS)
