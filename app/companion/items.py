"""Items: what a listener cannot keep, and where it stands in a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["link", "email", "phone", "code", "bank", "address", "list", "table", "snippet"]
"""bank: an IBAN. address: of a street. snippet: a block of code, or a command."""


@dataclass(frozen=True)
class Item:
    """One thing to write. `text` is exactly what the answer says, `label` the words that name it.

    names: whether the label names it for this answer alone, unlike "Phone" or "Link".
    """

    kind: Kind
    text: str
    label: str = ""
    names: bool = True


@dataclass(frozen=True)
class Span:
    """An item in a line, from `start` to `end` as in a slice.

    said: what stays of it in speech, such as the words of a link. label: "" where the words
    around it have to tell.
    """

    start: int
    end: int
    kind: Kind
    text: str
    said: str = ""
    label: str = ""
