"""Whether the services that answers need can be reached: voices, responder, transcription."""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from app.diagnosis.engines import engine_states
from app.diagnosis.finding import Finding, ok, problem, warning
from app.responders.factory import build_responder
from app.settings import ConfigurationError, Settings, is_https_or_loopback
from app.tls import tls_context

REACH_SECONDS = 10.0


async def check_voices(settings: Settings) -> list[Finding]:
    """Lets each engine of MEMO_VOICES speak a word."""
    try:
        states = await engine_states(settings, speak=settings.voices)
    except ConfigurationError as error:
        return [problem("voices", str(error), "Until then none is tried.")]
    named = [state for state in states if state.place]
    speaking = [state.name for state in named if state.usable]
    if not speaking:
        told = "; ".join(f"{state.name}: {state.reason}" for state in named)
        cure = "Put espeak into MEMO_VOICES: it needs nothing. Until then answers go out as text."
        return [problem("voices", f"no engine speaks ({told})", cure)]
    found = [ok("voices", f"{', '.join(speaking)} can speak")]
    found += [
        warning(
            "voices",
            f"{state.name} does not speak: {state.reason}",
            f"Mend it or take it out of MEMO_VOICES; {speaking[0]} speaks instead.",
        )
        for state in named
        if not state.usable
    ]
    return found


async def check_responder(settings: Settings) -> list[Finding]:
    """Builds the responder, and sees whether the service it asks can be reached."""
    try:
        responder = build_responder(settings)
    except ConfigurationError as error:
        return [problem("responder", str(error), "Correct the setting that is named.")]
    await responder.aclose()
    asked = {
        "openai": ("MEMO_CHAT_BASE_URL", settings.chat_base_url, "/models", settings.chat_api_key),
        "http": ("MEMO_RESPONDER_URL", settings.responder_url, "", SecretStr("")),
    }
    found = [
        await _reach("responder", variable, url, path, key.get_secret_value())
        for variable, url, path, key in (asked[one] for one in settings.responders if one in asked)
    ]
    return found or [ok("responder", settings.responder)]


async def check_transcription(settings: Settings) -> list[Finding]:
    """Whether the server that hears voice memos can be reached; nothing if none is set."""
    if not settings.transcribe_base_url:
        return []
    key = settings.transcribe_api_key.get_secret_value()
    name = "MEMO_TRANSCRIBE_BASE_URL"
    return [await _reach("transcription", name, settings.transcribe_base_url, "/models", key)]


async def _reach(check: str, name: str, url: str | None, path: str, key: str) -> Finding:
    """Whether anything answers at an address; what it answers counts only if it is a refusal."""
    address = (url or "").rstrip("/") + path
    if key and not is_https_or_loopback(address):
        message = f"{name}={url} would send the key in the clear"
        return problem(check, message, "Use https://, or leave the key out.")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with (
            httpx.AsyncClient(
                timeout=REACH_SECONDS, follow_redirects=False, verify=tls_context()
            ) as http,
            http.stream("GET", address, headers=headers) as response,
        ):
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return problem(
            check, f"{name}={url} does not answer ({_kind(error)})", "Start it or correct it."
        )
    if key and status in (401, 403):
        cure = f"Correct {name.removesuffix('_BASE_URL')}_API_KEY."
        return problem(check, f"{name}={url} refuses the key (status {status})", cure)
    if status >= 500:
        return problem(check, f"{name}={url} answers with status {status}", "Look at its log.")
    return ok(check, f"{url} answers")


def _kind(error: Exception) -> str:
    return "no answer in time" if isinstance(error, httpx.TimeoutException) else "no connection"
