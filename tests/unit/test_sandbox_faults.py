"""Faults apply when and as often as their script says."""

from __future__ import annotations

from app.sandbox.faults import Fault, FaultRegistry


def triggered(fault: Fault, calls: int, endpoint: str = "voicememo") -> list[bool]:
    registry = FaultRegistry()
    registry.add([fault])
    return [registry.trigger(endpoint, chat_id="c1") is not None for _ in range(calls)]


def test_a_fault_applies_once_unless_told_otherwise() -> None:
    assert triggered(Fault("voicememo", "hang"), 3) == [True, False, False]


def test_a_count_and_a_number_of_calls_to_skip() -> None:
    assert triggered(Fault("voicememo", "hang", count=2, skip=1), 5) == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_probability_is_the_same_in_every_run() -> None:
    first, second = (
        triggered(Fault("voicememo", "hang", count=None, probability=0.1, seed=7), 2000)
        for _ in range(2)
    )
    assert first == second
    assert 120 < sum(first) < 280


def test_other_endpoints_and_other_chats_are_spared() -> None:
    assert triggered(Fault("upload", "hang"), 1) == [False]
    assert triggered(Fault("voicememo", "hang", chat_id="c2"), 1) == [False]
    assert triggered(Fault("voicememo", "hang", chat_id="c1"), 1) == [True]


def test_a_star_means_every_call_but_no_webhook() -> None:
    assert triggered(Fault("*", "hang"), 1) == [True]
    assert triggered(Fault("*", "hang"), 1, endpoint="webhook") == [False]


def test_webhook_faults_can_pick_an_event_type() -> None:
    registry = FaultRegistry()
    registry.add([Fault("webhook", "late", event_type="message.received")])
    assert registry.trigger("webhook", event_type="message.sent") is None
    assert registry.trigger("webhook", event_type="message.received") is not None
