"""Sessions of the console: signed cookies, of which the server keeps nothing.

A cookie is `kind.expiry.nonce.signature`. The key is derived from MEMO_ADMIN_TOKEN and the Linq
key, so that every process accepts every session, and a new token ends all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

SESSION_SECONDS = 12 * 3600
"""How long a login holds."""
FORM_SECONDS = 3600
"""How long a login form may stand open."""

Kind = Literal["form", "admin"]
"""`form`: somebody who looks at the login form; `admin`: who knows the token."""
_SECONDS: dict[Kind, int] = {"form": FORM_SECONDS, "admin": SESSION_SECONDS}

_COOKIE = re.compile(r"(form|admin)\.(\d{1,12})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Session:
    """expires_at: Unix seconds. nonce: tells this session from all others."""

    kind: Kind
    expires_at: int
    nonce: str

    @property
    def is_admin(self) -> bool:
        return self.kind == "admin"

    @property
    def seconds(self) -> int:
        """How long such a session holds in all."""
        return _SECONDS[self.kind]


class Sessions:
    """Makes and checks sessions, and the CSRF tokens of their forms."""

    def __init__(
        self, admin_token: str, api_key: str, clock: Callable[[], float] = time.time
    ) -> None:
        """clock: Unix seconds."""
        # With the API key in it, nobody can guess tokens against a cookie.
        secret = f"{len(api_key)}:{api_key}{admin_token}".encode()
        self._key = hmac.digest(secret, b"voicememo console session 1", hashlib.sha256)
        self._clock = clock

    def begin(self, kind: Kind) -> Session:
        expires_at = int(self._clock()) + _SECONDS[kind]
        return Session(kind, expires_at, secrets.token_urlsafe(16))

    def cookie(self, session: Session) -> str:
        """The value of the cookie that stands for a session."""
        plain = f"{session.kind}.{session.expires_at}.{session.nonce}"
        return f"{plain}.{self._sign('cookie', plain)}"

    def read(self, cookie: str | None) -> Session | None:
        """The session of a cookie; None if it is not one of ours, or over."""
        match = _COOKIE.fullmatch(cookie or "")
        if match is None:
            return None
        kind, expires_at, nonce, signature = match.groups()
        plain = f"{kind}.{expires_at}.{nonce}"
        if not hmac.compare_digest(signature, self._sign("cookie", plain)):
            return None
        if int(expires_at) <= self._clock():
            return None
        return Session("admin" if kind == "admin" else "form", int(expires_at), nonce)

    def form_token(self, session: Session) -> str:
        """What each form of a session carries, so that no other site can send it."""
        return self._sign("csrf", session.nonce)

    def is_form_token(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.form_token(session).encode())

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()
