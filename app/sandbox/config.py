"""Configuration of the sandbox, a faithful local Linq."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.sandbox.webhooks.signing import new_secret


@dataclass(frozen=True)
class SandboxConfig:
    """How one sandbox behaves. Times are in seconds, sizes in bytes.

    `bot_url` is the webhook endpoint of the bot; None means that nobody is subscribed yet.
    `public_url` is the sandbox's own address, used in upload and download URLs; None takes it
    from the requests that come in. Its host, and this machine's, are the only ones answered to.
    `rate_limit` is Linq's 30 messages per `rate_window` for one sender and recipient, None
    for no limit.
    `inbound_first` refuses sends to people who have not written, as Linq's shared lines do.
    `retry_delays` are the pauses between webhook attempts; Linq backs off for up to 30 minutes.
    `webhook_ca_file` holds certificates that are trusted beside the system's, for webhooks.
    `read_after` None means that the other person has read receipts switched off.
    """

    api_key: str = field(default="sandbox-key", repr=False)
    webhook_secret: str = field(default_factory=new_secret, repr=False)
    bot_url: str | None = None
    own_handle: str = "+13125550100"
    partner_id: str = "sandbox-partner"
    public_url: str | None = None

    attachment_ready_delay: float = 0.0
    upload_lifetime: float = 900.0
    sent_after: float = 0.02
    delivered_after: float = 0.05
    read_after: float | None = None
    rate_limit: int | None = 30
    rate_window: float = 60.0
    inbound_first: bool = False
    capability_pause: float = 10.0

    webhook_timeout: float = 10.0
    webhook_ca_file: str | None = None
    retry_delays: tuple[float, ...] = (2, 4, 8, 16, 32, 64, 128, 256, 512, 778)
    webhook_connections: int = 64

    max_chats: int = 5_000
    max_messages_per_chat: int = 5_000
    max_attachment_bytes: int = 512 * 1024 * 1024
    max_deliveries: int = 20_000
