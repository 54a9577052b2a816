"""A voice for each language: `alloy`, or `en:alloy,de:onyx`, or `alloy,de:onyx`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.languages import normalized, primary_subtag

_ENTRY = re.compile(r"([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?)\s*:\s*(\S.*)")


@dataclass(frozen=True)
class VoiceChoice:
    """`default` speaks the languages that have none of their own; "" where nothing is set."""

    default: str
    by_language: Mapping[str, str]

    @classmethod
    def parse(cls, setting: str | None) -> VoiceChoice:
        """What a setting names. Without a voice for all languages the first one is that."""
        default, by_language = "", {}
        for entry in filter(None, (part.strip() for part in (setting or "").split(","))):
            if own := _ENTRY.fullmatch(entry):
                by_language[normalized(own[1])] = own[2].strip()
            else:
                default = default or entry
        return cls(default or next(iter(by_language.values()), ""), by_language)

    def voice_for(self, language: str) -> str:
        """The voice of `language` (BCP 47), of the language it is a kind of, or the default."""
        tag = normalized(language)
        own = self.by_language.get(tag) or self.by_language.get(primary_subtag(tag))
        return own or self.default
