"""Language tags (BCP 47), as far as the bot compares them."""

from __future__ import annotations

import re
from types import MappingProxyType

TAG_PATTERN = r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}"
"""A language tag as far as engines see it; an underscore is read as a hyphen."""

_TAG = re.compile(TAG_PATTERN)
# Names of one language that differ between models, engines and older registries.
_SYNONYMS = MappingProxyType(
    {"nb": "no", "nn": "no", "iw": "he", "in": "id", "cmn": "zh", "fil": "tl"}
)


def is_tag(text: str) -> bool:
    """Whether `text` has the form of a language tag."""
    return _TAG.fullmatch(text) is not None


def primary_subtag(tag: str) -> str:
    """The language without region and script, in lower case: `pt-BR` → `pt`, `nb` → `no`."""
    primary = tag.replace("_", "-").partition("-")[0].lower()
    return _SYNONYMS.get(primary, primary)
