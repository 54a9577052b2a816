"""What the log shows: no steering of the terminal, and nothing a thousand times."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
import structlog

from app.telemetry import configure_logging, describe
from app.telemetry.repeats import LINES_PER_WINDOW, MAX_KINDS, WINDOW_SECONDS, RepeatLimit


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def console() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("console", "info", stream)
    return stream


@pytest.fixture
def json_lines() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("json", "info", stream)
    return stream


HOSTILE = "a\x1b[2J\x9b31m\u202eb\u2066\r\nc\x00"


def test_the_console_is_not_steered_by_what_others_wrote(console: io.StringIO) -> None:
    structlog.get_logger().warning(HOSTILE, cause=HOSTILE.replace("\r\n", ""), also=HOSTILE)
    logging.getLogger("library").warning("said %s", HOSTILE)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed, too")
    shown = console.getvalue()
    assert not set(shown) & set(HOSTILE) - set("a[2J31mb\nc")
    assert shown.count("\\x1b[2J\\x9b31m\\u202eb\\u2066") == 6
    assert "Traceback (most recent call last):\n" in shown


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_full_disk_fails_the_log_and_nobody_who_logs(form: Literal["console", "json"]) -> None:
    with contextlib.suppress(OSError), open("/dev/full", "w") as stream:  # to close it fails
        configure_logging(form, "info", stream)
        for _ in range(100):
            structlog.get_logger().info("answer sent", text="a" * 1_000)
            logging.getLogger("library").warning("said")
        said = True
    assert said


def test_half_a_character_is_shown_escaped(console: io.StringIO) -> None:
    structlog.get_logger().warning("refused", cause="\ud83c")
    assert "\\ud83c" in console.getvalue().encode().decode()


def test_nobody_can_begin_a_line_of_the_console(console: io.StringIO) -> None:
    structlog.get_logger().warning("refused\nforged line", cause="x\nforged line")
    logging.getLogger("library").warning("refused\nforged line")
    assert not [one for one in console.getvalue().splitlines() if one.startswith("forged")]


def refuse(times: int) -> None:
    for number in range(times):
        structlog.get_logger().warning("webhook refused", reason="no_signature", detail=number)


def test_a_warning_that_repeats_is_held_back(json_lines: io.StringIO) -> None:
    refuse(1000)
    assert json_lines.getvalue().count("webhook refused") == LINES_PER_WINDOW


def test_warnings_of_libraries_are_held_back_whatever_numbers_they_tell(
    json_lines: io.StringIO,
) -> None:
    for number in range(1000):
        logging.getLogger("asyncio").error(f"socket.accept() failed\nsocket: fd={number}")
        logging.getLogger("other").error("connection %d broke", number)
        logging.getLogger("third").error(f"request {number} broke")
    shown = json_lines.getvalue()
    for word in ("socket.accept", "connection", "request"):
        assert shown.count(word) == LINES_PER_WINDOW


def test_each_reason_is_counted_apart(json_lines: io.StringIO) -> None:
    refuse(100)
    structlog.get_logger().warning("webhook refused", reason="too_large")
    assert "too_large" in json_lines.getvalue()


def test_what_became_of_a_message_is_always_told(json_lines: io.StringIO) -> None:
    for number in range(100):
        structlog.get_logger().error("answer failed", reason="upload")
        structlog.get_logger().warning("could not be heard", answer=f"answer:{number}")
        structlog.get_logger().warning("message not delivered", message=str(number))
        structlog.get_logger().info("message accepted")
    assert len(json_lines.getvalue().splitlines()) == 400


class Clock:
    """Time that passes when told to, and then calls what was to be called."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[tuple[float, Callable[[], None]]] = []
        self.told: list[tuple[str, object, object]] = []
        self.limit = RepeatLimit(
            lambda event, told: self.told.append((event, told["reason"], told["repeated"])),
            lambda: self.now,
            lambda seconds, call: self.waiting.append((self.now + seconds, call)),
        )

    def passes(self, seconds: float) -> None:
        self.now += seconds
        due = [one for one in self.waiting if one[0] <= self.now]
        self.waiting = [one for one in self.waiting if one[0] > self.now]
        for _, call in due:
            call()


def test_what_was_held_back_is_told_as_one_line_with_its_count() -> None:
    clock = Clock()
    passed = [clock.limit.admits(("refused", "busy")) for _ in range(LINES_PER_WINDOW + 213)]
    assert sum(passed) == LINES_PER_WINDOW
    assert clock.told == []
    clock.passes(WINDOW_SECONDS)
    assert clock.told == [("refused", "busy", 213)]
    assert clock.limit.admits(("refused", "busy")), "a new minute has begun"
    clock.passes(WINDOW_SECONDS)
    assert len(clock.told) == 1, "nothing was held back in it"


def test_the_count_itself_is_shown(json_lines: io.StringIO) -> None:
    logger = structlog.get_logger()
    for _ in range(100):
        logger.warning("refused", reason="busy", repeated=213, seconds=60)
    assert len(json_lines.getvalue().splitlines()) == 100


def test_kinds_without_end_are_held_back_too() -> None:
    clock = Clock()
    passed = sum(clock.limit.admits((f"kind {number}", "")) for number in range(10 * MAX_KINDS))
    assert passed <= MAX_KINDS + LINES_PER_WINDOW
    clock.passes(WINDOW_SECONDS)
    assert clock.told == [("other warnings", None, 9 * MAX_KINDS - LINES_PER_WINDOW)]
    assert clock.limit.admits(("kind 9999", ""))


def test_an_unexpected_exception_is_told_without_its_words(json_lines: io.StringIO) -> None:
    try:
        json.loads("my secret words")
    except ValueError as error:
        structlog.get_logger().error("failed", **describe(error))
    line = json.loads(json_lines.getvalue())
    assert line["error"] == "JSONDecodeError"
    assert line["at"].startswith("decoder.py:")
    assert "test_log_lines.py" in line["at"]
    assert "secret" not in json_lines.getvalue()
