"""What Linq answers, as far as it is used: checked where it enters, whatever the rest is.

Only the fields that are needed are required. What merely informs (a status, a service) is left
out where it has the wrong type: a memo that was sent must not count as unsent because of it.
Source: linq-python 0.65, `types/`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WrapValidator

from app.linq.ids import is_id


def _id(value: str) -> str:
    if not is_id(value):
        raise ValueError("no usable id")
    return value


def _or_nothing(value: Any, validate: Any) -> Any:
    try:
        return validate(value)
    except ValueError:
        return None


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Id = Annotated[str, AfterValidator(_id)]
Short = Annotated[str, StringConstraints(max_length=64)]
Informative = Annotated[Short | None, WrapValidator(_or_nothing)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Moment = Annotated[datetime, AfterValidator(_aware)]


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class Attachment(_Answer):
    """`POST /v3/attachments`: where to upload to."""

    attachment_id: Id
    upload_url: Url
    http_method: Literal["PUT"] = "PUT"
    required_headers: dict[str, str] = {}


class StoredAttachment(_Answer):
    """`GET /v3/attachments/{id}`."""

    id: Id
    download_url: Url | None = None


class _Service(_Answer):
    service: Informative = None


class _Memo(_Answer):
    id: Id
    status: Informative = None
    service: Informative = None
    chat: Annotated[_Service | None, WrapValidator(_or_nothing)] = None


class PostedMemo(_Answer):
    """`POST /v3/chats/{id}/voicememo`."""

    voice_memo: _Memo


class _Text(_Answer):
    id: Id
    delivery_status: Informative = None
    service: Informative = None


class PostedText(_Answer):
    """`POST /v3/chats/{id}/messages`."""

    message: _Text


class HistoryMessage(_Answer):
    """One message of a chat's history."""

    id: Id
    is_from_me: bool
    created_at: Moment
    parts: list[dict[str, Any]] | None = None


class History(_Answer):
    """`GET /v3/chats/{id}/messages`: one page, and where the next begins."""

    messages: list[HistoryMessage] | None
    next_cursor: str | None = None


class _Line(_Answer):
    phone_number: Short


class Lines(_Answer):
    """`GET /v3/phone_numbers`."""

    phone_numbers: list[_Line]


class WebhookSubscription(_Answer):
    """One of `GET /v3/webhook-subscriptions`."""

    id: Id
    target_url: Url
    subscribed_events: list[Short]
    is_active: bool
    phone_numbers: list[Short] | None = None


class NewWebhookSubscription(WebhookSubscription):
    """`POST /v3/webhook-subscriptions`: with the secret, which is never shown again."""

    signing_secret: Annotated[str, Field(min_length=1, max_length=512)]


class WebhookSubscriptions(_Answer):
    """`GET /v3/webhook-subscriptions`."""

    subscriptions: list[WebhookSubscription]
