"""The webhook subscriptions that the bot has made itself, and who is at work on one.

All processes of a deployment share them. Calls to Linq cannot be part of a transaction, so whoever
makes or mends a subscription holds it meanwhile: for a bounded time, because it may die.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa

from app.store.ledger import insert_once
from app.store.tables import subscriptions


@dataclass(frozen=True)
class KeptSubscription:
    """A row. Both secrets are sealed; `changed_at` and `held_until` are Unix seconds.

    address: the webhook address, without the query. subscription_id: Linq's, None before the first.
    """

    address: str
    subscription_id: str | None
    secret: str | None
    previous_secret: str | None
    changed_at: float
    held_until: float


def find_all(connection: sa.Connection) -> list[KeptSubscription]:
    """All of them, the one that changed last first."""
    rows = connection.execute(sa.select(subscriptions))
    found = [_kept(row) for row in rows]
    return sorted(found, key=lambda one: one.changed_at, reverse=True)


def newest_address(connection: sa.Connection) -> str | None:
    """The public address of this service, by its newest subscription; no slash at its end."""
    rows = find_all(connection)
    parts = urlsplit(rows[0].address) if rows else None
    return f"{parts.scheme}://{parts.netloc}" if parts else None


def find(connection: sa.Connection, address: str) -> KeptSubscription | None:
    row = connection.execute(
        sa.select(subscriptions).where(subscriptions.c.address == address)
    ).one_or_none()
    return _kept(row) if row else None


def hold(
    connection: sa.Connection, address: str, holder: str, seconds: float
) -> KeptSubscription | None:
    """Begin, or go on, to be the only one at work on it. None where somebody else is.

    holder: tells this attempt from all others. seconds: after which another may take it over.
    """
    now = time.time()
    free = sa.or_(
        subscriptions.c.holder.is_(None),
        subscriptions.c.holder == holder,
        subscriptions.c.held_until < now,
    )
    values: dict[str, object] = {"holder": holder, "held_until": now + seconds}
    changed = connection.execute(
        subscriptions.update().where(subscriptions.c.address == address, free).values(values)
    )
    values["address"] = address
    if not changed.rowcount and not insert_once(connection, subscriptions, values):
        return None
    return find(connection, address)


def keep(
    connection: sa.Connection, address: str, holder: str, subscription_id: str, secret: str
) -> bool:
    """Store a new subscription with its sealed secret. False where it is held no more.

    The secret before it stays known, for webhooks that Linq delivers again.
    """
    changed = connection.execute(
        subscriptions.update()
        .where(subscriptions.c.address == address, subscriptions.c.holder == holder)
        .values(
            subscription_id=subscription_id,
            previous_secret=subscriptions.c.secret,
            secret=secret,
            changed_at=time.time(),
        )
    )
    return bool(changed.rowcount)


def release(connection: sa.Connection, address: str, holder: str) -> None:
    connection.execute(
        subscriptions.update()
        .where(subscriptions.c.address == address, subscriptions.c.holder == holder)
        .values(holder=None, held_until=None)
    )


def forget(connection: sa.Connection, address: str) -> None:
    connection.execute(subscriptions.delete().where(subscriptions.c.address == address))


def _kept(row: sa.Row[tuple[object, ...]]) -> KeptSubscription:
    return KeptSubscription(
        address=row.address,
        subscription_id=row.subscription_id,
        secret=row.secret,
        previous_secret=row.previous_secret,
        changed_at=row.changed_at or 0.0,
        held_until=row.held_until or 0.0,
    )
