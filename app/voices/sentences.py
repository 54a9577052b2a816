"""Sentences: where a text may be cut so that it still sounds whole."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…。！？؟।॥။៕]+[\"'”’»)\]」』]*(?=\s|$)|[。！？]+[」』”’]*|\n+")
_CLAUSE = re.compile(r"[,;:–—、，；：،؛]+(?=\s|$)|[、，；：]+")


def sentences(text: str) -> list[str]:
    """The sentences of `text`, in order, without the white space between them."""
    return _cut(text, _END)


def chunks(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, cut at sentences, then clauses, then words."""
    pieces: list[str] = []
    for part in _parts(text, limit):
        if pieces and len(pieces[-1]) + 1 + len(part) <= limit:
            pieces[-1] += " " + part
        else:
            pieces.append(part)
    return pieces


def _parts(text: str, limit: int) -> list[str]:
    parts: list[str] = []
    for sentence in sentences(text):
        if len(sentence) <= limit:
            parts.append(sentence)
            continue
        for clause in _cut(sentence, _CLAUSE):
            for word in [clause] if len(clause) <= limit else clause.split():
                parts.extend(word[at : at + limit] for at in range(0, len(word), limit))
    return parts


def _cut(text: str, end: re.Pattern[str]) -> list[str]:
    cuts = [0, *(match.end() for match in end.finditer(text)), len(text)]
    pieces = (text[a:b].strip() for a, b in zip(cuts, cuts[1:], strict=False))
    return [piece for piece in pieces if piece]
