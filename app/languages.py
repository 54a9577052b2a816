"""Language tags (BCP 47), as far as the bot compares them."""

from __future__ import annotations

import re
from types import MappingProxyType

TAG_PATTERN = r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}"
"""A language tag as engines accept it; an underscore counts as a hyphen."""

_TAG = re.compile(TAG_PATTERN)
# Names of one language that differ between models, engines and older registries.
_SYNONYMS = MappingProxyType(
    {"nb": "no", "nn": "no", "iw": "he", "in": "id", "cmn": "zh", "fil": "tl"}
)


def is_tag(text: str) -> bool:
    """Whether `text` has the form of a language tag."""
    return _TAG.fullmatch(text) is not None


def normalized(tag: str) -> str:
    """`tag` in lower case with hyphens: `pt_BR` → `pt-br`."""
    return tag.replace("_", "-").lower()


def primary_subtag(tag: str) -> str:
    """The language without region and script, in lower case: `pt-BR` → `pt`, `nb` → `no`."""
    primary = normalized(tag).partition("-")[0]
    return _SYNONYMS.get(primary, primary)
