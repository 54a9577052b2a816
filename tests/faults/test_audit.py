"""The audit finds what it is there to find; else a soak that passes would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.audit import audit
from tests.faults.counting_voice import count_in, seconds

Json = dict[str, Any]


def asked(count: int, at: str, ended_ms: float = 5.0, status: int | None = 200) -> list[Json]:
    """Message `count`, delivered at a second of 2026-01-01T00:00, as the delivery log has it."""
    message = {
        "chat": "one",
        "id": f"m{count}",
        "inbound_number": count,
        "accepted_number": None,
        "memo": None,
        "text": "",
    }
    delivery = {
        "event_type": "message.received",
        "message_id": f"m{count}",
        "at": f"2026-01-01T00:00:{at}+00:00",
        "elapsed_ms": ended_ms,
        "status": status,
    }
    return [message, delivery]


def answered(number: int, count: int, *, text: bool = False, failed: bool = False) -> Json:
    """The chat's `number`-th answer, to message `count`."""
    return {
        "chat": "one",
        "id": f"a{number}",
        "inbound_number": None,
        "accepted_number": number,
        "memo": None if text else {"probe": {"duration": seconds(count) + 0.3}},
        "text": "beep " * count,
        "delivery_status": "failed" if failed else "sent",
    }


def kinds(questions: list[list[Json]], answers: list[Json]) -> list[str]:
    state = {
        "messages": [message for message, _ in questions] + answers,
        "deliveries": [delivery for _, delivery in questions],
    }
    return [offence.kind for offence in audit(state).offences]


ONE, TWO, THREE = asked(1, "01.000"), asked(2, "02.000"), asked(3, "03.000")


@pytest.mark.parametrize(
    ("answers", "offences"),
    [
        ([answered(1, 1), answered(2, 2), answered(3, 3)], []),
        ([answered(1, 1), answered(2, 3)], ["lost"]),
        ([answered(1, 1), answered(2, 2), answered(3, 3), answered(4, 3)], ["twice"]),
        ([answered(1, 1), answered(2, 1), answered(3, 2), answered(4, 3)], ["twice"]),
        ([answered(1, 2), answered(2, 1), answered(3, 3)], ["out of order"]),
        ([answered(1, 3), answered(2, 1), answered(3, 2)], ["out of order"] * 2),
        ([answered(1, 1), answered(2, 2), answered(3, 3), answered(4, 4)], ["unasked"]),
        # A text in place of a memo, and one after a memo that could not be delivered.
        ([answered(1, 1), answered(2, 2, text=True), answered(3, 3)], []),
        (
            [
                answered(1, 1, failed=True),
                answered(2, 2),
                answered(3, 1, text=True),
                answered(4, 3),
            ],
            [],
        ),
        ([answered(1, 1, failed=True), answered(2, 2), answered(3, 3)], ["lost"]),
        # Both, though the memo arrived.
        (
            [answered(1, 1), answered(2, 1, text=True), answered(3, 2), answered(4, 3)],
            ["twice"],
        ),
    ],
)
def test_what_three_messages_became(answers: list[Json], offences: list[str]) -> None:
    assert kinds([ONE, TWO, THREE], answers) == offences


def test_a_message_that_came_later_may_be_answered_later() -> None:
    late = asked(1, "05.000")
    assert kinds([late, TWO], [answered(1, 2), answered(2, 1)]) == []
    assert kinds([late, TWO], [answered(1, 1), answered(2, 2)]) == []


def test_a_message_that_may_have_come_in_before_its_acknowledgement_is_not_blamed() -> None:
    # The process died after it had stored the second message, and before it could say so.
    unsaid = asked(2, "00.500", status=None)
    assert kinds([ONE, unsaid], [answered(1, 2), answered(2, 1)]) == []


@pytest.mark.parametrize("count", range(1, 40))
def test_the_length_of_a_memo_tells_its_message(count: int) -> None:
    # A memo has up to 0.4 s of silence around it, and its codec adds a little.
    assert count_in(seconds(count) + 0.02) == count
    assert count_in(seconds(count) + 0.45) == count
