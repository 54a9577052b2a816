"""Ids of messages, chats and attachments: which texts may be one."""

from __future__ import annotations

import re

ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._:~@+=-]{0,127}"
"""Linq's ids are UUIDs today. More is taken, but nothing that would change the path of a request
(`..`, `/`, `?`) or that a database refuses (NUL)."""

_ID = re.compile(ID_PATTERN)


def is_id(value: object) -> bool:
    """Whether `value` is a text that can be an id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
