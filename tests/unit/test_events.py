"""Webhook bodies of both payload versions become one shape, however much Linq leaves out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.linq.events import (
    DeliveryUpdate,
    EditedMessage,
    InboundMessage,
    MalformedEvent,
    OtherEvent,
    Part,
    ReactionEvent,
    TypingEvent,
    normal_handle,
)
from app.linq.payloads import MAX_BODY_BYTES, MAX_PARTS, MAX_TEXT, parse_event
from tests.webhook_bodies import (
    ATTACHMENT,
    CHAT,
    CREATED,
    LINE,
    MEMO,
    MEMO_URL,
    MESSAGE,
    NOW,
    PERSON,
    envelope,
    handle,
    new_version,
    old_version,
)


def read(value: object, now: datetime = NOW) -> Any:
    return parse_event(json.dumps(value).encode(), now=now)


def message(value: object, now: datetime = NOW) -> InboundMessage:
    event = read(value, now)
    assert isinstance(event, InboundMessage)
    return event


@pytest.mark.parametrize(
    ("build", "version"), [(new_version, "2026-02-03"), (old_version, "2025-01-01")]
)
def test_a_text_reads_the_same_in_both_versions(build: Any, version: str) -> None:
    assert message(build()) == InboundMessage(
        event_id="5b0f2d4e-0d53-4c0e-9a55-2a6c1d1a7f10",
        message_id=MESSAGE,
        chat_id=CHAT,
        sender=PERSON,
        parts=(Part("text", text="What's the weather like?"),),
        own_handle=LINE,
        sent_at=datetime(2026, 10, 20, 9, 14, 2, 900_000, tzinfo=UTC),
        subscription_version=version,
        trace_id="9c1e2b7740d84f1f8d0a6f3be2a11c55",
    )


def test_a_voice_memo_reads_the_same_in_both_versions() -> None:
    expected = Part(
        "audio",
        attachment_id=ATTACHMENT,
        url=MEMO_URL,
        mime_type="audio/x-m4a",
        filename="Audio Message.m4a",
        size_bytes=48213,
    )
    assert message(new_version(parts=[MEMO])).audio == (expected,)
    assert message(old_version(message={"parts": [MEMO]})).audio == (expected,)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"mime_type": "audio/mp4"}, "audio"),
        ({"mime_type": "Audio/AMR; rate=8000"}, "audio"),
        ({"mime_type": None}, "audio"),
        ({"mime_type": None, "filename": None}, "audio"),
        ({"mime_type": None, "filename": "x.CAF"}, "audio"),
        ({"mime_type": "application/octet-stream"}, "audio"),
        ({"mime_type": "com.apple.coreaudio-format", "filename": "x.caf"}, "audio"),
        ({"mime_type": None, "filename": None, "url": "https://[broken/x.m4a"}, "media"),
        ({"mime_type": None, "filename": "cat.jpg"}, "media"),
        ({"mime_type": "image/jpeg"}, "media"),
        ({"mime_type": "video/mp4", "filename": "clip.m4a"}, "media"),
        ({"type": "voice_memo", "mime_type": None, "filename": None, "url": None}, "audio"),
        ({"type": "imessage_app"}, "other"),
        ({"type": "something_new"}, "other"),
        ({"type": None}, "other"),
    ],
)
def test_what_counts_as_a_voice_memo(changes: dict[str, Any], kind: str) -> None:
    assert [part.kind for part in message(new_version(parts=[MEMO | changes])).parts] == [kind]


def test_a_voice_memo_part_of_third_parties_is_read_with_its_other_names() -> None:
    part = {"type": "voice_memo", "attachment_id": ATTACHMENT, "url": MEMO_URL, "size": 12}
    (memo,) = message(new_version(parts=[part])).audio
    assert (memo.attachment_id, memo.size_bytes) == (ATTACHMENT, 12)


def test_several_parts_keep_their_order_and_text_and_links_make_the_text() -> None:
    parts = [
        {"type": "text", "value": "Look:"},
        {"type": "link", "value": "https://example.org"},
        MEMO,
        "not even an object",
        {"type": "text", "value": None},
        {"type": "text", "value": "Nice?"},
    ]
    event = message(new_version(parts=parts))
    assert [part.kind for part in event.parts] == ["text", "link", "audio", "text", "text"]
    assert event.text == "Look:\nhttps://example.org\nNice?"


@pytest.mark.parametrize(
    ("part", "mentioned"),
    [
        ({"mentions": [{"handle": LINE, "is_me": True, "range": [0, 8]}]}, True),
        ({"mentions": [{"handle": PERSON, "is_me": False}, {"handle": LINE}]}, True),
        ({"mentions": [{"handle": "+1 (312) 555-0100", "is_me": None}]}, True),
        ({"mentions": [{"handle": PERSON, "is_me": False}]}, False),
        ({"mentions": None, "mention": LINE, "mention_range": [0, 8]}, True),
        ({"mention": PERSON}, False),
        ({"mentions": "all", "mention": 3}, False),
        ({}, False),
    ],
)
def test_who_is_mentioned(part: dict[str, Any], mentioned: bool) -> None:
    event = message(new_version(parts=[{"type": "text", "value": "Bot, hi"} | part]))
    assert event.mentions_us is mentioned


def test_a_group_message_with_a_reply() -> None:
    chat = {"id": CHAT, "is_group": True, "owner_handle": None}
    reply = {"message_id": ATTACHMENT, "part_index": 0}
    event = message(new_version(chat=chat, reply_to=reply))
    assert (event.is_group, event.own_handle, event.reply_to) == (True, None, ATTACHMENT)
    assert message(old_version(is_group=True)).is_group


@pytest.mark.parametrize(
    "body",
    [
        new_version(direction="outbound", sender_handle=handle(LINE, is_me=True)),
        old_version(
            is_from_me=True,
            **{"from": LINE},
            from_handle=handle(LINE, is_me=True),
            recipient_handle=handle(PERSON, is_me=False),
        ),
    ],
)
def test_our_own_message_is_known_as_ours(body: dict[str, Any]) -> None:
    event = message(body)
    assert (event.direction, event.sender_is_us, event.own_handle) == ("outbound", True, LINE)


def test_a_sender_with_the_handle_of_the_line_is_us_even_without_the_flag() -> None:
    sender = handle(LINE, is_me=False) | {"is_me": None}
    assert message(new_version(sender_handle=sender)).sender_is_us


def test_the_older_version_is_read_by_its_deprecated_fields_where_only_these_are_there() -> None:
    event = message(
        old_version(
            from_handle=None,
            recipient_handle=None,
            recipient_phone=LINE,
            message={"sent_at": None},
        )
    )
    assert (event.sender, event.own_handle) == (PERSON, LINE)
    assert event.sent_at == datetime(2026, 10, 20, 9, 14, 2, 900_000, tzinfo=UTC)


@pytest.mark.parametrize("service", ["SMS", "RCS", "iMessage"])
def test_the_service_is_kept(service: str) -> None:
    assert message(new_version(service=service)).service == service


def test_recovered_and_zero_retention_messages_are_marked() -> None:
    event = message(
        new_version(reconciled_at="2026-10-20T11:00:00Z", zero_retention=True, parts=[])
    )
    assert (event.reconciled, event.zero_retention, event.parts) == (True, True, ())
    assert not message(new_version(reconciled_at=None)).reconciled
    assert message(old_version(message={"reconciled_at": "2026-10-20T11:00:00Z"})).reconciled


def test_the_ids_alone_are_enough() -> None:
    bare = {"event_type": "message.received", "data": {"id": "m1", "chat": {"id": "c1"}}}
    assert message(bare) == InboundMessage("", "m1", "c1", "", ())
    older = {"event_type": "message.received", "data": {"chat_id": "c1", "message": {"id": "m1"}}}
    assert message(older) == InboundMessage("", "m1", "c1", "", ())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-10-20T09:14:03.512884201Z", datetime(2026, 10, 20, 9, 14, 3, 512_884, tzinfo=UTC)),
        ("2026-10-20T09:14:03Z", datetime(2026, 10, 20, 9, 14, 3, tzinfo=UTC)),
        ("2026-10-20T11:14:03+02:00", datetime(2026, 10, 20, 9, 14, 3, tzinfo=UTC)),
        ("2026-10-20T09:14:03", datetime(2026, 10, 20, 9, 14, 3, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:00", None),
        ("yesterday", None),
        ("", None),
        (1_760_000_000, None),
    ],
)
def test_times(written: object, expected: datetime | None) -> None:
    assert message(new_version(sent_at=written) | {"created_at": None}).sent_at == expected


@pytest.mark.parametrize("build", [new_version, old_version])
def test_without_a_time_of_its_own_a_message_has_the_event_s(build: Any) -> None:
    gone: dict[str, Any] = {"sent_at": None, "received_at": None}
    body = build(**gone, message=gone) if build is old_version else build(**gone)
    assert message(body).sent_at == CREATED


@pytest.mark.parametrize(
    ("sent", "created", "expected"),
    [
        # What clocks may differ by is left.
        ("2026-10-20T09:16:00Z", "2026-10-20T09:14:03Z", "2026-10-20T09:16:00Z"),
        # Later than the event that tells of it, by more than that.
        ("2027-10-20T09:14:02Z", "2026-10-20T09:14:03Z", "2026-10-20T09:14:03Z"),
        ("9999-12-31T23:59:59Z", "2026-10-20T09:14:03Z", "2026-10-20T09:14:03Z"),
        # The event is dated ahead, too: our clock counts.
        ("2027-10-20T09:14:02Z", "2027-10-20T09:14:03Z", "2026-10-20T09:14:05Z"),
        ("2027-10-20T09:14:02Z", None, "2026-10-20T09:14:05Z"),
        (None, "2027-10-20T09:14:03Z", "2026-10-20T09:14:05Z"),
        # A late delivery keeps its time.
        ("2026-10-20T08:00:00Z", "2026-10-20T08:00:01Z", "2026-10-20T08:00:00Z"),
    ],
)
def test_no_message_is_from_the_future(
    sent: str | None, created: str | None, expected: str
) -> None:
    event = message(new_version(sent_at=sent) | {"created_at": created})
    assert event.sent_at == datetime.fromisoformat(expected)


@pytest.mark.parametrize("kind", ["sent", "delivered", "read"])
def test_a_delivery_update_names_message_and_attachments_in_both_versions(kind: str) -> None:
    times = {"sent_at": "2026-10-20T09:14:02Z", "delivered_at": "2026-10-20T09:14:03Z"}
    times |= {"read_at": "2026-10-20T09:14:04Z"}
    second = {"sent": 2, "delivered": 3, "read": 4}[kind]
    new = new_version(f"message.{kind}", direction="outbound", parts=[MEMO], **times)
    old = old_version(f"message.{kind}", is_from_me=True, message={"parts": [MEMO], **times})
    for body in (new, old):
        assert read(body) == DeliveryUpdate(
            event_id="5b0f2d4e-0d53-4c0e-9a55-2a6c1d1a7f10",
            kind=kind,  # type: ignore[arg-type]
            message_id=MESSAGE,
            chat_id=CHAT,
            at=datetime(2026, 10, 20, 9, 14, second, tzinfo=UTC),
            attachment_ids=(ATTACHMENT,),
            filenames=("Audio Message.m4a",),
            is_audio=True,
        )


def test_a_failure_carries_its_code_and_reason() -> None:
    data = {
        "chat_id": CHAT,
        "message_id": MESSAGE,
        "code": 4001,
        "reason": "Message delivery failed",
        "detail_code": 7,
        "failed_at": "2026-10-20T09:20:59.500Z",
    }
    event = read(envelope("message.failed", "2026-02-03", data))
    assert (event.kind, event.message_id, event.chat_id) == ("failed", MESSAGE, CHAT)
    assert (event.code, event.reason) == (4001, "Message delivery failed")
    assert event.at == datetime(2026, 10, 20, 9, 20, 59, 500_000, tzinfo=UTC)


def test_an_update_without_a_time_of_its_own_takes_the_event_s() -> None:
    event = read(envelope("message.failed", "2026-02-03", {"message_id": MESSAGE}))
    assert event.at == datetime(2026, 10, 20, 9, 14, 3, 512_884, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        new_version("message.read", direction="inbound"),
        old_version("message.read", is_from_me=False),
        envelope("message.failed", "2026-02-03", {"code": 4001}),
    ],
)
def test_an_update_of_no_message_of_ours_asks_nothing(body: dict[str, Any]) -> None:
    assert isinstance(read(body), OtherEvent)


def test_an_edit_is_told_from_a_new_message() -> None:
    body = new_version("message.edited", part={"index": 0, "text": "What is the weather?"})
    assert read(body) == EditedMessage(
        body["event_id"], MESSAGE, CHAT, "What is the weather?", sender_is_us=False
    )


@pytest.mark.parametrize(
    "event_type", ["reaction.added", "chat.typing_indicator.started", "poll.received", "brand.new"]
)
def test_other_events_ask_nothing(event_type: str) -> None:
    assert read(envelope(event_type, "2026-02-03", None)) == OtherEvent(
        "5b0f2d4e-0d53-4c0e-9a55-2a6c1d1a7f10", event_type
    )


@pytest.mark.parametrize(("what", "is_typing"), [("started", True), ("stopped", False)])
def test_who_types_is_told_from_the_bot_that_does(what: str, is_typing: bool) -> None:
    def typing(**data: object) -> object:
        event_type = f"chat.typing_indicator.{what}"
        return read(envelope(event_type, "2026-02-03", {"chat_id": CHAT, **data}))

    person = {"id": "h1", "handle": "+13125550177", "is_me": False}
    found = typing(actor_handle=person)
    assert isinstance(found, TypingEvent)
    assert (found.chat_id, found.is_typing) == (CHAT, is_typing)
    assert isinstance(typing(actor_handle={**person, "is_me": True}), OtherEvent)
    assert isinstance(typing(), OtherEvent)


@pytest.mark.parametrize(("what", "is_added"), [("added", True), ("removed", False)])
def test_a_tapback_of_a_person_is_told_from_our_own(what: str, is_added: bool) -> None:
    def reaction(**data: object) -> object:
        said = {"chat_id": CHAT, "message_id": MESSAGE, "reaction_type": "dislike", **data}
        return read(envelope(f"reaction.{what}", "2026-02-03", said))

    person = {"id": "h1", "handle": PERSON, "is_me": False}
    found = reaction(is_from_me=False, from_handle=person)
    assert isinstance(found, ReactionEvent)
    assert (found.chat_id, found.message_id) == (CHAT, MESSAGE)
    assert (found.kind, found.is_added) == ("dislike", is_added)
    assert isinstance(reaction(is_from_me=True), OtherEvent)
    assert isinstance(reaction(from_handle={**person, "is_me": True}), OtherEvent)
    assert isinstance(reaction(is_from_me=False, message_id=None), OtherEvent)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[]", "not a JSON object"),
        (b"{}", "no event_type"),
        (b'{"event_type": 7}', "no event_type"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"event_type":"x","data":' + b"1" * 5000 + b"}", "not JSON"),
        (b" " * MAX_BODY_BYTES + b"{}", "too long"),
    ],
)
def test_malformed_bodies_say_what_is_wrong(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedEvent, match=reason):
        parse_event(body)


@pytest.mark.parametrize(
    "bad", [None, "", 7, "a" * 129, "a/b", ".", "..", "…/", "a b", "a\nb", "a\0", "ä", "?x"]
)
def test_a_message_that_cannot_be_told_from_others_is_malformed(bad: object) -> None:
    with pytest.raises(MalformedEvent, match="message id"):
        read(new_version(id=bad))
    with pytest.raises(MalformedEvent, match="chat id"):
        read(new_version(chat={"id": bad}))


def test_long_input_is_cut() -> None:
    parts = [{"type": "text", "value": "x" * (MAX_TEXT + 1)}] + [{"type": "text"}] * 150
    event = message(new_version(parts=parts))
    assert len(event.parts) == MAX_PARTS
    assert len(event.parts[0].text) == MAX_TEXT


@pytest.mark.parametrize("character", ["x", '"', "ﷺ", "😀"])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_longest_message_of_linq_is_taken_and_its_text_bounded(
    character: str, ascii_only: bool
) -> None:
    length = 10_000 // (2 if character > "\uffff" else 1)  # of UTF-16 code units
    mentions = [{"handle": PERSON, "is_me": False, "range": [0, 8]}]
    part = {"type": "text", "value": character * length, "mentions": mentions}
    body = json.dumps(new_version(parts=[part] * MAX_PARTS), ensure_ascii=ascii_only).encode()
    assert len(body) <= MAX_BODY_BYTES
    event = parse_event(body, now=NOW)
    assert isinstance(event, InboundMessage)
    assert len(event.parts) == MAX_PARTS
    assert event.text.startswith(character * length)
    assert sum(len(part.text) for part in event.parts) == MAX_TEXT


def test_links_count_like_text() -> None:
    parts = [{"type": "link", "value": "https://example.org/" + "x" * 9_000}] * MAX_PARTS
    event = message(new_version(parts=parts))
    assert sum(len(part.text) for part in event.parts) == MAX_TEXT


def test_characters_that_no_database_takes_are_dropped() -> None:
    body = json.dumps(new_version(parts=[{"type": "text", "value": "a\0b\ud800c😀"}])).encode()
    event = parse_event(body, now=NOW)
    assert isinstance(event, InboundMessage)
    assert event.text == "ab�c😀"


@pytest.mark.parametrize("size", [-1, True, "12", 10**30, None])
def test_a_size_that_is_none_is_left_out(size: object) -> None:
    (part,) = message(new_version(parts=[MEMO | {"size_bytes": size}])).parts
    assert part.size_bytes is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" +1 (312) 555-0177 ", "+13125550177"),
        ("tel:+1312", "+1312"),
        ("+1312*", "+1312*"),
        ("Friend@Example.ORG", "friend@example.org"),
        ("*@Example.org", "*@example.org"),
        ("Support2", "support2"),
        ("mailto:A@b.c", "a@b.c"),
        (" - ", ""),
        ("", ""),
    ],
)
def test_handles_are_compared_in_one_form(written: str, expected: str) -> None:
    assert normal_handle(written) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PATHS = [
    path
    for body in (new_version(), old_version(), new_version("message.read", direction="outbound"))
    for path in [
        ("data",),
        *(("data", key) for key in body["data"]),
        *(
            ("data", key, inner)
            for key, value in body["data"].items()
            if isinstance(value, dict)
            for inner in value
        ),
    ]
]


@given(
    build=st.sampled_from([new_version, old_version]),
    event_type=st.sampled_from(["message.received", "message.sent", "message.edited"]),
    path=st.sampled_from(PATHS),
    value=JSON,
)
def test_whatever_stands_in_a_field_the_event_is_read_or_called_malformed(
    build: Any, event_type: str, path: tuple[str, ...], value: object
) -> None:
    body = build(event_type)
    holder = body
    for key in path[:-1]:
        holder = holder.setdefault(key, {})
    holder[path[-1]] = value
    try:
        event = read(body)
    except MalformedEvent:
        return
    if isinstance(event, InboundMessage):
        event.text.encode()
        assert event.message_id
        assert event.chat_id


@given(st.binary())
def test_arbitrary_bytes_never_crash_the_parser(body: bytes) -> None:
    with pytest.raises(MalformedEvent):
        parse_event(body)


@given(st.lists(JSON, max_size=5))
def test_arbitrary_parts_never_crash_the_parser(parts: list[object]) -> None:
    message(new_version(parts=parts))
