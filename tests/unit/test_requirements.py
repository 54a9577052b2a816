"""What is missing is named, all of it, with its cure and without a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.environment import known_variables
from app.requirements import missing_settings, needed_to_start
from app.service import Service, create_app
from app.settings import ConfigurationError, load_settings
from app.setup_mode import explained

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def missing(**settings: str) -> list[str]:
    return [one.variable for one in missing_settings(load_settings(**settings))]


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert missing() == ["LINQ_API_V3_API_KEY", "MEMO_PUBLIC_URL"]
    assert missing(subscribe="never") == ["LINQ_API_V3_API_KEY", "LINQ_WEBHOOK_SECRET"]
    assert missing(linq_api_key="key", linq_webhook_secret=SECRET) == []
    assert missing(linq_api_key="key", public_url="https://bot.example.org") == []
    assert missing(linq_api_key="key", public_url="http://bot.example.org") == ["MEMO_PUBLIC_URL"]
    assert missing(linq_api_key="key", linq_webhook_secret=f"{SECRET},whsec_x") == [
        "LINQ_WEBHOOK_SECRET"
    ]


@pytest.mark.parametrize(
    ("variable", "value", "address"),
    [
        ("HEROKU_APP_DEFAULT_DOMAIN_NAME", "a-1.herokuapp.com", "https://a-1.herokuapp.com"),
        ("RENDER_EXTERNAL_URL", "https://a.onrender.com", "https://a.onrender.com"),
        ("RAILWAY_PUBLIC_DOMAIN", "a.up.railway.app", "https://a.up.railway.app"),
        ("KOYEB_PUBLIC_DOMAIN", "a-b.koyeb.app", "https://a-b.koyeb.app"),
        ("FLY_APP_NAME", "a", "https://a.fly.dev"),
        ("MEMO_PUBLIC_URL", "https://bot.example.org/", "https://bot.example.org"),
    ],
)
def test_platforms_tell_the_address(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, address: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert load_settings().address == address
    monkeypatch.setenv("MEMO_PUBLIC_URL", "https://own.example.org")
    assert load_settings().address == "https://own.example.org"


def test_on_a_platform_only_the_address_may_turn_out_later() -> None:
    assert needed_to_start(load_settings(linq_api_key="key", port=8080)) == []
    assert needed_to_start(load_settings(linq_api_key="key")) != []
    assert needed_to_start(load_settings(linq_api_key="key", port=8080, subscribe="never")) != []
    assert needed_to_start(load_settings(port=8080)) != []


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"LINQ_API_V3_API_KEY": ""}, "LINQ_API_V3_API_KEY is not set"),
        ({"LINQ_WEBHOOK_SECRET": "whsec_hidden"}, "LINQ_WEBHOOK_SECRET is not a signing secret"),
        ({"MEMO_SUBSCRIBE": "never"}, "LINQ_WEBHOOK_SECRET is not set"),
        ({"MEMO_PUBLIC_URL": "http://hidden.example"}, "MEMO_PUBLIC_URL is no public https://"),
        ({"LINQ_API_V3_BASE_URL": "http://hidden.example"}, "LINQ_API_V3_BASE_URL is no https://"),
        ({"MEMO_VOICES": "hidden"}, "MEMO_VOICES cannot be used as it is set"),
        ({"MEMO_RESPONDER": "rules"}, "MEMO_RESPONDER cannot be used as it is set"),
        ({"DATABASE_URL": "mysql://hidden@x/y"}, "DATABASE_URL cannot be used as it is set"),
    ],
)
def test_the_setup_page_names_what_is_missing_without_its_value(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    for name, value in {"PORT": "8080", "LINQ_API_V3_API_KEY": "hidden", **environment}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as refused:
        create_app(load_settings(), Service(load_settings()))
    shown = "\n".join(map(str, explained(refused.value)))
    assert told in shown
    assert "hidden" not in shown


def test_an_error_without_a_variable_says_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8080")
    monkeypatch.setenv("LINQ_API_V3_API_KEY", "key")
    [one] = explained(ConfigurationError("The file .env cannot be read"))
    assert str(one) == "The service cannot start. The log says why."
