"""Where fuzzing begins: small inputs that are right, or wrong in a way that was found before."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.fuzz.targets import LANGUAGES
from tests.hostile_audio import corpus
from tests.webhook_bodies import MEMO, new_version, old_version

_ROOT = Path(__file__).parents[2]
_MAX_BYTES = 8_000
_FOUND = Path(__file__).parent / "found.yaml"

RULES = """\
name: Salon
languages: [en, de]
time_zone: Europe/Berlin
hours: {mon-fri: 9:00-18:30, sat: closed}
holidays: {2026-12-24: closed}
default: {en: I do not know., de: Das weiss ich nicht.}
still_unknown: {answer: A colleague will help., hand_over: 2h}
rules:
  opening-hours:
    keywords: {en: [open*, hours], de: [offen, geöffnet]}
    answer: {open: "{name} closes at {closes}.", closed: "We open {opens}."}
    examples: [Are you open today?]
  price:
    phrases: [how much is *, what does it cost]
    patterns: ['\\bEUR ?\\d+']
    unless: {keywords: [refund]}
    answer: 30 euros.
    write: https://example.org/prices
    priority: 2
"""


def seeds(target: str) -> Iterator[bytes]:
    """The inputs of one target, the same each time."""
    yield from {"webhook": _webhooks, "rules": _rules, "speech": _speech, "audio": _audio}[target]()
    found = yaml.safe_load(_FOUND.read_text()) or {}
    yield from (base64.b64decode(one) for one in found.get(target, ()))


def _webhooks() -> Iterator[bytes]:
    bodies = [
        build(event_type)
        for build in (new_version, old_version)
        for event_type in ("message.received", "message.edited", "message.failed", "other")
    ]
    bodies.append(new_version(parts=[MEMO, {"type": "link", "value": "https://example.org"}]))
    for body in bodies:
        yield json.dumps(body).encode()


def _rules() -> Iterator[bytes]:
    yield RULES.encode()
    yield b"default: a\nrules: {}\n"
    yield b"default: {answer: a, hand_over: 1h}\nrules: {a: {keywords: [b], silent: true}}\n"


def _speech() -> Iterator[bytes]:
    entries = yaml.safe_load((_ROOT / "tests/corpus/speech.yaml").read_text())
    for entry in entries[::4]:
        language = str(entry.get("language", "en"))
        number = LANGUAGES.index(language) if language in LANGUAGES else 0
        yield bytes([number]) + str(entry["text"]).encode()[:400]


def _audio() -> Iterator[bytes]:
    for number, (_, data) in enumerate(corpus()):
        if len(data) <= _MAX_BYTES and number % 3 == 0:
            yield data
