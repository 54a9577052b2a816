"""Figures with their aims: as a table, as JSON, and beside the figures of an earlier run."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

COMMITTED = Path(__file__).parent / "ratios.json"
NOISE = 1.5
"""So many times worse than the committed ratio is pointed out; less is what two runs differ by."""


@dataclass(frozen=True)
class Figure:
    """What was measured. at_most or at_least: the aim, if there is one.

    ratio: whether it is to a rival in the same run, and so may be compared between machines.
    note: what it was measured against, or why it is not to be trusted too far.
    """

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    ratio: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool:
        return not (
            (self.at_most is not None and self.value > self.at_most)
            or (self.at_least is not None and self.value < self.at_least)
        )

    @property
    def aim(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the others lie; of few values the highest."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median_and_worst(values: Sequence[float]) -> str:
    return f"p50 {statistics.median(values):.3f} s, p99 {percentile(values, 0.99):.3f} s"


def report(figures: Sequence[Figure], as_json: bool) -> int:
    """Print the figures. Returns the exit code: 1 where an aim is missed."""
    if as_json:
        print(json.dumps([asdict(one) | {"met": one.is_met} for one in figures], indent=2))
    else:
        _print(figures)
    return 0 if all(one.is_met for one in figures) else 1


def commit(figures: Sequence[Figure]) -> None:
    """Keep the ratios of this run, for later ones to be compared with."""
    kept = {one.name: round(one.value, 3) for one in figures if one.ratio}
    COMMITTED.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def regressions(figures: Sequence[Figure]) -> list[str]:
    """What is worse than in the committed run by more than noise."""
    committed = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else {}
    found = []
    for one in figures:
        before = committed.get(one.name)
        if before is None or not one.ratio:
            continue
        worse = before / one.value if one.at_least is not None else one.value / before
        if worse > NOISE:
            found.append(f"{one.name}: {one.value:.2f}, was {before:.2f} in {COMMITTED.name}")
    return found


def _print(figures: Sequence[Figure]) -> None:
    table = Table("", "measure", "figure", "aim", "note")
    for one in figures:
        verdict = "" if not one.aim else "met" if one.is_met else "[red]missed[/red]"
        digits = ".2f" if one.ratio else ".3g"
        figure = f"{one.value:{digits}} {'×' if one.ratio else one.unit}"
        table.add_row(verdict, one.name, figure, one.aim, one.note)
    console = Console(width=None if Console().is_terminal else 150)
    console.print(table)
    for line in regressions(figures):
        console.print(f"worse than committed: {line}", style="yellow")
    for one in figures:
        if not one.is_met:
            console.print(f"missed: {one.name}: {one.value:.3g}, aim {one.aim}", style="red")
