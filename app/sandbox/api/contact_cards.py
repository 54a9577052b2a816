"""Contact cards: the name and photo of a line, shared with a chat, and as a vCard."""

from __future__ import annotations

import time
from collections import deque

from starlette.responses import JSONResponse, Response

from app.sandbox.api.chats import find_joined_chat
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields, check_address, read_json
from app.sandbox.records import ContactCard

_SHARE_SECONDS = 300.0  # between two shares with one chat
_WRITE_SECONDS = 600.0
_MAX_WRITES = 3


async def create_contact_card(call: Call) -> Response:
    """POST /v3/contact_card; 409/2014 when the line has one."""
    body = await read_json(call.request)
    line = _own_line(call, body)
    first_name = body.text("first_name", max_length=100)
    last_name, image_url = _optional(body)
    _limit_writes(call, line)
    if line in call.state.contact_cards:
        raise ApiError(2014)
    card = ContactCard(line, first_name, last_name, image_url)
    call.state.contact_cards[line] = card
    return JSONResponse(_card_json(card))


async def list_contact_cards(call: Call) -> Response:
    """GET /v3/contact_card, all or those of `phone_number`."""
    wanted = call.request.query_params.get("phone_number")
    cards = [
        _card_json(card)
        for card in call.state.contact_cards.values()
        if wanted is None or card.phone_number == wanted
    ]
    return JSONResponse({"contact_cards": cards})


async def update_contact_card(call: Call) -> Response:
    """PATCH /v3/contact_card?phone_number=...: what is left out of the body stays."""
    body = await read_json(call.request)
    line = _own_line(call, Fields(dict(call.request.query_params)))
    first_name = body.optional_text("first_name", max_length=100)
    last_name, image_url = _optional(body)
    _limit_writes(call, line)
    card = call.state.contact_cards.get(line)
    if card is None:
        raise ApiError(2012)
    card.first_name = first_name or card.first_name
    card.last_name = card.last_name if last_name is None else last_name
    card.image_url = card.image_url if image_url is None else image_url
    return JSONResponse(_card_json(card))


async def share_contact_card(call: Call) -> Response:
    """POST /v3/chats/{id}/share_contact_card, at most once in five minutes.

    404/2012 without a card; 409/2015 before the line has written in the chat. That it must have
    is documented, the code is not.
    """
    chat = find_joined_chat(call)
    if chat.me.address not in call.state.contact_cards:
        raise ApiError(2012)
    if not any(message.direction == "outbound" for message in chat.timeline):
        raise ApiError(2015, "Send a message in this chat before sharing the contact card")
    moment = time.monotonic()
    if chat.contact_card_at is not None and moment < chat.contact_card_at + _SHARE_SECONDS:
        wait = chat.contact_card_at + _SHARE_SECONDS - moment
        raise ApiError(1007, retry_after=int(wait) + 1)
    chat.contact_card_at = moment
    return Response(status_code=204)


async def download_vcard(call: Call) -> Response:
    """GET /line.vcf: the line as a contact, to which `vcf_url` points."""
    line = call.sandbox.config.own_handle
    card = call.state.contact_cards.get(line)
    first, last = (card.first_name, card.last_name or "") if card else ("Voice Memo Bot", "")
    rows = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:{_escape(last)};{_escape(first)};;;",
        f"FN:{_escape(f'{first} {last}'.strip())}",
        f"TEL;TYPE=CELL,PREF:{line}",
        *([f"PHOTO;VALUE=URI:{_escape(card.image_url)}"] if card and card.image_url else []),
        "END:VCARD",
        "",
    ]
    headers = {"Content-Disposition": 'attachment; filename="line.vcf"'}
    return Response("\r\n".join(rows), media_type="text/vcard", headers=headers)


def _own_line(call: Call, body: Fields) -> str:
    line = check_address(body.text("phone_number"))
    if line != call.sandbox.config.own_handle:
        raise ApiError(2019)
    return line


def _optional(body: Fields) -> tuple[str | None, str | None]:
    return (
        body.optional_text("last_name", max_length=100),
        body.optional_text("image_url", max_length=2048),
    )


def _limit_writes(call: Call, line: str) -> None:
    """POST and PATCH share three calls in ten minutes for each line."""
    moment = time.monotonic()
    times = call.state.contact_card_writes.setdefault(line, deque())
    while times and times[0] <= moment - _WRITE_SECONDS:
        times.popleft()
    if len(times) >= _MAX_WRITES:
        raise ApiError(1007, retry_after=int(times[0] + _WRITE_SECONDS - moment) + 1)
    times.append(moment)


def _card_json(card: ContactCard) -> dict[str, object]:
    return {
        "phone_number": card.phone_number,
        "first_name": card.first_name,
        "last_name": card.last_name,
        "image_url": card.image_url,
        "is_active": True,
    }


def _escape(text: str) -> str:
    """Text of a vCard, where commas, semicolons and line ends have a meaning (RFC 2426)."""
    for character in "\\,;":
        text = text.replace(character, "\\" + character)
    return text.replace("\r", "").replace("\n", "\\n")
