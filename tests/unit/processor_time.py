"""What work on a text costs, by its length."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time


def grows_in_proportion(work: Callable[[str], object], short: str, long: str, least: float) -> bool:
    """Whether a text 8 times as long costs less than 24 times as much; a cost that grew with the
    square would be 64 times as high. Only what looks too slow is done again.

    least: seconds of processor time; a short text that takes less counts as that much.
    """
    first = _seconds(work, long)
    if first < 24 * least:
        return True
    bound = 24 * max(min(_seconds(work, short) for _ in range(2)), least)
    return first < bound or _seconds(work, long) < bound


def _seconds(work: Callable[[str], object], text: str) -> float:
    began = process_time()
    work(text)
    return process_time() - began
