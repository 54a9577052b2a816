"""Who may operate the service: whoever knows MEMO_ADMIN_TOKEN."""

from __future__ import annotations

import hmac

from starlette.requests import Request


def is_admin(request: Request, admin_token: str) -> bool:
    """Whether the request carries `Authorization: Bearer {admin_token}`.

    Compared in constant time. An empty admin_token is never met.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return (
        bool(admin_token)
        and scheme.lower() == "bearer"
        and hmac.compare_digest(token.strip().encode(), admin_token.encode())
    )
