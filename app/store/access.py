"""Tells the functions that only read from those that write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def reads(function: F) -> F:
    """Mark a function `f(connection, …)` that only reads: it need not wait for writers."""
    function.__dict__["reads_only"] = True
    return function


def reads_only(function: Callable[..., Any]) -> bool:
    return bool(getattr(function, "reads_only", False))
