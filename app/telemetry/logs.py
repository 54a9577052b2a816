"""One line per event, in a form for people or for machines."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal, TextIO, cast

import structlog

from app.telemetry.repeats import RepeatLimit
from app.telemetry.stream import UnfailingStream

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Characters that steer a terminal or turn the direction of its text, and halves of characters,
which no output can encode."""

_UNSAFE_BUT_BREAKS = re.compile(f"(?![\\t\\n]){_UNSAFE.pattern}")


def configure_logging(
    form: Literal["console", "json"], level: str, stream: TextIO = sys.stdout
) -> None:
    """Log to standard output by default, where platforms collect it.

    Warnings that repeat are held back after ten a minute, and counted; see `RepeatLimit`. What
    cannot be written is lost; whoever logs does not notice.
    """
    lines = cast(TextIO, UnfailingStream(stream))
    repeats = RepeatLimit(lambda event, told: structlog.get_logger().warning(event, **told))
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_empty,
    ]
    # Plain tracebacks: the fancy ones show local variables, and so what people wrote.
    end: list[Any] = [structlog.processors.format_exc_info]
    if form == "json":
        end.append(structlog.processors.JSONRenderer())
    else:
        end.append(_without_control_characters)
        end.append(
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        )
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, repeats, *shared, *end],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(lines),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module: the same form, and only what matters.
    handler = logging.StreamHandler(lines)
    handler.addFilter(repeats.admits_record)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(numeric, logging.WARNING))
    for name in ("dbos", "uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        library.setLevel(logging.WARNING)


def masked(handle: str) -> str:
    """A number or address with its middle hidden: `+1312…77`, `a…@example.org`."""
    if "@" in handle:
        name, _, host = handle.partition("@")
        return f"{name[:1]}…@{host}"
    return f"{handle[:5]}…{handle[-2:]}" if len(handle) > 7 else "…"


def _without_empty(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if value is not None}


def _without_control_characters(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """What comes from outside must neither steer the terminal of who reads nor begin a line."""
    shown: dict[str, Any] = {}
    for key, value in event.items():
        # A traceback has lines of its own.
        unsafe = _UNSAFE_BUT_BREAKS if key in ("exception", "stack") else _UNSAFE
        shown[key] = unsafe.sub(_escaped, value) if isinstance(value, str) else value
    return shown


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
