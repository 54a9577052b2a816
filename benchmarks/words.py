"""Words that were never said before, so that no clip of them can be reused."""

from __future__ import annotations

import random

_NAMES = ("Anna", "Ben", "Carla", "David", "Emma", "Frank", "Grace", "Henry", "Irene", "Jack")
_THINGS = ("parcel", "table", "ticket", "window", "bicycle", "garden", "letter", "picture", "lamp")
_MANNERS = ("green", "wooden", "heavy", "little", "yellow", "broken", "second", "quiet", "narrow")
_PLACES = ("at the station", "in the office", "behind the shop", "on the corner", "near the river")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES = ("six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def new_words(number: int, *, short: bool = False) -> str:
    """A sentence of its own for each number, some six seconds when spoken; short: some four."""
    one = random.Random(number).choice
    text = f"{one(_NAMES)} has the {one(_MANNERS)} {one(_THINGS)} {one(_PLACES)}"
    if short:
        return f"{text} number {number} on {one(_DAYS)}."
    return f"{text} number {number}, and we are open on {one(_DAYS)} from {one(_TIMES)} to five."
