"""Which address answers what."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from app.sandbox import (
    api_attachments,
    api_chats,
    api_lines,
    api_messages,
    api_subscriptions,
    api_voicememos,
    cdn,
    control,
    inbound,
    uploads,
)
from app.sandbox.endpoint import ControlEndpoint, Endpoint, Handler, OpenEndpoint
from app.sandbox.errors import Refusal, error_response

_STATIC = Path(__file__).parent / "static"
_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# Method, path below /v3, name for counters and faults, handler.
_API: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "/attachments", "attachment_create", api_attachments.create_attachment),
    ("GET", "/attachments/{attachment_id}", "attachment_get", api_attachments.get_attachment),
    (
        "DELETE",
        "/attachments/{attachment_id}",
        "attachment_delete",
        api_attachments.delete_attachment,
    ),
    ("POST", "/chats", "chat_create", api_chats.create_chat),
    ("GET", "/chats", "chat_list", api_chats.list_chats),
    ("GET", "/chats/{chat_id}", "chat_get", api_chats.get_chat),
    ("PUT", "/chats/{chat_id}", "chat_update", api_chats.update_chat),
    ("POST", "/chats/{chat_id}/leave", "chat_leave", api_chats.leave_chat),
    ("POST", "/chats/{chat_id}/typing", "typing", api_chats.start_typing),
    ("DELETE", "/chats/{chat_id}/typing", "typing_stop", api_chats.stop_typing),
    ("POST", "/chats/{chat_id}/read", "read", api_chats.mark_read),
    (
        "POST",
        "/chats/{chat_id}/share_contact_card",
        "contact_card",
        api_chats.share_contact_card,
    ),
    ("POST", "/chats/{chat_id}/messages", "messages_send", api_messages.send_message),
    ("GET", "/chats/{chat_id}/messages", "messages_list", api_messages.list_messages),
    ("POST", "/chats/{chat_id}/voicememo", "voicememo", api_voicememos.send_voice_memo),
    ("POST", "/messages", "messages_create", api_messages.send_to_people),
    ("GET", "/messages/{message_id}", "message_get", api_messages.get_message),
    ("DELETE", "/messages/{message_id}", "message_delete", api_messages.delete_message),
    ("POST", "/webhook-subscriptions", "subscription_create", api_subscriptions.create),
    ("GET", "/webhook-subscriptions", "subscription_list", api_subscriptions.list_all),
    ("GET", "/webhook-subscriptions/{subscription_id}", "subscription_get", api_subscriptions.get),
    (
        "PUT",
        "/webhook-subscriptions/{subscription_id}",
        "subscription_update",
        api_subscriptions.update,
    ),
    (
        "DELETE",
        "/webhook-subscriptions/{subscription_id}",
        "subscription_delete",
        api_subscriptions.delete,
    ),
    ("GET", "/webhook-events", "webhook_events", api_subscriptions.list_event_types),
    ("GET", "/phone_numbers", "phone_numbers", api_lines.list_phone_numbers),
    ("GET", "/phonenumbers", "phonenumbers", api_lines.list_phonenumbers),
    ("GET", "/available_number", "available_number", api_lines.available_number),
    ("POST", "/capability/check_imessage", "check_imessage", api_lines.check_imessage),
    ("POST", "/capability/check_rcs", "check_rcs", api_lines.check_rcs),
    ("GET", "/blocked_handles", "blocked_list", api_lines.list_blocked),
    ("POST", "/blocked_handles", "blocked_add", api_lines.block),
    ("DELETE", "/blocked_handles", "blocked_remove", api_lines.unblock),
)

_STORAGE: tuple[tuple[str, str, str, Handler], ...] = (
    ("PUT", "/uploads/{attachment_id}", "upload", uploads.receive_upload),
    (
        "GET",
        "/cdn/attachments/partners/{partner_id}/{attachment_id}/{filename}",
        "download",
        cdn.download,
    ),
)

_CONTROL: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "/inbound", "control_inbound", inbound.receive_inbound),
    ("GET", "/state", "control_state", control.show_state),
    ("POST", "/reset", "control_reset", control.reset),
    ("POST", "/target", "control_target", control.set_target),
    ("POST", "/faults", "control_faults", control.add_faults),
    ("GET", "/faults", "control_faults", control.list_faults),
    ("DELETE", "/faults", "control_faults", control.clear_faults),
    ("GET", "/events", "control_events", control.stream_events),
    ("GET", "/play/{attachment_id}", "control_play", cdn.play),
)

ENDPOINT_NAMES = frozenset(name for _, _, name, _ in _API + _STORAGE)


def routes() -> list[BaseRoute]:
    """Every route of the sandbox."""
    found: list[BaseRoute] = []
    for method, path, name, handler in _API:
        endpoint = Endpoint(name, handler)
        for prefix in ("/api/partner/v3", "/v3"):
            found.append(Route(prefix + path, endpoint, methods=[method]))
    for method, path, name, handler in _STORAGE:
        found.append(Route(path, OpenEndpoint(name, handler), methods=[method]))
    for method, path, name, handler in _CONTROL:
        found.append(Route("/_sandbox" + path, ControlEndpoint(name, handler), methods=[method]))
    found.append(Route("/", _page, methods=["GET"]))
    found.append(Mount("/static", _PageFiles(directory=_STATIC)))
    return found


async def refuse_unknown(_: Request, error: Exception) -> Response:
    """An address or method that does not exist, in the API's envelope."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    trace_id = uuid.uuid4().hex
    response = error_response(Refusal(1003, "No such endpoint", status=status), trace_id)
    response.headers["X-Trace-ID"] = trace_id
    return response


async def _page(_: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers=_PAGE_HEADERS)


class _PageFiles(StaticFiles):
    """The page's own files; a browser asks each time whether they have changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_PAGE_HEADERS)
        return response
