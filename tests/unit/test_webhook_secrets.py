"""Which secrets webhooks are verified with, and when a strange signature cannot be Linq's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.settings import Settings, load_settings
from app.store import kept_subscriptions
from app.store.database import Database
from app.store.sealing import Sealer
from app.store.tables import subscriptions
from app.subscription.secrets import PREVIOUS_SECONDS, RETRY_WINDOW_SECONDS, WebhookSecrets

HERE = "https://bot.example.org/webhooks/linq"
SEALER = Sealer("the API key")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    database.migrate()
    yield database
    database.close()


def keep(database: Database, secret: str, *, ago: float = 0.0, sealer: Sealer = SEALER) -> None:
    """A subscription is kept, `ago` seconds before now."""

    def change(connection: sa.Connection) -> None:
        assert kept_subscriptions.hold(connection, HERE, "me", 30)
        assert kept_subscriptions.keep(connection, HERE, "me", "id", sealer.seal(secret))
        kept_subscriptions.release(connection, HERE, "me")

    database.write_sync(change)
    at = time.time() - ago
    database.write_sync(lambda c: c.execute(subscriptions.update().values(changed_at=at)))


def known(
    database: Database, settings: Settings | None = None, sealer: Sealer = SEALER
) -> tuple[tuple[str, ...], bool]:
    secrets = WebhookSecrets(settings or load_settings(), database, sealer)
    asyncio.run(secrets.refresh())
    return secrets.known, secrets.settled


def test_before_anything_is_kept_nothing_is_known_nor_settled(database: Database) -> None:
    assert known(database) == ((), False)


def test_a_new_secret_is_settled_once_linq_repeats_nothing_older(database: Database) -> None:
    keep(database, "whsec_one")
    assert known(database) == (("whsec_one",), False)
    keep(database, "whsec_one", ago=RETRY_WINDOW_SECONDS + 1)
    assert known(database)[1]


def test_the_secret_before_is_taken_for_a_while(database: Database) -> None:
    keep(database, "whsec_one")
    keep(database, "whsec_two")
    assert known(database)[0] == ("whsec_two", "whsec_one")
    keep(database, "whsec_three", ago=PREVIOUS_SECONDS + 1)
    assert known(database)[0] == ("whsec_three",)


def test_while_somebody_is_at_work_nothing_is_settled(database: Database) -> None:
    keep(database, "whsec_one", ago=RETRY_WINDOW_SECONDS + 1)
    database.write_sync(lambda c: kept_subscriptions.hold(c, HERE, "other", 30))
    assert known(database) == (("whsec_one",), False)
    assert database.write_sync(lambda c: kept_subscriptions.hold(c, HERE, "me", 30)) is None


def test_a_secret_sealed_with_another_key_is_not_known(database: Database) -> None:
    keep(database, "whsec_one", ago=RETRY_WINDOW_SECONDS + 1, sealer=Sealer("another"))
    assert known(database) == ((), False)


def test_the_environment_wins(database: Database) -> None:
    keep(database, "whsec_one")
    settings = load_settings(linq_webhook_secret="whsec_set")
    assert known(database, settings) == (("whsec_set",), True)
