"""Removal: a line without its items, such that what is left is still a sentence to speak."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from app.companion.items import Span
from app.companion.wordings import Wording

_GONE = "\ue000"  # of private use, so in no text
_SENTENCES = re.compile(r"(?<=[.!?…])(?=\s)|(?<=[。！？؟])")
_WRAPPED = re.compile(rf"[*_`\"'“”„«»‘’<「]*{_GONE}[*_`\"'“”„«»‘’>」]*")
_BRACKETED = re.compile(rf"[(\[（]{_GONE}[)\]）]")
_COLON = re.compile(rf"\s*(?:[:：]|\s[-–—])\s*{_GONE}")
_PARTICLE = re.compile(
    rf"\s*{_GONE}\s*(?:から|まで|より|に|へ|で|を|は|の|と|が)(?=[\u3040-\u9fff])"
)
_IS_CJK = re.compile(r"[\u3040-\u9fff]")
_ENDINGS = "です|まで|へ|になります|でございます|となります"
_LONGEST_LABEL = 1  # words before a colon that are not worth saying alone, such as "Phone"
_FEWEST_WORDS = 2


def removed(line: str, spans: Sequence[Span], wording: Wording) -> tuple[str, list[Span]]:
    """What is spoken of a line, and the items that it has not said to follow in writing."""
    left, at = "", 0
    for span in spans:
        left += line[at : span.start] + (span.said or _GONE)
        at = span.end
    left += line[at:]
    untold = [span for span in spans if span.said]
    gone = [span for span in spans if not span.said]
    said = []
    for sentence in _SENTENCES.split(left):
        count = sentence.count(_GONE)
        words, follows = _without(sentence, wording) if count else (sentence, False)
        said.append(words)
        if not (follows and words):
            untold += gone[:count]
        gone = gone[count:]
    return "".join(said).strip(), untold


def _without(sentence: str, wording: Wording) -> tuple[str, bool]:
    """A sentence without its items, "" if too little is left, and whether it says that they
    follow."""
    patterns = _patterns(wording)
    text = _BRACKETED.sub(_GONE, _WRAPPED.sub(_GONE, sentence))
    text = patterns.several.sub(_GONE, text)
    text, copulas = patterns.copula.subn(patterns.follows, text)
    if _GONE in text:
        head = _COLON.split(text)[0]
        if head != text and len(head.split()) <= _LONGEST_LABEL and not _IS_CJK.search(head):
            return "", False
        text = _COLON.sub(_GONE, text)
        text = patterns.before.sub("", _PARTICLE.sub("", text))
    text = _tidy(text)
    long_enough = len(text) >= 4 if _IS_CJK.search(text) else len(text.split()) >= _FEWEST_WORDS
    return (text if long_enough else ""), copulas > 0


def _tidy(text: str) -> str:
    text = re.sub(r"[*_]{2,}|\(\s*\)|（\s*）|\[\s*\]", "", text)
    text = re.sub(r"[ \t\u00a0]{2,}", " ", text)
    text = re.sub(r"\s+([,.;:!?…)\]])", r"\1", text)
    text = re.sub(r"[,;:–—-]+\s*([.!?…])", r"\1", text)
    text = re.sub(r",(?:\s*,)+", ",", text)
    text = re.sub(r"([、，])+([。！？])", r"\2", text)
    text = re.sub(r"[\s,;:：、，–—-]+$", "", text)
    return text if any(map(str.isalnum, text)) else ""


class _Patterns:
    """The expressions of one language."""

    def __init__(self, wording: Wording) -> None:
        before = "|".join(sorted(map(re.escape, wording.before), key=len, reverse=True))
        joints = "|".join(map(re.escape, wording.conjunctions))
        copulas = "|".join(sorted(map(re.escape, wording.copulas), key=len, reverse=True))
        self._follows = wording.copulas
        self.several = re.compile(
            rf"{_GONE}(?:\s*(?:,|、|，|/|;|(?<!\w)(?:{joints})(?!\w))*\s*{_GONE})+", re.IGNORECASE
        )
        spaced = rf"(?:\s+(?:{before}))" if before else "(?:(?!))"
        self.copula = re.compile(
            rf"(?:(?<=[\u3040-\u9fff])|\s+)({copulas or '(?!)'})(?:[:：]|{spaced}){{0,2}}\s*{_GONE}"
            rf"(?:\s*(?:{_ENDINGS})|(?![\u3040-\u9fff]))",
            re.IGNORECASE,
        )
        joined = rf"(?:\s+|(?=['’]|{_GONE})['’]?)"  # as in "l'"
        self.before = re.compile(
            rf"(?:(?:^|(?<=\s)|(?<=[(,，、]))(?:{before or '(?!)'}){joined}){{0,2}}{_GONE}",
            re.IGNORECASE,
        )

    def follows(self, match: re.Match[str]) -> str:
        words = self._follows[match[1].lower()]
        return words if _IS_CJK.match(words) else f" {words}"


@cache
def _patterns(wording: Wording) -> _Patterns:
    return _Patterns(wording)
