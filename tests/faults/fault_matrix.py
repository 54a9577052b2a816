"""Every kind of fault that the sandbox knows and a bot has to survive, at a probability."""

from __future__ import annotations

from typing import Any

Fault = dict[str, Any]

_ENDLESS = 1_000_000


def everything(probability: float, seed: int = 0) -> list[Fault]:
    """Faults by which each call and each webhook goes wrong with this probability, in any way."""
    faults = [
        *_spread("voicememo", _MEMO, probability),
        *_spread("messages_send", _TEXT, probability),
        *_spread("messages_list", _BRIEF, probability),
        *_spread("attachment_create", _BRIEF, probability),
        *_spread("upload", [*_BRIEF, {"kind": "not_ready", "seconds": 1.0}], probability),
        *_spread("typing", _BRIEF, probability),
        *_spread("read", _BRIEF, probability),
    ]
    for event_type, kinds in _WEBHOOKS.items():
        faults += _spread("webhook", [{**k, "event_type": event_type} for k in kinds], probability)
    return [{**fault, "seed": seed + number} for number, fault in enumerate(faults)]


def _spread(endpoint: str, kinds: list[Fault], probability: float) -> list[Fault]:
    """The kinds evenly, so that together they strike with this probability."""
    faults = []
    for number, kind in enumerate(kinds):
        # Each is asked only if those before it did not strike.
        share = probability / len(kinds) / (1 - probability * number / len(kinds))
        faults.append({"endpoint": endpoint, "probability": share, "count": _ENDLESS, **kind})
    return faults


def _status(status: int, code: int, **more: Any) -> Fault:
    return {"kind": "status", "status": status, "code": code, **more}


_BRIEF: list[Fault] = [
    _status(500, 3006),
    _status(503, 4004),
    _status(429, 1007, retry_after=1),
    {"kind": "delay", "seconds": 0.5},
    {"kind": "hang", "seconds": 2.0},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "accept_then_500"},
    {"kind": "accept_then_hang", "seconds": 2.0},
]
_TEXT: list[Fault] = [*_BRIEF, _status(409, 2009)]
_MEMO: list[Fault] = [
    _status(500, 3006),
    _status(503, 4004),
    _status(408, 3005),
    _status(429, 1007, retry_after=1),
    _status(404, 2007),
    _status(409, 2009),
    _status(400, 1005),
    _status(422, 4005),
    {"kind": "delay", "seconds": 0.5},
    {"kind": "hang"},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "accept_then_500"},
    {"kind": "accept_then_hang"},
    {"kind": "fail", "code": 4001},
]
_DOUBLED: list[Fault] = [{"kind": "duplicate"}, {"kind": "duplicate_new_id"}]
_SHUFFLED: list[Fault] = [
    *_DOUBLED,
    {"kind": "reorder", "seconds": 1.0},
    {"kind": "late", "seconds": 1.5},
]
_WEBHOOKS: dict[str, list[Fault]] = {
    # A webhook that the bot has to refuse is lost, so those go by events it can do without.
    "message.received": _SHUFFLED,
    "message.failed": _SHUFFLED,
    "message.sent": [*_SHUFFLED, {"kind": "missing_headers"}, {"kind": "bad_signature"}],
    "message.delivered": [*_SHUFFLED, {"kind": "missing_headers"}, {"kind": "bad_signature"}],
}
