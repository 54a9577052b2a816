"""A webhook sent to the bot's own endpoint, signed as Linq signs them."""

from __future__ import annotations

import dataclasses
import json
import uuid
from datetime import UTC, datetime

import httpx
from standardwebhooks.webhooks import Webhook

from app.diagnosis.finding import Finding, ok, problem, warning
from app.linq.endpoint import WEBHOOK_PATH, endpoint
from app.linq.subscriptions import Subscription
from app.program import command_line
from app.settings import Settings, is_signing_secret
from app.tls import tls_context

TRIP_SECONDS = 10.0
"""As long as Linq waits for the acknowledgement of a webhook."""

_EVENT_TYPE = "voicememo.doctor"


def own_endpoint(settings: Settings, ours: list[Subscription], address: str | None) -> str:
    """The bot's endpoint: at its public address, else where Linq delivers, else on this machine."""
    if address:
        return address + WEBHOOK_PATH
    addresses = {endpoint(one.target_url) for one in ours}
    if len(addresses) == 1:
        return addresses.pop()
    return f"http://127.0.0.1:{settings.port}{WEBHOOK_PATH}"


async def check_round_trip(
    address: str, secrets: tuple[str, ...], *, is_public: bool
) -> list[Finding]:
    """Whether the bot at `address` takes a webhook signed with each secret; it answers nobody.

    is_public: whether Linq delivers to that address, so that it is a problem if nobody answers.
    """
    usable = [secret for secret in secrets if is_signing_secret(secret)]
    async with httpx.AsyncClient(
        timeout=TRIP_SECONDS, follow_redirects=False, verify=tls_context()
    ) as http:
        found = [
            await _trip(http, address, number, secret) for number, secret in enumerate(usable, 1)
        ]
    faults = [finding for finding in found if finding]
    if is_public:
        faults = [dataclasses.replace(one, level="problem") for one in faults]
    if usable and not faults:
        return [ok("round trip", f"{address} takes webhooks signed with its secret")]
    return list(dict.fromkeys(faults))


async def _trip(http: httpx.AsyncClient, address: str, number: int, secret: str) -> Finding | None:
    now = datetime.now(UTC)
    trip_id = f"doctor-{uuid.uuid4()}"
    body = json.dumps(
        {
            "event_type": _EVENT_TYPE,
            "event_id": trip_id,
            "created_at": now.isoformat(),
            "data": {},
        }
    )
    headers = {
        "content-type": "application/json",
        "webhook-id": trip_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(trip_id, now, body),
    }
    try:
        async with http.stream("POST", address, content=body, headers=headers) as response:
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        late = isinstance(error, httpx.TimeoutException)
        why = "no answer in time" if late else "no connection"
        cure = f"Start it with {command_line('serve')}, and see that the address leads to it."
        return warning("round trip", f"no bot answers at {address} ({why})", cure)
    if 200 <= status < 300:
        return None
    if status == 401:
        return problem(
            "round trip",
            f"the bot at {address} refuses secret number {number} of those known here",
            "Start it again with the secret and the database of this command, or run this "
            "command with the bot's. If only the clock differs, its log says so.",
        )
    return problem(
        "round trip",
        f"{address} answers a webhook with status {status}",
        "See that this is the bot's address, and look at its log.",
    )
