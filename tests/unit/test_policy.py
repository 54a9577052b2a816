"""Policy: whom the bot answers and whom not, and why. Rows of users.md are tests by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.linq.events import InboundMessage, Part
from app.policy import Decision, PolicyRules, Reason, decide, final_refusal, is_opt_out
from app.policy.decision import handle_listed
from app.settings import load_settings

NOW = datetime(2026, 10, 20, 9, 14, 5, tzinfo=UTC)
LINE, PERSON = "+13125550100", "+13125550177"
MESSAGE = InboundMessage(
    event_id="e1",
    message_id="m1",
    chat_id="c1",
    sender=PERSON,
    parts=(Part("text", text="Hello, are you open today?"),),
    own_handle=LINE,
    sent_at=NOW - timedelta(seconds=2),
)
GROUP = replace(MESSAGE, is_group=True)
RULES = PolicyRules()


def text(*words: str, mentions_us: bool = False) -> tuple[Part, ...]:
    return tuple(Part("text", text=word, mentions_us=mentions_us) for word in words)


def reason(message: InboundMessage, rules: PolicyRules = RULES) -> Reason:
    decision = decide(message, rules, NOW)
    assert decision.answer == (decision.reason is Reason.ANSWER)
    return decision.reason


def test_an_ordinary_message_is_answered() -> None:
    assert decide(MESSAGE, RULES, NOW) == Decision(True, Reason.ANSWER)


# Rows of users.md ---------------------------------------------------------------------------


def test_row_old_messages_answered_after_an_outage() -> None:
    late = replace(MESSAGE, sent_at=NOW - timedelta(hours=1, seconds=1))
    assert reason(late) is Reason.STALE
    assert reason(late, PolicyRules(max_age_seconds=7200)) is Reason.ANSWER
    assert reason(replace(MESSAGE, reconciled=True)) is Reason.RECONCILED


def test_row_bot_answers_itself() -> None:
    assert reason(replace(MESSAGE, direction="outbound")) is Reason.OUTBOUND
    assert reason(replace(MESSAGE, sender_is_us=True)) is Reason.OWN_MESSAGE
    rules = PolicyRules(own_handles=("+1 312 555 0100", "+13125550177"))
    assert reason(MESSAGE, rules) is Reason.OWN_LINE


def test_row_two_bots_answer_each_other_for_ever() -> None:
    """The block list; loops and limits are in test_policy_pace."""
    assert reason(MESSAGE, PolicyRules(block=(PERSON,))) is Reason.BLOCKED


def test_row_in_groups_the_bot_answers_everybody() -> None:
    assert reason(GROUP) is Reason.GROUP_NOT_ADDRESSED
    assert reason(replace(GROUP, parts=text("Bot, hi", mentions_us=True))) is Reason.ANSWER


def test_row_stop_words_answered() -> None:
    assert reason(replace(MESSAGE, parts=text("STOP"))) is Reason.OPT_OUT
    assert reason(replace(MESSAGE, parts=text("Stop."))) is Reason.ASKED_TO_STOP


def test_row_opt_out_ignored() -> None:
    assert final_refusal(403, 2024) is Reason.OPTED_OUT


def test_row_incoming_voice_memo_ignored() -> None:
    memo = Part("audio", url="https://cdn.linqapp.com/a.m4a", mime_type="audio/mp4")
    assert reason(replace(MESSAGE, parts=(memo,))) is Reason.ANSWER
    assert reason(replace(MESSAGE, parts=(*text("\ufffc"), memo))) is Reason.ANSWER


def test_row_one_message_answered_eleven_times_has_a_reason_of_its_own() -> None:
    assert {Reason.DUPLICATE, Reason.EDITED, Reason.COLLECTED} < set(Reason)


# Empty and other kinds ----------------------------------------------------------------------


@pytest.mark.parametrize("parts", [(), text(""), text(" \n\t"), text("\ufffc\u200b", "")])
def test_a_message_without_anything_in_it_is_not_answered(parts: tuple[Part, ...]) -> None:
    assert reason(replace(MESSAGE, parts=parts)) is Reason.EMPTY


@pytest.mark.parametrize("kind", ["media", "audio", "other"])
def test_a_message_that_is_only_a_file_is_not_silently_dropped(kind: str) -> None:
    part = Part(kind)  # type: ignore[arg-type]
    assert reason(replace(MESSAGE, parts=(part,))) is Reason.ANSWER


def test_a_zero_retention_message_without_parts_is_empty() -> None:
    assert reason(replace(MESSAGE, parts=(), zero_retention=True)) is Reason.EMPTY
    assert reason(replace(MESSAGE, zero_retention=True)) is Reason.ANSWER


# Age ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent_at", [None, NOW + timedelta(days=1), NOW - timedelta(seconds=3600)])
def test_a_message_of_unknown_future_or_allowed_age_is_answered(sent_at: datetime | None) -> None:
    assert reason(replace(MESSAGE, sent_at=sent_at)) is Reason.ANSWER


# Opting out ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        *("STOP", "UNSUBSCRIBE", "OPTOUT", "CANCEL", "END", "QUIT"),
        *("opt out", "Opt-Out", "optout", "OPT OUT", "oPt-OuT"),
        *(" STOP ", "\nSTOP\n", "STOP\u200b", "\ufffcSTOP"),
    ],
)
def test_linq_s_opt_out_words_are_never_answered(words: str) -> None:
    assert is_opt_out(words)
    assert reason(replace(MESSAGE, parts=text(words))) is Reason.OPT_OUT
    assert reason(replace(GROUP, parts=text(words, mentions_us=True))) is Reason.OPT_OUT


@pytest.mark.parametrize(
    "words", ["stop", "Stop", "Stop!", "unsubscribe", "Quit.", "STOP ALL", "stopall"]
)
def test_a_stop_word_in_another_spelling_is_not_answered_either(words: str) -> None:
    assert not is_opt_out(words)
    assert reason(replace(MESSAGE, parts=text(words))) is Reason.ASKED_TO_STOP


@pytest.mark.parametrize(
    "words",
    [
        *("Is this the bus stop?", "non-stop", "stop by", "Do you stop here?"),
        *("Cancel", "cancel", "AnswerOutcome", "end", "opt_out of what?"),
        *("START", "UNSTOP", "OPTIN", "YES", "HELP"),
    ],
)
def test_other_words_are_answered(words: str) -> None:
    assert reason(replace(MESSAGE, parts=text(words))) is Reason.ANSWER


@given(st.text(min_size=1))
def test_a_longer_message_is_never_an_opt_out(more: str) -> None:
    assert not is_opt_out(f"STOP x{more}")
    assert not is_opt_out(f"{more}x OPT OUT")


def test_an_opt_out_of_a_blocked_sender_in_old_mail_is_still_told_as_one() -> None:
    old = replace(MESSAGE, parts=text("STOP"), sent_at=NOW - timedelta(days=9), reconciled=True)
    assert reason(old, PolicyRules(block=(PERSON,))) is Reason.OPT_OUT


# Groups -------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["iMessage", "SMS", "RCS"])
def test_a_direct_chat_needs_no_mention(service: str) -> None:
    assert reason(replace(MESSAGE, service=service)) is Reason.ANSWER
    assert reason(replace(MESSAGE, service=service), PolicyRules(groups="never")) is Reason.ANSWER


def test_groups_always_and_never() -> None:
    assert reason(GROUP, PolicyRules(groups="always")) is Reason.ANSWER
    addressed = replace(GROUP, parts=text("Bot, hi", mentions_us=True))
    assert reason(addressed, PolicyRules(groups="never")) is Reason.GROUPS_NEVER


def test_a_reply_in_a_group_does_not_address_us() -> None:
    assert reason(replace(GROUP, reply_to="m0")) is Reason.GROUP_NOT_ADDRESSED


@pytest.mark.parametrize(
    ("service", "name", "said", "expected"),
    [
        ("SMS", "Memo", "What do you think, memo?", True),
        ("RCS", "Memo", "Ask MEMO!", True),
        ("SMS", "Memo", "I left a memorandum", False),
        ("SMS", "Memo", "voicememo", False),
        ("SMS", "Señor Memo", "hola senor memo", True),
        ("SMS", "Señor Memo", "hola senor, memo", True),
        ("SMS", "Мемо", "Привет, мемо!", True),
        ("SMS", "小明", "你好小明，开门吗", True),
        ("SMS", "Memo", "Are you open?", False),
        ("SMS", None, "Memo?", False),
        ("SMS", "!!", "Memo!!", False),
        ("iMessage", "Memo", "Memo, are you open?", True),
        ("iMessage", "Memo", "@memo are you open?", True),
        ("iMessage", "Memo", "Hey Memo!", True),
        ("iMessage", "Memo", "Hola, Memo: ¿abierto?", True),
        ("iMessage", "Memo", "Memo", True),
        ("iMessage", "Memo", "Did you get the memo?", False),
        ("iMessage", "Memo", "Memorial day?", False),
        ("iMessage", "Memo", "Hey", False),
        ("iMessage", "Memo", "", False),
        ("iMessage", "小明", "小明你好", True),
        ("iMessage", "小明", "你好小明", False),
        ("iMessage", None, "Memo, hi", False),
        ("iMessage", "!!", "!! hi", False),
    ],
)
def test_addressed_by_name_in_a_group(
    service: str, name: str | None, said: str, expected: bool
) -> None:
    message = replace(GROUP, service=service, parts=text(said))
    wanted = Reason.ANSWER if expected else Reason.GROUP_NOT_ADDRESSED
    assert reason(message, PolicyRules(name=name)) is wanted


# Lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handle", "entry", "listed"),
    [
        ("+13125550177", "+1 (312) 555-0177", True),
        ("+13125550177", "+1312*", True),
        ("+13125550177", "*0177", True),
        ("+13125550177", "+1*0177", True),
        ("+13125550177", "*", True),
        ("+13125550177", "+1312", False),
        ("+13125550177", "13125550177", False),
        ("+13125550177", "+44*", False),
        ("Friend@Example.org", "friend@example.ORG", True),
        ("friend@example.org", "*@example.org", True),
        ("friend@example.org", "friend@*", True),
        ("friend@example.org", "*@example.com", False),
        ("friend@example.org", "f.iend@*", False),
        ("friend@exampleXorg", "*@example.org", False),
        ("", "*", False),
    ],
)
def test_how_a_handle_is_found_on_a_list(handle: str, entry: str, listed: bool) -> None:
    assert handle_listed(handle, ["+999", entry]) is listed


def test_an_allow_list_lets_nobody_else_in() -> None:
    assert reason(MESSAGE, PolicyRules(allow=("+1312*",))) is Reason.ANSWER
    assert reason(MESSAGE, PolicyRules(allow=("+44*",))) is Reason.NOT_ALLOWED
    assert reason(replace(MESSAGE, sender=""), PolicyRules(allow=("*",))) is Reason.NOT_ALLOWED


def test_the_block_list_wins_over_the_allow_list() -> None:
    rules = PolicyRules(allow=("+1312*",), block=("*177",))
    assert reason(MESSAGE, rules) is Reason.BLOCKED
    assert reason(replace(MESSAGE, sender="+13125550178"), rules) is Reason.ANSWER


@given(st.text(), st.lists(st.text(), max_size=4))
def test_a_list_of_anything_never_crashes(handle: str, entries: list[str]) -> None:
    handle_listed(handle, entries)


# Codes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, 2024, Reason.OPTED_OUT),
        (403, 2026, Reason.BLOCKED_BY_LINE),
        (403, 2027, Reason.LINE_INELIGIBLE),
        (409, 2027, Reason.LINE_INELIGIBLE),
        (409, 2013, Reason.CHAT_LEFT),
        (403, 2008, Reason.NOT_TEXTED_FIRST),
        (404, 2001, Reason.CHAT_GONE),
        (404, 2007, None),
        (409, 2009, None),
        (409, 2017, None),
        (429, 1007, None),
        (401, 2004, None),
        (403, None, None),
        (500, 3006, None),
        (500, 2024, None),
    ],
)
def test_which_refusals_are_final(status: int, code: int | None, expected: Reason | None) -> None:
    assert final_refusal(status, code) is expected


def test_every_reason_is_a_plain_code_and_explains_itself() -> None:
    assert len({reason.explanation for reason in Reason}) == len(Reason)
    for code in Reason:
        assert Reason(str(code)) is code
        assert str(code).replace("_", "").isalpha()
        assert code.explanation.endswith(".")


def test_the_rules_come_from_the_settings() -> None:
    settings = load_settings(
        groups="always", name="Memo", allow="+1*, a@b.c", block="+1900*", max_age_seconds=60
    )
    assert PolicyRules.from_settings(settings, [LINE]) == PolicyRules(
        groups="always",
        name="Memo",
        allow=("+1*", "a@b.c"),
        block=("+1900*",),
        max_age_seconds=60,
        own_handles=(LINE,),
    )
