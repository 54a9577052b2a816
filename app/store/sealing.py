"""Seals the words of zero-retention chats, so that no file of the database ever holds them.

A message has to be stored before it is acknowledged, and what SQLite or PostgreSQL has written once
stays in their logs for a while after it was erased. So the words of such chats are written only
encrypted, with a key that is not in the database: it is derived from the API key. Once an answer
is over, what is left in the logs can be read by nobody who has the database alone.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_MARK = "sealed:"
_SEALED = f"{_MARK}gAAAAA"
"""How every sealed text begins: Fernet's version and the upper half of its time. Words that merely
begin with `sealed:` are not taken for it."""


class SealBroken(Exception):
    """The words were sealed with another key: LINQ_API_V3_API_KEY has changed since."""


def is_sealed(text: str) -> bool:
    return text.startswith(_SEALED)


class Sealer:
    """Fernet (AES-128-CBC and HMAC-SHA256, of the package `cryptography`) over single texts."""

    def __init__(self, secret: str) -> None:
        """secret: what the key is derived from; the same in all processes of a deployment."""
        self._secret = secret

    def seal(self, text: str) -> str:
        """The sealed text, which begins with `sealed:`."""
        return _MARK + self._fernet.encrypt(text.encode()).decode()

    def open(self, text: str) -> str:
        """The words of a sealed text; any other text as it is. Raises: SealBroken."""
        if not text.startswith(_SEALED):
            return text
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(text.removeprefix(_MARK).encode()).decode()
        except InvalidToken:
            raise SealBroken("sealed with another LINQ_API_V3_API_KEY") from None

    def open_or_none(self, text: str) -> str | None:
        """The words of a text; None where they cannot be read any more."""
        try:
            return self.open(text)
        except SealBroken:
            return None

    def seal_bytes(self, data: bytes) -> bytes:
        """The sealed data, which begins as sealed texts do."""
        return _MARK.encode() + self._fernet.encrypt(data)

    def open_bytes_or_none(self, data: bytes) -> bytes | None:
        """Data that was sealed, any other as it is; None where it cannot be read any more."""
        if not data.startswith(_SEALED.encode()):
            return data
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(data.removeprefix(_MARK.encode()))
        except InvalidToken:
            return None

    @cached_property
    def _fernet(self) -> Fernet:
        # Imported where it is needed: most deployments have no zero-retention chat.
        from cryptography.fernet import Fernet

        key = hashlib.scrypt(self._secret.encode(), salt=b"voicememo words", n=2**14, r=8, p=1)
        return Fernet(base64.urlsafe_b64encode(key[:32]))
