"""Marks in an answer that are there for the eye, or for an actor: none is said."""

from __future__ import annotations

import re

# "[1]", "[2, 3]" behind what they are the source of; a link or a footnote is something else.
_CITATION = re.compile(
    r"(?<=[\w.,;:!?)\]\"”’»%]) ?\[[0-9]{1,3}(?: ?[,–-] ?[0-9]{1,3}){0,5}\](?![\[(:\w])"
    r"|(?<=[\w.,;:!?)\]\"”’»%])\[[0-9]{1,3}\](?=\[[0-9]{1,3}\])"
)
_ACTION = (
    r"(?i:laugh(?:s|ing|ter)?|smil(?:es|ing)|sigh(?:s|ing)?|chuckl(?:es|ing)|giggl(?:es|ing)|"
    r"grin(?:s|ning)?|wink(?:s|ing)?|nod(?:s|ding)?|waves|shrugs|pauses?|"
    r"clears (?:\w{2,5} )?throat|"
    r"whispers|coughs|gasps|music|applause|lacht|lächelt|seufzt|räuspert sich|zwinkert|nickt|winkt|"
    r"rit|sourit|soupire|ríe|risas|sonríe|suspira|pausa|ride|sorride|sospira|risos|sorri|glimlacht|"
    r"zucht|knipoogt|pauze|笑|微笑|叹气|يضحك|يبتسم|ضحك)(?: [^*_()\[\]\n]{1,40})?"
)
_MARKED = rf"(?:\*{{1,2}}{_ACTION}\*{{1,2}}|_{_ACTION}_|\({_ACTION}\)|（{_ACTION}）|\[{_ACTION}\])"
# At the beginning of a sentence or at its end; in its middle it is emphasis.
_STAGE_DIRECTION = re.compile(
    rf"(?:^|(?<=[.!?…。！？]) ?){_MARKED}[.!]?[ \t]?| {_MARKED}(?=[.!?…]?(?:\n|\Z))", re.MULTILINE
)


def without_marks(text: str) -> str:
    """`text` without citation marks and stage directions."""
    return _STAGE_DIRECTION.sub(" ", _CITATION.sub("", text))
