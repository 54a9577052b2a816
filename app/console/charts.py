"""Bar charts by day, as shapes for an inline SVG."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from app.store.figures import DAY_SECONDS, DayCount, Turnaround

DAYS = 14
STEP = 24
"""Units of the picture from day to day."""
HEIGHT = 96
_BAR = 16
_ENDS = {"sent": "answered", "failed": "failed", "uncertain": "failed"}
SERIES = ("answered", "silent", "failed")


@dataclass(frozen=True)
class Bar:
    """A rectangle of the picture."""

    x: float
    y: float
    height: float
    look: str


@dataclass(frozen=True)
class Chart:
    """A picture, and the same as a table: the days with a figure for each series."""

    title: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    top: str
    """What the highest day has."""
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    width: int = DAYS * STEP
    height: int = HEIGHT
    bar_width: int = _BAR


def first_moment(now: float) -> float:
    """Where the first day of the charts begins, in Unix seconds."""
    return (now // DAY_SECONDS - DAYS + 1) * DAY_SECONDS


def volume(counts: Sequence[DayCount], now: float) -> Chart:
    """Answers by how they ended."""
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for one in counts:
        found[one.day][_ENDS.get(one.state, "silent")] += one.count
    return _chart("Answers a day", SERIES, found, now, unit="")


def hand_overs(counts: Sequence[DayCount], now: float) -> Chart:
    """Answers after which a chat waited for a person."""
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for one in counts:
        found[one.day]["handed over"] += one.handed_over
    return _chart("Hand-overs a day", ("handed over",), found, now, unit="")


def turnaround(found: Sequence[Turnaround], now: float) -> Chart:
    """Median seconds from the message to its memo."""
    taken: defaultdict[int, list[float]] = defaultdict(list)
    for one in found:
        taken[int(one.asked_at // DAY_SECONDS)].append(one.posted_at - one.asked_at)
    medians = {day: {"median": median(values)} for day, values in taken.items()}
    return _chart("Seconds to the memo", ("median",), medians, now, unit=" s")


def stages(found: Sequence[Turnaround]) -> list[tuple[str, float]]:
    """Median seconds of each stage, as the ledger measures them."""
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for one in found:
        for name, value in one.stages.items():
            taken[name].append(value)
    return [(name, median(values)) for name, values in taken.items()]


def totals(counts: Sequence[DayCount], field: str) -> list[tuple[str, int]]:
    """How many answers have each value of `reason` or `engine`, the most frequent first."""
    found: Counter[str] = Counter()
    for one in counts:
        if name := str(getattr(one, field) or ""):
            found[name] += one.count
    return found.most_common(12)


def _chart(
    title: str,
    series: tuple[str, ...],
    values: Mapping[int, Mapping[str, float]],
    now: float,
    *,
    unit: str,
) -> Chart:
    first = int(first_moment(now) // DAY_SECONDS)
    days = range(first, first + DAYS)
    highest = max((sum(values.get(day, {}).values()) for day in days), default=0) or 1
    bars, rows = [], []
    for index, day in enumerate(days):
        bottom = float(HEIGHT)
        of_day = values.get(day, {})
        for name in series:
            if (value := of_day.get(name, 0)) > 0:
                height = max(1.0, value / highest * (HEIGHT - 2))
                bottom -= height
                x = index * STEP + (STEP - _BAR) / 2
                bars.append(Bar(x, round(bottom, 1), round(height, 1), name))
        date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
        rows.append((f"{date:%b %d}", tuple(_figure(of_day.get(name, 0), unit) for name in series)))
    return Chart(title, series, tuple(bars), _figure(highest, unit), tuple(rows))


def _figure(value: float, unit: str) -> str:
    return f"{value:.2f}{unit}" if unit and value else f"{value:.0f}{unit}"
