"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One result of one check, without any secret in it.

    check: what was looked at, e.g. `voices`. `warning`: it works, but not as well as it could;
    `problem`: messages are lost, refused or not answered. cure: what to do; "" where all is well.
    """

    check: str
    level: Level
    message: str
    cure: str = ""


def ok(check: str, message: str) -> Finding:
    return Finding(check, "ok", message)


def warning(check: str, message: str, cure: str) -> Finding:
    return Finding(check, "warning", message, cure)


def problem(check: str, message: str, cure: str) -> Finding:
    return Finding(check, "problem", message, cure)
