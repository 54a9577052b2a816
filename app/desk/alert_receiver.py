"""Posts alerts to MEMO_ALERT_URL.

AlertNotPosted      the message is the cause for the log, without the address: it holds a token
├── TryLater        another attempt may help
└── Refused         no attempt will help
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
from standardwebhooks.webhooks import Webhook

from app.retry import retry_after_seconds
from app.tls import tls_context

POST_SECONDS = 10.0
_CONNECT_SECONDS = 5.0
_RETRIED_STATUS = frozenset({408, 425, 429})


class AlertNotPosted(Exception):
    """An alert that the receiver has not acknowledged."""


class TryLater(AlertNotPosted):
    """asked: seconds for which the receiver wants to be left alone."""

    def __init__(self, cause: str, asked: float | None = None) -> None:
        super().__init__(cause)
        self.asked = asked


class Refused(AlertNotPosted):
    """The receiver will not take it, however often it comes."""


class AlertReceiver:
    """One address, told with Standard Webhooks headers where there is a token to sign with.

    `webhook-id` is the id of the alert, the same each time it is posted. The key is the token's
    bytes in UTF-8, which receivers write `whsec_` and base64 of them.
    Source: https://www.standardwebhooks.com (specification 1.0.0).
    """

    def __init__(self, url: str, token: str, *, deadline: float = POST_SECONDS) -> None:
        """url: https, or of this machine. token: "" for posts without a signature. deadline: of
        one post, in seconds."""
        self._url = url
        self._deadline = deadline
        self._webhook = Webhook(token.encode()) if token else None
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(POST_SECONDS, connect=_CONNECT_SECONDS),
            follow_redirects=False,
            verify=tls_context(),
            limits=httpx.Limits(max_connections=8),
            headers={"user-agent": "voicememo-bot", "content-type": "application/json"},
        )

    async def post(self, alert_id: str, body: bytes) -> None:
        """Post one alert; what comes back is not read beyond its status.

        Raises: TryLater, Refused.
        """
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._client.stream(
                    "POST", self._url, content=body, headers=self._headers(alert_id, body)
                ) as response,
            ):
                _check(response)
        except TimeoutError as error:
            raise TryLater(f"no answer within {self._deadline:g} s") from error
        except httpx.TimeoutException as error:
            raise TryLater(f"no answer in time ({type(error).__name__})") from error
        except httpx.InvalidURL as error:
            raise Refused("the address cannot be used") from error
        except httpx.HTTPError as error:
            raise TryLater(f"no connection ({type(error).__name__})") from error

    async def aclose(self) -> None:
        await self._client.aclose()

    def _headers(self, alert_id: str, body: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        headers = {"webhook-id": alert_id, "webhook-timestamp": str(int(now.timestamp()))}
        if self._webhook:
            headers["webhook-signature"] = self._webhook.sign(alert_id, now, body.decode())
        return headers


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if status >= 500 or status in _RETRIED_STATUS:
        asked = retry_after_seconds(response.headers.get("retry-after"))
        raise TryLater(f"answered {status}", asked)
    redirect = ", and redirects are not followed" if 300 <= status < 400 else ""
    raise Refused(f"answered {status}{redirect}")
