"""Settings: every environment variable the bot reads, read once and frozen."""

from __future__ import annotations

import base64
import binascii
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.state_folder import default_database_url

Engine = Literal["gtts", "espeak", "openai", "elevenlabs", "piper", "command"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
Format = Literal["m4a", "mp3", "aac", "caf", "wav", "aiff", "amr"]
Delivery = Literal["attachment", "url"]
ReplyAs = Literal["voice", "text", "both", "mirror"]
Groups = Literal["mention", "always", "never"]
CompanionMode = Literal["auto", "never", "always"]
LongAnswers = Literal["cut", "summary"]
Subscribe = Literal["auto", "never"]

SIGNING_SECRET_BYTES = 24
"""The shortest key that Standard Webhooks allows behind `whsec_`; Linq's have 32."""

ENV_FILE = ".env"

PLATFORM_ADDRESSES = (
    "RENDER_EXTERNAL_URL",
    "HEROKU_APP_DEFAULT_DOMAIN_NAME",
    "RAILWAY_PUBLIC_DOMAIN",
    "KOYEB_PUBLIC_DOMAIN",
    "FLY_APP_NAME",
)
"""By which platforms tell the public address: an address, a domain, or (Fly) the app's name."""

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigurationError(Exception):
    """The service cannot start as it is configured; the message names the variable and the cure."""


def _named(name: str, default: Any = ..., **kwargs: Any) -> Any:
    """A field read from the variable `name`, whatever the field is called in code."""
    return Field(default, validation_alias=AliasChoices(name), **kwargs)


CommaList = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """All settings, from the environment and an optional `.env` file. Durations are in seconds."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    # What platforms and SDKs name keeps its name.
    port: int = _named("PORT", 8000, ge=1, le=65535)
    database_url: str = Field(
        default_factory=default_database_url,
        validation_alias=AliasChoices("DATABASE_URL"),
        repr=False,
    )
    dyno: str | None = _named("DYNO", None)
    linq_api_key: SecretStr = _named("LINQ_API_V3_API_KEY", SecretStr(""))
    linq_base_url: str = _named("LINQ_API_V3_BASE_URL", "https://api.linqapp.com/api/partner")
    linq_webhook_secret: SecretStr = _named("LINQ_WEBHOOK_SECRET", SecretStr(""))
    platform_address: str | None = Field(None, validation_alias=AliasChoices(*PLATFORM_ADDRESSES))

    # What to say.
    responder: str = _named("MEMO_RESPONDER", "echo")
    rules_file: Path | None = _named("MEMO_RULES_FILE", None)
    chat_base_url: str | None = _named("MEMO_CHAT_BASE_URL", None)
    chat_api_key: SecretStr = _named("MEMO_CHAT_API_KEY", SecretStr(""))
    chat_model: str | None = _named("MEMO_CHAT_MODEL", None)
    chat_prompt: str | None = _named("MEMO_CHAT_PROMPT", None)
    chat_system: str | None = _named("MEMO_CHAT_SYSTEM", None)
    chat_vision: bool = _named("MEMO_CHAT_VISION", False)
    knowledge: Path | None = _named("MEMO_KNOWLEDGE", None)
    embed_model: str | None = _named("MEMO_EMBED_MODEL", None)
    responder_url: str | None = _named("MEMO_RESPONDER_URL", None)
    responder_secret: SecretStr = _named("MEMO_RESPONDER_SECRET", SecretStr(""))

    # How it sounds.
    voices: CommaList = _named("MEMO_VOICES", ("gtts", "espeak"))
    speech_base_url: str | None = _named("MEMO_SPEECH_BASE_URL", None)
    speech_api_key: SecretStr = _named("MEMO_SPEECH_API_KEY", SecretStr(""))
    speech_model: str | None = _named("MEMO_SPEECH_MODEL", None)
    speech_voice: str | None = _named("MEMO_SPEECH_VOICE", None)
    speech_speed: float = _named("MEMO_SPEECH_SPEED", 1.0, ge=0.5, le=2.0)
    speech_instructions: str | None = _named("MEMO_SPEECH_INSTRUCTIONS", None)
    elevenlabs_api_key: SecretStr = _named("ELEVENLABS_API_KEY", SecretStr(""))
    elevenlabs_base_url: str = _named("MEMO_ELEVENLABS_BASE_URL", "https://api.elevenlabs.io")
    elevenlabs_model: str | None = _named("MEMO_ELEVENLABS_MODEL", None)
    elevenlabs_voice: str | None = _named("MEMO_ELEVENLABS_VOICE", None)
    elevenlabs_stability: float | None = _named("MEMO_ELEVENLABS_STABILITY", None, ge=0, le=1)
    piper_voice: Path | None = _named("MEMO_PIPER_VOICE", None)
    voice_command: str | None = _named("MEMO_VOICE_COMMAND", None)
    language: str | None = _named("MEMO_LANGUAGE", None)
    format: Format = _named("MEMO_FORMAT", "m4a")
    max_seconds: float = _named("MEMO_MAX_SECONDS", 120.0, gt=1, le=600)

    # How it is delivered.
    delivery: Delivery = _named("MEMO_DELIVERY", "attachment")
    public_url: str | None = _named("MEMO_PUBLIC_URL", None)
    subscribe: Subscribe = _named("MEMO_SUBSCRIBE", "auto")
    reply_as: ReplyAs = _named("MEMO_REPLY_AS", "voice")
    companion: CompanionMode = _named("MEMO_COMPANION", "auto")
    long_answers: LongAnswers = _named("MEMO_LONG", "cut")

    # Policy.
    groups: Groups = _named("MEMO_GROUPS", "mention")
    name: str | None = _named("MEMO_NAME", None)
    allow: CommaList = _named("MEMO_ALLOW", ())
    block: CommaList = _named("MEMO_BLOCK", ())
    max_age_seconds: float = _named("MEMO_MAX_AGE_SECONDS", 3600.0, gt=0)
    sender_limit: int = _named("MEMO_SENDER_LIMIT", 20, ge=1)
    text_words: CommaList = _named("MEMO_TEXT_WORDS", ("text please",))
    voice_words: CommaList = _named("MEMO_VOICE_WORDS", ("voice please",))
    debounce_seconds: float = _named("MEMO_DEBOUNCE_SECONDS", 0.0, ge=0, le=60)

    # People at the desk.
    takeover_seconds: float = _named("MEMO_TAKEOVER_SECONDS", 1800.0, ge=0, le=7 * 86_400)
    colleagues: CommaList = _named("MEMO_COLLEAGUES", ())
    handover_remind_seconds: float = _named("MEMO_HANDOVER_REMIND_SECONDS", 900.0, ge=0)
    alert_url: SecretStr = _named("MEMO_ALERT_URL", SecretStr(""))
    alert_words: bool = _named("MEMO_ALERT_WORDS", False)

    # Transcribing voice memos.
    transcribe_base_url: str | None = _named("MEMO_TRANSCRIBE_BASE_URL", None)
    transcribe_api_key: SecretStr = _named("MEMO_TRANSCRIBE_API_KEY", SecretStr(""))
    transcribe_model: str | None = _named("MEMO_TRANSCRIBE_MODEL", None)

    # Operating.
    admin_token: SecretStr = _named("MEMO_ADMIN_TOKEN", SecretStr(""))
    retention_days: float = _named("MEMO_RETENTION_DAYS", 30.0, gt=0)
    log_format: Literal["console", "json"] = _named("MEMO_LOG_FORMAT", "console")
    log_level: Literal["debug", "info", "warning", "error"] = _named("MEMO_LOG_LEVEL", "info")
    concurrency: int = _named("MEMO_CONCURRENCY", 8, ge=1, le=64)

    @field_validator(
        "voices", "allow", "block", "text_words", "voice_words", "colleagues", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        return value

    @field_validator(
        "log_level",
        "log_format",
        "delivery",
        "reply_as",
        "companion",
        "long_answers",
        "groups",
        "format",
        "subscribe",
        mode="before",
    )
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("voices")
    @classmethod
    def _known_voices(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in ENGINES:
                raise ValueError(f"{name!r} is no engine; choose from {', '.join(ENGINES)}")
        if not value:
            raise ValueError(f"name at least one engine of {', '.join(ENGINES)}")
        return value

    @field_validator("responder")
    @classmethod
    def _known_responder(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",")]
        for name in names:
            kind, _, target = name.partition(":")
            known = name in ("echo", "rules", "knowledge", "openai", "http")
            if not known and not (
                kind == "python" and target.count(":") == 1 and all(target.split(":"))
            ):
                raise ValueError(
                    f"{name!r} is no responder; choose echo, rules, knowledge, openai, http or "
                    "python:module:function, or several in a row as in rules,knowledge,openai"
                )
        if len(set(names)) < len(names):
            raise ValueError("names a responder twice")
        return ",".join(names)

    @property
    def responders(self) -> tuple[str, ...]:
        """The responders in the order they are asked."""
        return tuple(self.responder.split(","))

    @cached_property
    def on_platform(self) -> bool:
        """Whether a platform runs this process: it sets PORT, or DYNO."""
        return bool(self.dyno) or "port" in self.model_fields_set

    @cached_property
    def host(self) -> str:
        """The interface to listen on: all where PORT is set, as platforms do, else this machine."""
        return "0.0.0.0" if self.on_platform else "127.0.0.1"  # noqa: S104

    @cached_property
    def address(self) -> str | None:
        """The public address as it is set, or as the platform tells it; no slash at its end."""
        found = (self.public_url or self.platform_address or "").strip().rstrip("/")
        if not found or "://" in found:
            return found or None
        # Fly tells the app's name alone (fly.io/docs, The Machine Runtime Environment).
        return f"https://{found}" if set(found) & set(".:") else f"https://{found}.fly.dev"

    @property
    def subscribes_itself(self) -> bool:
        """Whether the bot makes its webhook subscription and keeps the secret."""
        return self.subscribe == "auto" and not self.webhook_secrets

    @cached_property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The signing secrets to accept, newest first; several while rotating."""
        raw = self.linq_webhook_secret.get_secret_value()
        return tuple(item.strip() for item in raw.split(",") if item.strip())

    def require_encrypted_keys(self) -> None:
        """Refuse to send a key of somebody's voice or transcription service in the clear.

        Raises: ConfigurationError naming the variable of the address.
        """
        for name, address, key in (
            ("MEMO_SPEECH_BASE_URL", self.speech_base_url, self.speech_api_key),
            ("MEMO_TRANSCRIBE_BASE_URL", self.transcribe_base_url, self.transcribe_api_key),
            ("MEMO_ELEVENLABS_BASE_URL", self.elevenlabs_base_url, self.elevenlabs_api_key),
        ):
            if address and key.get_secret_value() and not is_https_or_loopback(address):
                raise ConfigurationError(
                    f"{name}={address} would send the service's key in the clear. Use https:// "
                    "(plain http:// only for this machine), or leave the key out if the server "
                    "needs none."
                )


def is_https_or_loopback(url: str) -> bool:
    """Whether `url` is https, or plain http to this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_loopback(url)


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine."""
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def is_signing_secret(text: str) -> bool:
    """Whether this is `whsec_` and base64 of a key that is long enough (Standard Webhooks)."""
    prefix, _, encoded = text.partition("_")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return prefix == "whsec" and len(key) >= SIGNING_SECRET_BYTES


def load_settings(**overrides: Any) -> Settings:
    """Read the environment once. `overrides` are by field name and win.

    Raises: ConfigurationError with one line for each variable that cannot be used.
    """
    try:
        return Settings(**overrides)
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"The file {ENV_FILE} is not text in UTF-8 (byte {error.start + 1}); save it as UTF-8."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"The file {ENV_FILE} cannot be read ({error.strerror}): check its rights, or move it "
            "away."
        ) from error
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]) or "settings"
            text = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{name}: {text[:1].lower()}{text[1:]}")
        raise ConfigurationError("; ".join(lines)) from None
