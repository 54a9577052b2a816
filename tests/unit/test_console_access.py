"""Who gets into the console, and who does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest

from app.console.login_limit import FREE_ATTEMPTS, KEPT_CLIENTS, LONGEST_PAUSE, LoginLimit
from app.console.sessions import SESSION_SECONDS, Sessions
from tests.console import TOKEN, ConsoleClient, csrf_of, store_exchange

PAGES = ("/console", "/console/chats/chat-1", "/console/questions", "/console/health")


@pytest.fixture
def console(sqlite_url: str) -> Iterator[ConsoleClient]:
    client = ConsoleClient.on(sqlite_url)
    client.database.write_sync(lambda c: store_exchange(c, 1, 1, question="a secret question"))
    yield client
    client.close()


@pytest.mark.parametrize("token", ["", "short"])
@pytest.mark.parametrize("path", [*PAGES, "/console/login", "/console/events"])
def test_without_a_token_there_is_no_console_but_a_word_on_how_to_get_it(
    sqlite_url: str, token: str, path: str
) -> None:
    client = ConsoleClient.on(sqlite_url, token)
    response = client.http.get(path)
    assert response.status_code == 404
    assert "MEMO_ADMIN_TOKEN" in response.text
    client.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_link_without_a_session_shows_the_login_form_alone(
    console: ConsoleClient, path: str
) -> None:
    response = console.http.get(path)
    assert "Admin token" in response.text
    assert "secret question" not in response.text
    assert f'name="next" value="{path}"' in response.text


@pytest.mark.parametrize(
    "path",
    ["/console/events", "/console/audio/answers/answer:m-1", "/console/audio/messages/m-1/0"],
)
def test_what_pages_load_is_closed_without_a_session(console: ConsoleClient, path: str) -> None:
    assert console.http.get(path).status_code == 401


def test_the_right_token_opens_it_and_the_cookie_is_kept_from_scripts_and_other_sites(
    console: ConsoleClient,
) -> None:
    response = console.log_in()
    assert response.status_code == 303
    cookie = response.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/console", f"Max-Age={SESSION_SECONDS}"):
        assert part in cookie
    assert "Secure" not in cookie
    assert TOKEN not in cookie
    assert "answer 1" in console.get("/console")


def test_behind_https_the_cookie_never_travels_in_the_clear(console: ConsoleClient) -> None:
    response = console.log_in(**{"x-forwarded-proto": "https"})
    assert "Secure" in response.headers["set-cookie"]


def test_a_wrong_token_opens_nothing(console: ConsoleClient) -> None:
    response = console.log_in("wrong")
    assert response.status_code == 401
    assert "not the admin token" in response.text
    assert "Admin token" in console.http.get("/console").text


def test_guessing_is_slowed_and_then_even_the_right_token_has_to_wait(
    console: ConsoleClient,
) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert console.log_in("wrong").status_code == 401
    response = console.log_in()
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) >= 1
    # Somebody else is not held up.
    assert console.log_in(**{"x-forwarded-for": "203.0.113.9"}).status_code == 303


def test_pauses_double_up_to_a_minute_and_memory_is_bounded() -> None:
    now = [0.0]
    limit = LoginLimit(lambda: now[0])
    pauses = []
    for _ in range(12):
        limit.failed("a")
        pauses.append(limit.wait_seconds("a"))
        now[0] += pauses[-1] + 1
    assert pauses[:5] == [0, 0, 1, 2, 4]
    assert pauses[-1] == LONGEST_PAUSE
    for number in range(3 * KEPT_CLIENTS):
        limit.failed(f"client {number}")
        now[0] += 10
    assert len(limit._clients) == KEPT_CLIENTS


def test_many_forged_addresses_do_not_guess_faster_than_one_a_second() -> None:
    now = [0.0]
    limit = LoginLimit(lambda: now[0])
    tried = 0
    for number in range(10_000):
        if not limit.wait_seconds(f"client {number}"):
            tried += 1
            limit.failed(f"client {number}")
        now[0] += 0.01
    assert tried < 170


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 303)]
)
def test_a_form_of_another_site_is_refused(console: ConsoleClient, site: str, status: int) -> None:
    console.log_in()
    token = csrf_of(console.get("/console"))
    response = console.http.post(
        "/console/logout", data={"csrf": token}, headers={"sec-fetch-site": site}
    )
    assert response.status_code == status


def test_a_form_without_its_token_is_refused(console: ConsoleClient) -> None:
    console.log_in()
    paths = (
        "logout",
        "chats/chat-1/memos",
        "chats/chat-1/take",
        "chats/chat-1/return",
        "chats/chat-1/typing",
        "chats/chat-1/retry",
        "health/check",
    )
    for path, token in product(paths, ("", "0" * 64, "\u00e9")):
        data = {"csrf": token, "text": "Hello", "key": "k"}
        response = console.http.post(f"/console/{path}", data=data)
        assert response.status_code == 403, (path, token)


def test_the_token_of_the_login_form_is_of_no_use_for_other_forms(console: ConsoleClient) -> None:
    before = csrf_of(console.http.get("/console").text)
    console.log_in()
    assert console.http.post("/console/logout", data={"csrf": before}).status_code == 403


def test_after_logging_out_the_form_is_back(console: ConsoleClient) -> None:
    console.log_in()
    token = csrf_of(console.get("/console"))
    console.http.post("/console/logout", data={"csrf": token})
    assert "Admin token" in console.http.get("/console").text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/console/../x", "javascript:alert(1)", "/api"],
)
def test_the_login_leads_to_no_other_page(console: ConsoleClient, elsewhere: str) -> None:
    page = console.http.get("/console")
    data = {"csrf": csrf_of(page.text), "token": TOKEN, "next": elsewhere}
    response = console.http.post("/console/login", data=data)
    assert response.headers["location"] == "/console"


def test_a_form_that_is_too_large_or_no_form_is_refused(console: ConsoleClient) -> None:
    console.log_in()
    path = "/console/chats/chat-1/memos"
    assert console.http.post(path, content=b"x=" + b"a" * 200_000).status_code == 413
    assert console.http.post(path, content=b"\xff\xfe").status_code == 400
    assert console.http.post(path, content=b"a=1&" * 1000).status_code == 400


def test_a_link_from_elsewhere_is_followed_once_more_because_strict_cookies_stay_behind(
    console: ConsoleClient,
) -> None:
    response = console.http.get("/console", headers={"sec-fetch-site": "cross-site"})
    assert 'http-equiv="refresh"' in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("path", [*PAGES, "/console/static/console.js", "/console/nowhere"])
def test_browsers_are_told_to_be_strict(console: ConsoleClient, path: str) -> None:
    console.log_in()
    response = console.http.get(path)
    if response.status_code == 404:
        return
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_style_of_its_own_or_anything_from_outside(
    console: ConsoleClient, path: str
) -> None:
    console.log_in()
    html = console.get(path)
    assert not re.search(r"<script(?![^>]*src=\"/console/static/)", html)
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    assert not re.search(r"(?:src|href|action)=\"(?!/console|#)", html)


# Sessions ----------------------------------------------------------------------------------------


def test_a_session_ends_and_cannot_be_forged() -> None:
    now = [1_000.0]
    sessions = Sessions(TOKEN, "key", lambda: now[0])
    session = sessions.begin("admin")
    cookie = sessions.cookie(session)
    assert sessions.read(cookie) == session
    kind, expiry, nonce, signature = cookie.split(".")
    for forged in (
        f"{kind}.{int(expiry) + 1}.{nonce}.{signature}",
        f"form.{expiry}.{nonce}.{signature}",
        f"{cookie}0",
        "admin.9999999999.x.y",
        "",
    ):
        assert sessions.read(forged) is None
    now[0] += SESSION_SECONDS
    assert sessions.read(cookie) is None


@pytest.mark.parametrize(("token", "key"), [(TOKEN + "2", "key"), (TOKEN, "key2")])
def test_another_token_or_key_ends_all_sessions(token: str, key: str) -> None:
    session = Sessions(TOKEN, "key").begin("admin")
    cookie = Sessions(TOKEN, "key").cookie(session)
    assert Sessions(token, key).read(cookie) is None


def test_a_login_form_is_no_session() -> None:
    sessions = Sessions(TOKEN, "key")
    opened = sessions.read(sessions.cookie(sessions.begin("form")))
    assert opened
    assert not opened.is_admin
