"""What an alert says, in one JSON body that Slack, Mattermost, Discord and own services take.

Slack and Mattermost show `text`, Discord shows `content` (2 000 characters at most); each ignores
fields it does not know. Mattermost does so by its decoder (server/public/model/incoming_webhook.go,
which knows `text`, `username`, `icon_url`, `icon_emoji`, `channel`, `props`, `attachments`, `type`
and `priority`); of Slack and Discord it is what others report. So everything for own services
stands in one object, `alert`.

What a person wrote stands between backticks, where none of the three reads mentions, links or
markup; what could still begin one is taken out of it.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from urllib.parse import quote

from app.store.alerts import Alert
from app.telemetry import masked

MAX_CHARACTERS = 2000
"""Of Discord's `content`, the shortest limit of the three."""
_MAX_QUOTED = 300
_ZERO_WIDTH_SPACE = "\u200b"
_BEGINNINGS = re.compile(r"(?<=@)|(?<=:)(?=//)")
"""Where a mention or an address begins."""
_INSTEAD = str.maketrans({"`": "'", "<": "‹", ">": "›", "|": "¦"})

_REASONS = {
    "asked": "the person asked for one",
    "not_known": "the bot did not know an answer",
    "unsure": "the bot was not sure of its answer",
    "complaint": "the person complains",
    "urgent": "it is urgent",
}
_OTHER_REASON = "the bot handed it over"


def alert_body(alert: Alert, *, console: str | None, words: bool, now: float) -> bytes:
    """The JSON of an alert. now: Unix seconds.

    console: address of the console, without a slash at its end; None where there is none. words:
    whether it may hold what the person said.
    """
    link = f"{console}/chats/{quote(alert.chat_id, safe='')}" if console else None
    summary = alert.summary if words else ""
    text = _text(alert, link, summary, now)
    details: dict[str, object] = {
        "id": alert.alert_id,
        "event": f"chat.{alert.kind}",
        "chat_id": alert.chat_id,
        "reason": alert.reason,
        "waiting_since": _moment(alert.since).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "number": masked(alert.handle) if alert.handle else None,
        "console_url": link,
    }
    if summary:
        details["summary"] = summary
    body: dict[str, object] = {
        "text": text,
        "content": text,
        # Discord: nobody is called.
        "allowed_mentions": {"parse": []},
        # Slack: names and addresses in the text stay text, and no preview of the console is made.
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "alert": details,
    }
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _text(alert: Alert, link: str | None, summary: str, now: float) -> str:
    why = _REASONS.get(alert.reason, _OTHER_REASON)
    since = f"since {_moment(alert.since):%Y-%m-%d %H:%M} UTC"
    if alert.kind == "reminder":
        minutes = max(1, round((now - alert.since) / 60))
        begins = f"A chat still waits for a person, for {minutes} min now: {why}."
    else:
        begins = f"A chat waits for a person: {why}."
    who = f"From {quoted(masked(alert.handle))}, {since}." if alert.handle else f"Waiting {since}."
    lines = [f"{begins} {who}"]
    if summary:
        lines.append(f"About: {quoted(summary)}")
    if link:
        lines.append(f"<{link}>")  # a link for each of the three; Discord makes no preview of it
    return "\n".join(lines)[:MAX_CHARACTERS]


def quoted(words: str) -> str:
    """Somebody's words as one line of code, which mentions nobody and links nowhere."""
    line = " ".join(words.split())[:_MAX_QUOTED]
    printable = "".join(char for char in line if char.isprintable())
    return f"`{_BEGINNINGS.sub(_ZERO_WIDTH_SPACE, printable.translate(_INSTEAD)) or ' '}`"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
