"""What language models leave around an answer, and no person should read or hear."""

from __future__ import annotations

import json
import re

_LONGEST = 400_000  # characters that are looked at; what a model thought can be long
_THINKING = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_PREFIX = re.compile(
    r"\s{0,9}(?:\*\*|__)?(?:(?:final )?answer|response|assistant|antwort|réponse|respuesta|"
    r"risposta|resposta|antwoord|回答|答案|答え|الجواب|الإجابة)(?:\*\*|__)?\s?[:：](?:\*\*|__)?\s{1,9}(?=\S)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"```([A-Za-z]{0,12})[ \t]{0,9}\n(.*)\n[ \t]{0,9}```", re.DOTALL)
_PROSE = frozenset({"", "text", "txt", "plain", "plaintext", "markdown", "md", "json"})
_ANSWER_KEYS = ("answer", "text", "response", "reply", "message", "content", "output", "speech")
# How OpenAI's assistants mark what they quote.
_SOURCE_MARK = re.compile(r" ?【[^【】\n]{1,80}】|\ue200[^\ue200\ue201\n]{0,200}\ue201")


def unwrapped(text: str) -> str:
    """The answer in `text`: without what the model thought, labels, source marks and wrapping.

    A fenced block of prose, or JSON with an answer in it, is unwrapped where it is the whole text.
    """
    answer = _SOURCE_MARK.sub("", _without_thinking(text[:_LONGEST])).strip()
    answer = _fenced(_PREFIX.sub("", answer, count=1) if _PREFIX.match(answer) else answer)
    return _PREFIX.sub("", answer, count=1) if _PREFIX.match(answer) else answer


def _without_thinking(text: str) -> str:
    """`text` outside of thinking. What is not closed is thought to its end; what was not opened,
    from the beginning: some servers take the opening tag away."""
    kept: list[str] = []
    depth = at = 0
    for tag in _THINKING.finditer(text):
        if tag[1]:
            if not depth:
                kept.clear()
            depth = max(0, depth - 1)
        else:
            if not depth:
                kept.append(text[at : tag.start()])
            depth += 1
        at = tag.end()
    if not depth:
        kept.append(text[at:])
    return "".join(kept)


def _fenced(text: str) -> str:
    block = _FENCE.fullmatch(text)
    if block and block[1].lower() in _PROSE and "```" not in block[2]:
        text = block[2].strip()
    return _from_json(text)


def _from_json(text: str) -> str:
    if not (text.startswith("{") and text.endswith("}")):
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        for key in _ANSWER_KEYS:
            if isinstance(value := found.get(key), str) and value.strip():
                return value.strip()
    return text
