"""Single fields of a webhook's JSON, whatever type they have: nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.linq.ids import is_id

Object = Mapping[str, Any]


def as_time(value: object) -> datetime | None:
    """RFC 3339, up to nanoseconds; without an offset it is taken as UTC. None if it is no time."""
    if not isinstance(value, str) or not value[:4].isdigit() or len(value) > 64:
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def as_object(value: object) -> Object:
    """`value`, or an empty object where it is none."""
    return value if isinstance(value, dict) else {}


def has(holder: Object, name: str) -> bool:
    """Whether a field is there with anything in it."""
    return holder.get(name) not in (None, "", False)


def as_flag(value: object) -> bool:
    """Only `true` is true."""
    return value is True


def as_whole(value: object, highest: int) -> int | None:
    """A whole number from 0 to `highest`."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= highest
    return value if isinstance(value, int) and fits else None


def as_id(value: Any) -> str:
    """`value`, or "" where it can be no id."""
    return value if is_id(value) else ""


def as_text(value: object, limit: int) -> str:
    """A string of at most `limit` characters, without NUL and lone surrogates, which no
    database takes."""
    if not isinstance(value, str):
        return ""
    text = value[:limit].replace("\0", "")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
