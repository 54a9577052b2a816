"""The circuit breaker: a failing engine is paused, and tried again later."""

from __future__ import annotations

import pytest

from app.speech.circuit_breaker import CircuitBreaker
from app.speech.errors import EngineError, FailureKind


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(max_failures=3, pause_seconds=30.0, clock=clock)


def fail(breaker: CircuitBreaker, kind: FailureKind = "bad_response", times: int = 1) -> None:
    for _ in range(times):
        assert breaker.enter()
        breaker.failed(EngineError(kind, "as scripted"))


def test_some_bad_answers_do_not_stop_an_engine(breaker: CircuitBreaker) -> None:
    fail(breaker, times=2)
    assert breaker.enter()
    breaker.succeeded()
    fail(breaker, times=2)
    assert breaker.enter()


def test_repeated_failures_open_it_for_a_while(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, times=3)
    assert not breaker.enter()
    assert breaker.open_seconds == 30.0
    clock.now += 29.9
    assert not breaker.enter()
    clock.now += 0.2
    assert breaker.enter()


@pytest.mark.parametrize("kind", ["quota", "unauthorized", "configuration", "timeout", "network"])
def test_what_will_not_pass_at_once_opens_it_at_once(
    breaker: CircuitBreaker, kind: FailureKind
) -> None:
    fail(breaker, kind)
    assert not breaker.enter()
    assert breaker.reason == kind


@pytest.mark.parametrize("kind", ["unsupported_language", "no_words"])
def test_what_lies_in_the_text_is_not_held_against_the_engine(
    breaker: CircuitBreaker, kind: FailureKind
) -> None:
    fail(breaker, kind, times=10)
    assert breaker.enter()


def test_one_trial_at_a_time_decides(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, "quota")
    clock.now += 121
    assert breaker.enter()
    assert not breaker.enter()
    breaker.succeeded()
    assert breaker.enter()
    assert breaker.enter()
    assert breaker.reason is None


def test_a_trial_that_fails_doubles_the_pause_up_to_the_longest(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, times=3)
    waited = []
    for _ in range(8):
        waited.append(breaker.open_seconds)
        clock.now += breaker.open_seconds + 0.1
        fail(breaker)
    assert waited == pytest.approx([30, 60, 120, 240, 480, 900, 900, 900])


def test_a_trial_that_was_given_up_leaves_room_for_another(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, "quota")
    clock.now += 121
    assert breaker.enter()
    breaker.abandoned()
    assert breaker.enter()


def test_the_pause_that_the_service_asks_for_is_kept(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.failed(EngineError("quota", "HTTP 429", retry_after_seconds=240.0))
    clock.now += 239
    assert not breaker.enter()
    clock.now += 2
    assert breaker.enter()


def test_a_service_cannot_ask_for_a_pause_without_end(breaker: CircuitBreaker) -> None:
    breaker.failed(EngineError("quota", "HTTP 429", retry_after_seconds=1e9))
    assert breaker.open_seconds == 900.0
