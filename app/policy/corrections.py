"""Corrections: messages that change what was asked before them, rather than ask something new."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.linq.events import InboundMessage
from app.policy.wording import message_text, plain, visible

_LONGEST = 300  # characters; whoever writes more asks anew

# Without accents and punctuation, as `plain` leaves them.
_BEGINNINGS = """
    sorry|oops|ups|i mean|i meant|no wait|wait|hold on|actually|correction|make that|scratch that|
    rather|instead|not|no|nope|my mistake|typo|
    nein|doch|ich meine|ich meinte|gemeint|korrektur|entschuldigung|halt|quatsch|stattdessen|
    lieber doch|ach nein|falsch|tippfehler|verschrieben|
    pardon|desole|desolee|je veux dire|je voulais dire|en fait|non|plutot|erreur|oups|
    perdon|quiero decir|queria decir|quise decir|mejor dicho|digo|en realidad|mejor|
    scusa|scusi|scusate|volevo dire|anzi|intendevo|
    desculpa|desculpe|quero dizer|quis dizer|alias|na verdade|
    ik bedoel|ik bedoelde|nee|correctie|toch|
    przepraszam|sorki|mialem na mysli|mialam na mysli|to znaczy|nie|jednak|
    извините|простите|я имел в виду|я имела в виду|точнее|то есть|вернее|нет|
    ozur dilerim|yani|demek istedim|duzeltiyorum|hayir|
    عفوا|اسف|اقصد|قصدت|لا
"""
_CORRECTS = re.compile(rf"(?:{'|'.join(one.strip() for one in _BEGINNINGS.split('|'))})(?!\w)")
_CORRECTS_UNSPACED = re.compile(
    "(?:すみません|ごめん|間違え|まちがえ|訂正|やっぱり|いや|不好意思|抱歉|我是说|不对|说错|应该是|更正|不是)"
)
_STAR = re.compile(r"\*+\s?[^\s*][^\n*]{0,60}|[^\n*]{1,60}\*")
"""As in "*Sunday", by which people correct a typing error."""


def is_correction(text: str) -> bool:
    """Whether a message takes back or changes what its sender wrote right before."""
    if len(text) > _LONGEST:
        return False
    if _STAR.fullmatch(visible(text)):
        return True
    return bool(_CORRECTS.match(plain(text)) or _CORRECTS_UNSPACED.match(visible(text)))


def outdating(
    asked: Sequence[InboundMessage], waiting: Sequence[InboundMessage], *, collects: bool
) -> tuple[InboundMessage, ...]:
    """Those of the waiting messages that an answer to `asked`, not sent yet, has to take in.

    They come from somebody who asked. collects: quick messages are answered together, so that
    every newer one counts; otherwise only up to the last that corrects what was said before it.
    """
    senders = {message.sender for message in asked}
    newer = tuple(message for message in waiting if message.sender in senders)
    if collects:
        return newer
    corrections = [at for at, one in enumerate(newer) if is_correction(message_text(one))]
    return newer[: corrections[-1] + 1] if corrections else ()
