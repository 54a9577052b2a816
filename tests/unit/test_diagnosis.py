"""Each fault of the account, the clock, the disk and the settings is found, with its cure."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from app.diagnosis.configuration import check_settings
from app.diagnosis.diagnosis import check_clock
from app.diagnosis.finding import Finding
from app.diagnosis.round_trip import own_endpoint
from app.diagnosis.services import check_transcription, check_voices
from app.diagnosis.storage import check_database, check_disk
from app.diagnosis.subscriptions import Account, check_lines, check_subscriptions
from app.linq.endpoint import EVENTS, endpoint, free_webhook_url, webhook_url
from app.linq.subscriptions import Subscription
from app.requirements import require_key
from app.settings import ConfigurationError, load_settings

URL = "https://bot.example.org"
LINE = "+13125550100"
GOOD = Subscription("sub-1", webhook_url(URL), EVENTS, True)
SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


def found(*subscriptions: Subscription, public_url: str | None = URL) -> list[Finding]:
    return check_subscriptions(Account((LINE,), subscriptions), public_url)


def changed(**values: object) -> Subscription:
    return dataclasses.replace(GOOD, **values)  # type: ignore[arg-type]


def test_a_good_subscription_is_well() -> None:
    assert [one.level for one in found(GOOD)] == ["ok"]
    assert [one.level for one in found(GOOD, public_url=None)] == ["ok"]
    with_lines = changed(phone_numbers=(LINE, "+13125550101"))
    assert [one.level for one in found(with_lines)] == ["ok"]


@pytest.mark.parametrize(
    ("subscription", "told"),
    [
        (changed(active=False), "switched off"),
        (changed(events=EVENTS[1:]), "not told of message.received"),
        (changed(target_url=f"{URL}/webhooks/linq"), "no version"),
        (changed(target_url=f"{URL}/webhooks/linq?version=2025-01-01"), "version 2025-01-01"),
        (changed(phone_numbers=("+13125550199",)), "other lines"),
    ],
)
def test_a_faulty_subscription_is_a_problem_that_can_be_mended(
    subscription: Subscription, told: str
) -> None:
    (finding,) = found(subscription)
    assert (finding.check, finding.level) == ("webhooks", "problem")
    assert told in finding.message
    assert "doctor --fix" in finding.cure


def test_a_subscription_from_before_reactions_is_well() -> None:
    assert not {"reaction.added", "reaction.removed"} & set(GOOD.events)
    assert [one.level for one in found(GOOD)] == ["ok"]


@pytest.mark.parametrize("url", ["http://hooks.example.org/T0/secret", "hooks.example.org/secret"])
def test_an_alert_address_without_encryption_stops_the_start(url: str) -> None:
    settings = load_settings(linq_api_key="key", linq_webhook_secret=SECRET, alert_url=url)
    with pytest.raises(ConfigurationError, match="MEMO_ALERT_URL is no https") as raised:
        require_key(settings)
    assert "secret" not in str(raised.value)
    (finding,) = check_settings(settings)
    assert (finding.level, "secret" in finding.message) == ("problem", False)


@pytest.mark.parametrize(
    ("token", "told"), [("", "unsigned: no MEMO_ADMIN_TOKEN"), ("a token, long enough", "signed")]
)
def test_where_alerts_go_is_told_without_the_token_in_the_address(token: str, told: str) -> None:
    settings = load_settings(
        linq_api_key="key",
        linq_webhook_secret=SECRET,
        alert_url="https://hooks.slack.com/services/T0/B0/hook-token",
        admin_token=token,
    )
    finding = check_settings(settings)[-1]
    assert (finding.check, finding.level) == ("alerts", "ok")
    assert f"hooks.slack.com, {told}" in finding.message
    assert "hook-token" not in str(finding)


def test_an_event_that_only_informs_is_a_warning() -> None:
    (finding,) = found(changed(events=("message.received",)))
    assert finding.level == "warning"
    assert "message.delivered" in finding.message


def test_a_subscription_elsewhere_is_none_of_this_bot() -> None:
    elsewhere = changed(target_url=webhook_url("https://other.example.org"))
    (finding,) = found(elsewhere)
    assert finding.level == "problem"
    assert f"no subscription delivers to {URL}; there are some to other.example.org" == (
        finding.message
    )
    assert f"subscribe {URL}" in finding.cure
    (finding,) = found()
    assert finding.level == "problem"


def test_two_subscriptions_of_one_endpoint_have_two_secrets() -> None:
    twice = changed(id="sub-2", target_url=f"{GOOD.target_url}&n=2")
    (finding,) = found(GOOD, twice)
    assert finding.level == "warning"
    assert "2 active subscriptions" in finding.message


def test_of_several_addresses_nobody_knows_which_is_meant() -> None:
    other = changed(id="sub-2", target_url=webhook_url("https://other.example.org"))
    (finding,) = found(GOOD, other, public_url=None)
    assert "MEMO_PUBLIC_URL" in finding.cure


def test_a_token_without_lines_is_a_problem() -> None:
    assert check_lines(Account((), ())).level == "problem"


@pytest.mark.parametrize(
    ("offset", "level"),
    [(0.4, "ok"), (-30.0, "ok"), (600.0, "problem"), (-600.0, "problem")],
)
def test_a_clock_that_is_off_is_a_problem(offset: float, level: str) -> None:
    (finding,) = check_clock(offset)
    assert finding.level == level


def test_the_direction_of_the_clock_is_told() -> None:
    assert "600 s behind Linq's" in check_clock(600.0)[0].message
    assert "600 s ahead of Linq's" in check_clock(-600.0)[0].message


def test_a_full_or_closed_disk_is_a_problem(tmp_path: Path) -> None:
    assert check_disk(tmp_path, 1)[0].level == "ok"
    assert "only" in check_disk(tmp_path, 2**62)[0].message
    (finding,) = check_disk(Path("/proc"), 1)
    assert finding.level == "problem"
    assert "Errno" not in finding.message


def test_sqlite_on_a_dyno_is_a_problem(sqlite_url: str) -> None:
    settings = load_settings(database_url=sqlite_url, dyno="web.1")
    told = [one.message for one in check_database(settings) if one.level == "problem"]
    assert told == ["SQLite on a dyno is emptied at every restart"]


def test_a_database_that_is_away_is_a_problem() -> None:
    settings = load_settings(database_url="postgresql://nobody@127.0.0.1:9/nothing")
    assert [one.level for one in check_database(settings)] == ["problem"]


def test_settings_that_cannot_work_are_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMO_RESPONDR", "rules")
    settings = load_settings(
        linq_api_key="key",
        linq_webhook_secret="whsec_AAAA",
        admin_token="1234",
        public_url="http://bot.example.org",
    )
    told = [(one.level, one.message) for one in check_settings(settings)]
    assert [level for level, _ in told] == ["problem", "problem", "problem", "warning"]
    for (_, message), word in zip(
        told, ("SECRET", "MEMO_PUBLIC_URL", "4 characters", "MEMO_RESPONDR"), strict=True
    ):
        assert word in message
        assert "1234" not in message


async def _checked(**settings: str) -> list[Finding]:
    loaded = load_settings(voices="openai", speech_model="tts", speech_voice="ada", **settings)
    return await check_voices(loaded) + await check_transcription(loaded)


def test_no_check_sends_a_key_in_the_clear() -> None:
    found = asyncio.run(
        _checked(
            speech_base_url="http://speech.example/v1",
            speech_api_key="sk-hidden",
            transcribe_base_url="http://speech.example/v1",
            transcribe_api_key="sk-hidden",
        )
    )
    assert [one.level for one in found] == ["problem", "problem"]
    for one in found:
        assert "in the clear" in one.message
        assert "sk-hidden" not in one.message


def test_the_own_endpoint_is_the_public_one_where_it_is_known() -> None:
    here = load_settings(port=8123)
    assert own_endpoint(here, [], URL) == f"{URL}/webhooks/linq"
    assert own_endpoint(here, [GOOD], None) == f"{URL}/webhooks/linq"
    assert own_endpoint(here, [], None) == "http://127.0.0.1:8123/webhooks/linq"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("bot.example.org", "https://bot.example.org/webhooks/linq?version=2026-02-03"),
        ("https://x.org/", "https://x.org/webhooks/linq?version=2026-02-03"),
        ("https://x.org/own?a=b", "https://x.org/own?a=b&version=2026-02-03"),
    ],
)
def test_an_address_is_completed(given: str, address: str) -> None:
    assert webhook_url(given) == address


@pytest.mark.parametrize("given", ["http://bot.example.org", "https://", "https://[", "ftp://x"])
def test_an_address_that_linq_would_refuse_is_refused(given: str) -> None:
    with pytest.raises(ConfigurationError, match="https://"):
        webhook_url(given)


def test_a_further_subscription_gets_an_address_of_its_own() -> None:
    taken = {webhook_url(URL)}
    fresh = free_webhook_url(URL, taken)
    assert fresh not in taken
    assert free_webhook_url(URL, taken | {fresh}) not in taken | {fresh}
    assert endpoint(fresh) == endpoint(webhook_url(URL))
