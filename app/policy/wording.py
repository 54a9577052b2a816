"""Words compared as people mean them: without case, punctuation, accents, invisible signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from app.linq.events import InboundMessage

_INVISIBLE = dict.fromkeys(
    [0xFFFC, 0x00AD, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060]
)
"""Object replacement (which stands for an attachment in iMessage), zero width, direction."""
_UNDECOMPOSED = str.maketrans("ıłø", "ilo")
_GREETINGS = frozenset(
    {"hey", "hi", "hello", "ok", "okay", "dear", "hallo", "hola", "salut", "bonjour", "ciao", "ola"}
)
_MOST_TRIMMED = 6  # words of courtesy around a request
_COURTESY = (
    r"please|pls|plz|thanks|thank you|ok|okay|hey|hi|hello|now|immediately|no|bitte|danke|jetzt|"
    r"sofort|svp|stp|s il vous plait|s il te plait|merci|por favor|porfa|gracias|ya|per favore|"
    r"per piacere|grazie|adesso|subito|obrigado|obrigada|agora|alsjeblieft|alstublieft|aub|graag|"
    r"bedankt|من فضلك|رجاء|لو سمحت"
)
_BEFORE = re.compile(rf"(?:{_COURTESY}) (?=\S)")
_BEHIND = re.compile(rf"(?<=\S) (?:{_COURTESY})\Z")
# Scripts written without spaces, or with particles attached to a name.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


def message_text(message: InboundMessage) -> str:
    """All that a message says, written or transcribed, one part a line."""
    said = (
        part.text.replace("\ufffc", " ").strip()  # stands where an attachment is
        for part in message.parts
        if part.kind in ("text", "link", "audio")
    )
    return "\n".join(text for text in said if visible(text))


def visible(text: str) -> str:
    """The trimmed text without signs that nobody sees."""
    return text.translate(_INVISIBLE).strip()


def plain(text: str) -> str:
    """Words in lower case with one space between, without punctuation and accents."""
    folded = unicodedata.normalize("NFKD", visible(text).casefold()).translate(_UNDECOMPOSED)
    bare = "".join(char for char in folded if not unicodedata.category(char).startswith("M"))
    return " ".join(re.findall(r"\w+", bare))


def contains_name(text: str, name: str) -> bool:
    """Whether `name` stands in `text` as a whole word (or words)."""
    wanted, said = plain(name), plain(text)
    if not wanted:
        return False
    if _UNSPACED.search(unicodedata.normalize("NFKC", name)):
        return wanted in said
    return f" {wanted} " in f" {said} "


def begins_with_name(text: str, name: str) -> bool:
    """Whether `text` begins with `name`, or with a greeting and then `name`."""
    first, _, rest = plain(text).partition(" ")
    said = rest if first in _GREETINGS else f"{first} {rest}"
    wanted = plain(name)
    if _UNSPACED.search(unicodedata.normalize("NFKC", name)):
        return wanted != "" and said.startswith(wanted)
    return wanted != "" and f"{said} ".startswith(f"{wanted} ")


def without_courtesy(said: str) -> Iterator[str]:
    """`plain` words as they are, and again and again without a word of courtesy around them."""
    yield said
    for _ in range(_MOST_TRIMMED):
        shorter = _BEHIND.sub("", said)
        shorter = shorter if shorter != said else _BEFORE.sub("", said, count=1)
        if shorter == said:
            return
        said = shorter
        yield said
