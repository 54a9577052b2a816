"""Handles as people write them, brought to the form in which Linq names people: E.164 or e-mail."""

from __future__ import annotations

from collections.abc import Iterable

from app.linq.events import normal_handle

_NATIONAL_DIGITS = 10
"""Of a North American number without its country code."""
_ALIKE_DIGITS = 7
"""So many last digits in common make two numbers worth a second look."""


def handle_forms(text: str) -> frozenset[str]:
    """The handles that `text` may stand for; none if it is neither number nor address.

    `13125550177`, `(312) 555-0177`, `001 312 555 0177` and `011 1 312 …` all are `+13125550177`.
    """
    handle = normal_handle(text)
    if "@" in handle or handle.startswith("+") or not handle:
        return frozenset({handle} - {""})
    digits = handle
    forms = {digits, f"+{digits}"}
    if len(digits) == _NATIONAL_DIGITS:
        forms.add(f"+1{digits}")
    forms |= {
        f"+{digits.removeprefix(prefix)}" for prefix in ("00", "011") if digits.startswith(prefix)
    }
    return frozenset(forms)


def similar_handles(text: str, known: Iterable[str]) -> list[str]:
    """Those of the known numbers that end as `text` does."""
    end = "".join(filter(str.isdecimal, text))[-_ALIKE_DIGITS:]
    if len(end) < _ALIKE_DIGITS:
        return []
    return sorted(handle for handle in known if handle.endswith(end))
