"""Settings: errors name the variable, and the example file knows them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.environment import known_variables, unknown_variables
from app.requirements import require_linq
from app.settings import PLATFORM_ADDRESSES, ConfigurationError, Settings, load_settings

ROOT = Path(__file__).parents[2]
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


def variables() -> set[str]:
    return known_variables() - {"DYNO", *PLATFORM_ADDRESSES}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in variables() | {"DYNO", *PLATFORM_ADDRESSES}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_example_file_names_every_variable() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert named == variables()


def test_the_example_file_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Settings(_env_file=ROOT / ".env.example")
    assert example == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("MEMO_VOICES", "gtts,siri"),
        ("MEMO_RESPONDER", "python:nothing"),
        ("MEMO_FORMAT", "ogg"),
        ("MEMO_MAX_SECONDS", "0"),
        ("MEMO_GROUPS", "sometimes"),
        ("MEMO_CONCURRENCY", "0"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        load_settings()


def test_no_secret_shows_in_a_printed_settings_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINQ_API_V3_API_KEY", "token-that-is-secret")
    monkeypatch.setenv("LINQ_WEBHOOK_SECRET", "whsec_hidden")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:hidden-too@host/name")
    shown = repr(load_settings())
    assert "secret" not in shown.replace("_secret", "")
    assert "hidden" not in shown


def test_several_webhook_secrets_are_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINQ_WEBHOOK_SECRET", "whsec_new, whsec_old,")
    assert load_settings().webhook_secrets == ("whsec_new", "whsec_old")


@pytest.mark.parametrize(
    ("base_url", "fits"),
    [
        ("https://api.linqapp.com/api/partner", True),
        ("http://127.0.0.1:8001/api/partner", True),
        ("http://api.linqapp.com/api/partner", False),
        ("api.linqapp.com", False),
    ],
)
def test_linq_is_only_reached_over_tls_or_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, base_url: str, fits: bool
) -> None:
    settings = load_settings(linq_api_key="key", linq_webhook_secret=SECRET, linq_base_url=base_url)
    if fits:
        require_linq(settings)
    else:
        with pytest.raises(ConfigurationError, match="LINQ_API_V3_BASE_URL"):
            require_linq(settings)


@pytest.mark.parametrize(
    "secret", ["foo", "whsec_", "whsec_AAAA", "whsec_%%%", SECRET[:-20], f"{SECRET},whsec_AAAA"]
)
def test_a_secret_that_can_verify_nothing_is_refused_with_the_cure(secret: str) -> None:
    settings = load_settings(linq_api_key="key", linq_webhook_secret=secret)
    with pytest.raises(ConfigurationError, match="LINQ_WEBHOOK_SECRET") as refused:
        require_linq(settings)
    assert "subscribe --replace URL" in str(refused.value)
    assert SECRET[6:20] not in str(refused.value)
    assert ("number 2" in str(refused.value)) == ("," in secret)


def test_several_good_secrets_are_taken_while_rotating() -> None:
    both = f"{SECRET}, {SECRET.rstrip('=')}"
    require_linq(load_settings(linq_api_key="key", linq_webhook_secret=both))


def test_all_interfaces_are_listened_on_where_port_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (load_settings().host, load_settings().port) == ("127.0.0.1", 8000)
    (tmp_path / ".env").write_text("PORT=8123\n")
    assert (load_settings().host, load_settings().port) == ("0.0.0.0", 8123)
    (tmp_path / ".env").unlink()
    monkeypatch.setenv("PORT", "8123")
    assert load_settings().host == "0.0.0.0"
    monkeypatch.setenv("PORT", "")
    assert load_settings().host == "127.0.0.1"
    monkeypatch.setenv("DYNO", "web.1")
    assert load_settings().host == "0.0.0.0"


def test_a_mistyped_variable_is_reported_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert unknown_variables() == []
    monkeypatch.setenv("MEMO_RESPONDR", "rules")
    monkeypatch.setenv("memo_reply_as", "text")
    (tmp_path / ".env").write_text("MEMO_WEATHER=fine\nMEMO_NAME=Ada\n")
    assert unknown_variables() == [
        "MEMO_RESPONDR is set, but there is no such setting. Did you mean MEMO_RESPONDER?",
        "MEMO_WEATHER is set, but there is no such setting; .env.example has them all.",
    ]


def test_an_env_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("MEMO_NAME=Zoë".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"\.env is not text in UTF-8"):
        load_settings()
    file.unlink()
    file.symlink_to("/proc/self/mem")  # opens, but cannot be read, also by root
    with pytest.raises(ConfigurationError, match=r"\.env cannot be read"):
        load_settings()


KEYS = [
    ("speech_base_url", "speech_api_key", "MEMO_SPEECH_BASE_URL"),
    ("transcribe_base_url", "transcribe_api_key", "MEMO_TRANSCRIBE_BASE_URL"),
    ("elevenlabs_base_url", "elevenlabs_api_key", "MEMO_ELEVENLABS_BASE_URL"),
]


@pytest.mark.parametrize(("address", "key", "variable"), KEYS)
@pytest.mark.parametrize("url", ["http://speech.example/v1", "speech.example", "http://[broken"])
def test_a_key_is_not_sent_in_the_clear(address: str, key: str, variable: str, url: str) -> None:
    linq = {"linq_api_key": "key", "linq_webhook_secret": SECRET}
    settings = load_settings(**linq, **{address: url, key: "sk-hidden"})
    with pytest.raises(ConfigurationError, match=variable) as caught:
        require_linq(settings)
    assert "sk-hidden" not in str(caught.value)


@pytest.mark.parametrize(("address", "key", "_variable"), KEYS)
@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://speech.example/v1", "sk-1"),
        ("http://127.0.0.1:8000/v1", "sk-1"),
        ("http://localhost:8000/v1", "sk-1"),
        ("http://[::1]:8000/v1", "sk-1"),
        ("http://speech.example/v1", ""),
    ],
)
def test_a_key_may_be_sent_encrypted_or_to_this_machine(
    address: str, key: str, _variable: str, url: str, secret: str
) -> None:
    load_settings(**{address: url, key: secret}).require_encrypted_keys()
