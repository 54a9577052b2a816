"""Control calls: what happened, what shall go wrong, and a fresh start."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields, check_url, read_json
from app.sandbox.clock import format_time
from app.sandbox.faults import API_KINDS, WEBHOOK_KINDS, Fault
from app.sandbox.page.views import chat_view, message_view, upload_view
from app.sandbox.state import newer


async def show_state(call: Call) -> Response:
    """GET /_sandbox/state: everything, or what concerns one `chat` (name or id).

    With `since` only those messages, uploads and deliveries that changed after that revision;
    `revision` of the answer is the next `since`.
    """
    state, courier = call.state, call.sandbox.courier
    since = _number(call, "since")
    wanted = call.request.query_params.get("chat")
    only = state.chat_named(wanted) if wanted is not None else None
    if wanted is not None and only is None:
        raise ApiError(2001)
    messages = [
        message_view(state.chats[message.chat_id], message)
        for message in state.changed_since(since)
        if only is None or message.chat_id == only.id
    ]
    attempts = [
        attempt.as_json()
        for attempt in newer(courier.attempts, since)
        if only is None or attempt.chat_id == only.id
    ]
    messages.sort(key=lambda view: int(view["number"]))
    chats = list(state.chats.values()) if only is None else [only]
    return JSONResponse(
        {
            "revision": state.revision,
            "started_at": format_time(call.sandbox.started_at),
            "line": call.sandbox.config.own_handle,
            "chats": [chat_view(chat) for chat in chats],
            "messages": messages,
            "memos": [
                view
                for view in messages
                if view["kind"] == "voice_memo" and view["direction"] == "outbound"
            ],
            "uploads": [upload_view(item) for item in newer(state.attachments.values(), since)],
            "deliveries": attempts,
            "deliveries_underway": len(courier.underway),
            "calls": dict(state.calls),
            "refusals": dict(state.refusals),
            "faults": [fault.as_json() for fault in call.sandbox.faults],
            "opted_out": list(state.opted_out),
            "blocked": list(state.blocked),
            "webhook_target": next(
                (item.target_url for item in courier.subscriptions.values() if item.built_in), None
            ),
            "dropped": {
                "chats": state.dropped_chats,
                "attachments": state.dropped_attachments,
                "deliveries": courier.given_up,
            },
        }
    )


async def reset(call: Call) -> Response:
    """POST /_sandbox/reset."""
    call.sandbox.reset()
    return Response(status_code=204)


async def set_target(call: Call) -> Response:
    """POST /_sandbox/target {url, secret?}: where the bot's webhooks go; url null: nowhere."""
    body = await read_json(call.request)
    secret = body.optional_text("secret")
    url = body.optional_text("url")
    if url is not None:
        check_url(url, "url")
    try:
        subscription = call.sandbox.point_at(url, secret)
    except ValueError as error:
        raise ApiError(1005, "secret is no signing secret") from error
    return JSONResponse({"subscription_id": subscription.id if subscription else None})


async def add_faults(call: Call) -> Response:
    """POST /_sandbox/faults: a fault, a list of faults, or {"faults": [...]}."""
    body = await read_json(call.request)
    asked = body.objects("faults", maximum=1000) if "faults" in body.values else [body]
    faults = [_fault(call, fields) for fields in asked]
    call.sandbox.faults.add(faults)
    _publish_faults(call)
    return JSONResponse({"faults": [fault.as_json() for fault in faults]}, status_code=201)


async def list_faults(call: Call) -> Response:
    """GET /_sandbox/faults."""
    return JSONResponse({"faults": [fault.as_json() for fault in call.sandbox.faults]})


async def clear_faults(call: Call) -> Response:
    """DELETE /_sandbox/faults."""
    call.sandbox.faults.clear()
    _publish_faults(call)
    return Response(status_code=204)


async def remove_fault(call: Call) -> Response:
    """DELETE /_sandbox/faults/{id}."""
    if not call.sandbox.faults.remove(call.request.path_params["fault_id"]):
        raise ApiError(1005, "There is no such fault", status=404)
    _publish_faults(call)
    return Response(status_code=204)


async def stream_events(call: Call) -> Response:
    """GET /_sandbox/events: the live feed, resumed after Last-Event-ID."""
    last = call.request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else None
    return StreamingResponse(
        call.sandbox.feed.stream(after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _publish_faults(call: Call) -> None:
    faults = [fault.as_json() for fault in call.sandbox.faults]
    call.sandbox.feed.publish("faults", {"faults": faults})


def _fault(call: Call, fields: Fields) -> Fault:
    endpoint, kind = fields.text("endpoint"), fields.text("kind")
    names = call.sandbox.endpoint_names | {"webhook", "*"}
    if endpoint not in names:
        raise ApiError(1005, f"endpoint must be one of {', '.join(sorted(names))}")
    kinds = WEBHOOK_KINDS if endpoint == "webhook" else API_KINDS
    if kind not in kinds:
        raise ApiError(1005, f"kind of {endpoint} must be one of {', '.join(kinds)}")
    values = {"endpoint": endpoint, "kind": kind, **_options(fields)}
    if "probability" in values and not fields.has("count"):
        values["count"] = None
    return Fault(**values)


def _options(fields: Fields) -> dict[str, Any]:
    """The fault's options that were given, checked."""
    options: dict[str, Any] = {}
    for name, minimum, maximum in (
        ("count", 1, 1_000_000),
        ("seed", 0, 2**63),
        ("skip", 0, 1_000_000),
        ("status", 400, 599),
        ("code", 1000, 9999),
        ("retry_after", 0, 3600),
    ):
        if fields.has(name):
            options[name] = fields.integer(name, minimum=minimum, maximum=maximum)
    for name, highest in (("probability", 1.0), ("seconds", 3600.0)):
        value = fields.values.get(name)
        if value is None:
            continue
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not 0 <= value <= highest
        ):
            raise ApiError(1005, f"{name} must be a number 0..{highest:g}")
        options[name] = float(value)
    for name in ("chat_id", "event_type", "message"):
        if fields.has(name):
            options[name] = fields.text(name)
    if (text := fields.optional_text("body")) is not None:
        options["body"] = text
    headers = fields.choice("headers", ("standard", "legacy", "both"))
    return options if headers is None else {**options, "headers": headers}


def _number(call: Call, name: str) -> int:
    text = call.request.query_params.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ApiError(1005, f"{name} must be a whole number")
    return int(text)
