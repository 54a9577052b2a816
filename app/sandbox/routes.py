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

from app.look import STATIC as LOOK
from app.sandbox.api import (
    attachments,
    blocked_handles,
    capabilities,
    chats,
    contact_cards,
    groups,
    messages,
    phone_numbers,
    reactions,
    typing_indicators,
    voice_memos,
    webhook_subscriptions,
)
from app.sandbox.api.endpoint import ControlEndpoint, Endpoint, Handler, OpenEndpoint
from app.sandbox.api.errors import ApiError, error_response
from app.sandbox.media import cdn, uploads
from app.sandbox.page import control, inbound, outbound

_STATIC = Path(__file__).parent / "page" / "static"
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
API_ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "/attachments", "attachment_create", attachments.create_attachment),
    ("GET", "/attachments/{attachment_id}", "attachment_get", attachments.get_attachment),
    (
        "DELETE",
        "/attachments/{attachment_id}",
        "attachment_delete",
        attachments.delete_attachment,
    ),
    ("POST", "/chats", "chat_create", chats.create_chat),
    ("GET", "/chats", "chat_list", chats.list_chats),
    ("GET", "/chats/{chat_id}", "chat_get", chats.get_chat),
    ("PUT", "/chats/{chat_id}", "chat_update", groups.update_chat),
    ("POST", "/chats/{chat_id}/leave", "chat_leave", groups.leave_chat),
    ("POST", "/chats/{chat_id}/typing", "typing", typing_indicators.start_typing),
    ("DELETE", "/chats/{chat_id}/typing", "typing_stop", typing_indicators.stop_typing),
    ("POST", "/chats/{chat_id}/read", "read", chats.mark_read),
    (
        "POST",
        "/chats/{chat_id}/share_contact_card",
        "contact_card",
        contact_cards.share_contact_card,
    ),
    ("POST", "/chats/{chat_id}/messages", "messages_send", messages.send_message),
    ("GET", "/chats/{chat_id}/messages", "messages_list", messages.list_messages),
    ("POST", "/chats/{chat_id}/voicememo", "voicememo", voice_memos.send_voice_memo),
    ("POST", "/chats/{chat_id}/participants", "participant_add", groups.add_participant),
    ("DELETE", "/chats/{chat_id}/participants", "participant_remove", groups.remove_participant),
    ("POST", "/messages", "messages_create", messages.send_to_people),
    ("GET", "/messages/{message_id}", "message_get", messages.get_message),
    ("PATCH", "/messages/{message_id}", "message_edit", messages.edit_message),
    ("GET", "/messages/{message_id}/thread", "message_thread", messages.list_thread),
    ("POST", "/messages/{message_id}/reactions", "reaction", reactions.react),
    ("DELETE", "/messages/{message_id}", "message_delete", messages.delete_message),
    ("POST", "/webhook-subscriptions", "subscription_create", webhook_subscriptions.create),
    ("GET", "/webhook-subscriptions", "subscription_list", webhook_subscriptions.list_all),
    (
        "GET",
        "/webhook-subscriptions/{subscription_id}",
        "subscription_get",
        webhook_subscriptions.get,
    ),
    (
        "PUT",
        "/webhook-subscriptions/{subscription_id}",
        "subscription_update",
        webhook_subscriptions.update,
    ),
    (
        "DELETE",
        "/webhook-subscriptions/{subscription_id}",
        "subscription_delete",
        webhook_subscriptions.delete,
    ),
    ("GET", "/webhook-events", "webhook_events", webhook_subscriptions.list_event_types),
    ("POST", "/contact_card", "contact_card_create", contact_cards.create_contact_card),
    ("GET", "/contact_card", "contact_card_list", contact_cards.list_contact_cards),
    ("PATCH", "/contact_card", "contact_card_update", contact_cards.update_contact_card),
    ("GET", "/phone_numbers", "phone_numbers", phone_numbers.list_phone_numbers),
    ("GET", "/phonenumbers", "phonenumbers", phone_numbers.list_phonenumbers),
    ("GET", "/available_number", "available_number", phone_numbers.available_number),
    ("POST", "/capability/check_imessage", "check_imessage", capabilities.check_imessage),
    ("POST", "/capability/check_rcs", "check_rcs", capabilities.check_rcs),
    ("GET", "/blocked_handles", "blocked_list", blocked_handles.list_blocked),
    ("POST", "/blocked_handles", "blocked_add", blocked_handles.block),
    ("DELETE", "/blocked_handles", "blocked_remove", blocked_handles.unblock),
)

_STORAGE: tuple[tuple[str, str, str, Handler], ...] = (
    ("PUT", "/uploads/{attachment_id}", "upload", uploads.receive_upload),
    (
        "GET",
        "/cdn/attachments/partners/{partner_id}/{attachment_id}/{filename}",
        "download",
        cdn.download,
    ),
    ("GET", "/line.vcf", "vcard", contact_cards.download_vcard),
)

_CONTROL: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "/inbound", "control_inbound", inbound.receive_inbound),
    ("POST", "/outbound", "control_outbound", outbound.send_as_colleague),
    ("GET", "/state", "control_state", control.show_state),
    ("POST", "/reset", "control_reset", control.reset),
    ("POST", "/target", "control_target", control.set_target),
    ("POST", "/faults", "control_faults", control.add_faults),
    ("GET", "/faults", "control_faults", control.list_faults),
    ("DELETE", "/faults", "control_faults", control.clear_faults),
    ("DELETE", "/faults/{fault_id}", "control_faults", control.remove_fault),
    ("GET", "/events", "control_events", control.stream_events),
    ("GET", "/play/{attachment_id}", "control_play", cdn.play),
)

ENDPOINT_NAMES = frozenset(name for _, _, name, _ in API_ROUTES + _STORAGE)


def routes() -> list[BaseRoute]:
    """Every route of the sandbox."""
    found: list[BaseRoute] = []
    for method, path, name, handler in API_ROUTES:
        endpoint = Endpoint(name, handler)
        for prefix in ("/api/partner/v3", "/v3"):
            found.append(Route(prefix + path, endpoint, methods=[method]))
    for method, path, name, handler in _STORAGE:
        found.append(Route(path, OpenEndpoint(name, handler), methods=[method]))
    for method, path, name, handler in _CONTROL:
        found.append(Route("/_sandbox" + path, ControlEndpoint(name, handler), methods=[method]))
    found.append(Route("/", _page, methods=["GET"]))
    found.append(Mount("/static", _PageFiles()))
    return found


async def answer_unknown_path(_: Request, error: Exception) -> Response:
    """An address or method that does not exist, in the API's envelope."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    trace_id = uuid.uuid4().hex
    response = error_response(ApiError(1003, "No such endpoint", status=status), trace_id)
    response.headers["X-Trace-ID"] = trace_id
    return response


async def _page(_: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers=_PAGE_HEADERS)


class _PageFiles(StaticFiles):
    """The page's own files, and those that the console has, too; a browser asks each time whether
    they have changed."""

    def __init__(self) -> None:
        super().__init__(directory=_STATIC)
        self.all_directories.append(LOOK)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_PAGE_HEADERS)
        return response
