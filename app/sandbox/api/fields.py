"""Reading JSON bodies and query parameters as strictly as Linq documents them.

Unknown members are ignored, as Linq's own clients send some that it has dropped.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from starlette.requests import Request

from app.sandbox.api.errors import ApiError
from app.sandbox.bounded_body import BodyTooLargeError, read_bounded

_MAX_BODY = 1024 * 1024
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


async def read_json(request: Request, limit: int = _MAX_BODY) -> Fields:
    """The request's JSON object; an empty body counts as an empty object.

    Raises ApiError 413 past `limit` bytes, 400/1003 when the body is no JSON object.
    """
    try:
        body = await read_bounded(request.stream(), limit)
    except BodyTooLargeError as error:
        raise ApiError(1003, "Request body is too large", status=413) from error
    try:
        value = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise ApiError(1003, "Request body is not valid JSON") from error
    if not isinstance(value, dict):
        raise ApiError(1003, "Request body must be a JSON object")
    return Fields(value)


class Fields:
    """Typed access to the members of a JSON object; `path` names it in messages."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self.values = values
        self._path = path

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self.values.get(name) is not None

    def text(self, name: str, *, max_length: int = 10_000) -> str:
        """A required, non-empty string."""
        if not self.has(name):
            raise ApiError(1001, f"{self._path}{name} is required")
        value = self.optional_text(name, max_length=max_length)
        if not value:
            raise ApiError(1005, f"{self._path}{name} must not be empty")
        return value

    def optional_text(self, name: str, *, max_length: int = 10_000) -> str | None:
        """A string of at most `max_length` characters, or None."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise ApiError(1005, f"{self._path}{name} must be a string")
        if len(value) > max_length:
            raise ApiError(1005, f"{self._path}{name} must have at most {max_length} characters")
        return value

    def flag(self, name: str) -> bool:
        """A boolean, False when it is missing."""
        value = self.values.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise ApiError(1005, f"{self._path}{name} must be a boolean")
        return value

    def integer(self, name: str, *, minimum: int, maximum: int) -> int:
        """A required whole number from `minimum` to `maximum`."""
        if not self.has(name):
            raise ApiError(1001, f"{self._path}{name} is required")
        value = self.values[name]
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise ApiError(1005, f"{self._path}{name} must be a whole number {minimum}..{maximum}")
        return value

    def optional_uuid(self, name: str) -> str | None:
        """A UUID, or None."""
        value = self.optional_text(name)
        return None if value is None else parse_uuid(value, self._path + name)

    def object(self, name: str) -> Fields | None:
        """A nested object, or None."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ApiError(1005, f"{self._path}{name} must be an object")
        return Fields(value, f"{self._path}{name}.")

    def required_object(self, name: str) -> Fields:
        """A nested object that must be there."""
        nested = self.object(name)
        if nested is None:
            raise ApiError(1001, f"{self._path}{name} is required")
        return nested

    def objects(self, name: str, *, maximum: int) -> list[Fields]:
        """A list of objects, empty when it is missing."""
        found = []
        for index, item in enumerate(self._list(name, maximum)):
            if not isinstance(item, dict):
                raise ApiError(1005, f"{self._path}{name}[{index}] must be an object")
            found.append(Fields(item, f"{self._path}{name}[{index}]."))
        return found

    def texts(self, name: str, *, maximum: int) -> list[str]:
        """A list of strings, empty when it is missing."""
        items = self._list(name, maximum)
        for item in items:
            if not isinstance(item, str):
                raise ApiError(1005, f"{self._path}{name} must be a list of strings")
        return items

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """One of `choices`, or None."""
        value = self.optional_text(name)
        if value is not None and value not in choices:
            raise ApiError(1005, f"{self._path}{name} must be one of {', '.join(choices)}")
        return value

    def _list(self, name: str, maximum: int) -> list[Any]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ApiError(1005, f"{self._path}{name} must be a list")
        if len(value) > maximum:
            raise ApiError(1005, f"{self._path}{name} must have at most {maximum} items")
        return value


def parse_uuid(value: str, name: str) -> str:
    """A UUID in its usual writing; anything else is a 400."""
    try:
        parsed = str(uuid.UUID(value))
    except ValueError as error:
        raise ApiError(1005, f"{name} must be a UUID") from error
    if parsed != value.lower():
        raise ApiError(1005, f"{name} must be a UUID")
    return parsed


def path_uuid(request: Request, name: str) -> str:
    """The UUID in the request's path."""
    return parse_uuid(request.path_params[name], name)


def limit_parameter(request: Request, default: int) -> int:
    """The `limit` query parameter, 1..100."""
    text = request.query_params.get("limit")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
        raise ApiError(1005, "limit must be 1..100")
    return int(text)


def check_address(address: str) -> str:
    """A telephone number in E.164 or an e-mail address."""
    if _E164.fullmatch(address) or _EMAIL.fullmatch(address):
        return address
    raise ApiError(1002, "Address must be an E.164 phone number or an e-mail address")


def is_phone_number(address: str) -> bool:
    """Whether the address is a telephone number in E.164."""
    return _E164.fullmatch(address) is not None
