"""Reason codes: why a message was answered or not, and how its answer ended."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """A code for ledger, log and metric; `explanation` says it to a person."""

    explanation: str

    def __new__(cls, code: str, explanation: str = "") -> Self:
        reason = str.__new__(cls, code)
        reason._value_ = code
        reason.explanation = explanation
        return reason

    ANSWER = "answer", "Ours to answer."

    # Nobody is waiting for an answer.
    OUTBOUND = "outbound", "Sent from our side, not received."
    OWN_MESSAGE = "own_message", "Written by the line itself."
    OWN_LINE = "own_line", "Written by another of our own lines."
    EMPTY = "empty", "Nothing in it: no text, no voice memo, no file."
    RECONCILED = "reconciled", "Recovered late by Linq: history."
    STALE = "stale", "Older than MEMO_MAX_AGE_SECONDS when it arrived."
    EDITED = "edited", "An edit of a message that was dealt with already."
    DUPLICATE = "duplicate", "Received before."
    COLLECTED = "collected", "Answered together with a later message of the same chat."

    # Somebody does not want one.
    OPT_OUT = "opt_out", "One of Linq's opt-out words: the person is opted out."
    ASKED_TO_STOP = "asked_to_stop", "A stop word in a spelling that Linq does not act upon."
    BLOCKED = "blocked", "The sender is on MEMO_BLOCK."
    NOT_ALLOWED = "not_allowed", "The sender is not on MEMO_ALLOW."
    GROUPS_NEVER = "groups_never", "A group, and MEMO_GROUPS is never."
    GROUP_NOT_ADDRESSED = "group_not_addressed", "A group message that does not address us."

    # Enough for now.
    LIMITED = "limited", "Over the limit of messages; the person was told so."
    LOOP = "loop", "Looks like two bots answering each other."
    HAND_OVER = "hand_over", "A person has this chat, or is waited for."
    TAKEN_OVER = "taken_over", "A person took the chat over before this could be sent."
    RESPONDER_SILENT = "responder_silent", "The responder chose to say nothing."
    FORGOTTEN = "forgotten", "Its words were erased, as was asked, before they could be sent."

    # What the bot said of its own accord, instead of an answer.
    APOLOGY = "apology", "The responder could not answer; its apology was said."
    CANNOT_ANSWER = "cannot_answer", "Something unexpected went wrong; an apology was written."
    CANNOT_HEAR = "cannot_hear", "A voice memo, and no transcription is configured."
    HEARD_NOTHING = "heard_nothing", "A voice memo without words."
    NOT_HEARD = "not_heard", "A voice memo that could not be transcribed."
    TOO_LONG = "too_long", "A voice memo too long to transcribe."
    CANNOT_SEE = "cannot_see", "Only files, which the bot cannot look at."
    RESET = "reset", "The person asked to forget what was said."
    SWITCH_TEXT = "switch_text", "The person asked for text from now on."
    SWITCH_VOICE = "switch_voice", "The person asked for voice memos from now on."

    # A colleague's recording, which has no words to go out instead.
    RECORDING_UNUSABLE = "recording_unusable", "The recording could not be used; nothing was sent."

    # Something failed; where words were known, they went out as text.
    NOTHING_TO_SAY = "nothing_to_say", "Nothing speakable was left of the words."
    NO_VOICE = "no_voice", "No voice engine could speak."
    UPLOAD_FAILED = "upload_failed", "The memo could not be uploaded to Linq."
    MEMO_REFUSED = "memo_refused", "Linq refused the memo."
    MEMO_NOT_SENT = "memo_not_sent", "The memo could not be sent in time."
    NOT_DELIVERED = "not_delivered", "Linq could not deliver the memo."
    UNKNOWN_OUTCOME = "unknown_outcome", "Nobody can tell whether the memo went out."
    TEXT_NOT_SENT = "text_not_sent", "The text could not be sent, either."
    NO_ANSWER = "responder", "The responder failed and left no apology."
    CRASHES = "crashes", "Its process died too often while working on it."
    UNEXPECTED = "error", "Something unexpected went wrong, again and again; see the detail."
    RETRY = "retry", "A person asked for it again."
    WITHDRAWN = "withdrawn", "Taken back by whoever asked for it, before it was begun."

    # Linq refused the answer for good.
    OPTED_OUT = "opted_out", "The person has opted out of messages (Linq 2024)."
    BLOCKED_BY_LINE = "blocked_by_line", "The line has blocked this person (Linq 2026)."
    LINE_INELIGIBLE = "line_ineligible", "The line may not send for now (Linq 2027)."
    CHAT_LEFT = "chat_left", "The chat cannot be written to, e.g. the line left it (Linq 2013)."
    CHAT_GONE = "chat_gone", "Linq does not know the chat any more (Linq 2001)."
    NO_ACCESS = "no_access", "The token may not use this chat (Linq 2005)."
    LINE_NOT_ALLOWED = "line_not_allowed", "The token may not send from this line (Linq 2006)."
    NOT_TEXTED_FIRST = "not_texted_first", "The person must write first on this line (Linq 2008)."


_FINAL_REFUSALS = {
    2001: Reason.CHAT_GONE,
    2005: Reason.NO_ACCESS,
    2006: Reason.LINE_NOT_ALLOWED,
    2008: Reason.NOT_TEXTED_FIRST,
    2013: Reason.CHAT_LEFT,
    2024: Reason.OPTED_OUT,
    2026: Reason.BLOCKED_BY_LINE,
    2027: Reason.LINE_INELIGIBLE,
}


def final_refusal(http_status: int, code: int | None) -> Reason | None:
    """What it means when Linq refuses a send so that no retry and no text instead can help.

    `code` is `error.code` of the answer (DOCS Error Codes). None: not final by itself.
    """
    if http_status not in (403, 404, 409):
        return None
    return _FINAL_REFUSALS.get(code or 0)
