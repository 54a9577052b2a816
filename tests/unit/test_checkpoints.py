"""What a run has finished is read by the next one, also by one of another version."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers.checkpoints import (
    Checkpoint,
    Composed,
    PreparedMemo,
    Step,
    Synthesized,
    Transcribed,
    dump_checkpoint,
    load_checkpoint,
)
from app.answers.legacy_steps import step_from_records
from app.policy import Reason
from app.transcription import TranscriptionFailure

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
durations = st.floats(min_value=0, max_value=1e6)
composed = st.builds(
    Composed,
    forms=st.lists(st.sampled_from(["voice", "text"]), unique=True).map(tuple),
    reason=st.sampled_from(Reason),
    is_turn=st.booleans(),
    hand_over_seconds=durations,
)
memos = st.builds(
    PreparedMemo,
    engine=words,
    language=words,
    seconds=durations,
    bytes=st.integers(min_value=0, max_value=2**40),
    is_cut=st.booleans(),
    timings=st.dictionaries(words, durations, max_size=3),
    attachment_id=st.none() | words,
    filename=st.none() | words,
    clip_key=st.none() | words,
    reused=st.booleans(),
)
steps = st.one_of(
    st.builds(Transcribed, failures=st.lists(st.sampled_from(TranscriptionFailure)).map(tuple)),
    composed,
    st.builds(Synthesized, composed=composed, memo=memos),
)

COMPOSED = Composed(("voice",), Reason.ANSWER, is_turn=True)
MEMO = PreparedMemo("espeak", "en", 2.5, 9_000, is_cut=False, attachment_id="att-1")


@given(run=st.integers(min_value=1, max_value=1_000), step=steps)
def test_a_step_is_read_as_it_was_stored(run: int, step: Step) -> None:
    stored = json.loads(json.dumps(dump_checkpoint(run, step)))
    assert load_checkpoint(stored, "answer:m1") == Checkpoint(run, step)


def test_the_shape_that_is_stored_stays() -> None:
    """A version after this one reads what this one stored: add fields with defaults, rename none.

    If this fails, the answers in progress at a deploy take that step again.
    """
    assert dump_checkpoint(3, Synthesized(COMPOSED, MEMO)) == {
        "run": 3,
        "finished": {
            "step": "synthesized",
            "composed": {
                "step": "composed",
                "forms": ["voice"],
                "reason": "answer",
                "is_turn": True,
                "hand_over_seconds": 0.0,
                "hand_over": "",
            },
            "memo": {
                "engine": "espeak",
                "language": "en",
                "seconds": 2.5,
                "bytes": 9_000,
                "is_cut": False,
                "timings": {},
                "attachment_id": "att-1",
                "filename": None,
                "clip_key": None,
                "reused": False,
            },
        },
    }
    assert dump_checkpoint(1, Transcribed((TranscriptionFailure.EXPIRED,))) == {
        "run": 1,
        "finished": {"step": "transcribed", "failures": ["expired"]},
    }


def test_no_words_are_stored() -> None:
    assert {"text", "rest", "words", "question"}.isdisjoint(
        {*Composed.__dataclass_fields__, *PreparedMemo.__dataclass_fields__}
    )


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "composed",
        7,
        [],
        {},
        {"run": 1},
        {"run": 1, "finished": None},
        {"run": 1, "finished": {"step": "proofread"}},
        {"run": 1, "finished": {"forms": ["voice"]}},
        {"run": "first", "finished": {"step": "composed"}},
        {"run": 1, "finished": {"step": "composed", "forms": ["hologram"]}},
        {"run": 1, "finished": {"step": "composed", "reason": "a reason of tomorrow"}},
        {"run": 1, "finished": {"step": "synthesized", "composed": {"step": "composed"}}},
    ],
)
def test_what_this_version_does_not_know_is_no_checkpoint(stored: Any) -> None:
    assert load_checkpoint(stored, "answer:m1") is None


def test_a_field_of_a_later_version_is_no_hindrance() -> None:
    later = {"run": 1, "finished": {"step": "composed", "forms": ["text"], "mood": "cheerful"}}
    checkpoint = load_checkpoint(later, "answer:m1")
    assert checkpoint is not None
    assert checkpoint.finished == Composed(("text",))


@pytest.mark.parametrize(
    ("memo", "key"),
    [
        (PreparedMemo("e", "en", 1.0, 1, False, attachment_id="att-1"), "att-1"),
        (PreparedMemo("e", "en", 1.0, 1, False, filename="a1b2.m4a"), "a1b2"),
        (PreparedMemo("e", "en", 1.0, 1, False), ""),
    ],
)
def test_a_memo_is_told_from_others_by_its_attachment_or_file(memo: PreparedMemo, key: str) -> None:
    assert memo.media_key == key


# The version before the checkpoints ------------------------------------------------------------

OLD_COMPOSE = {"forms": ["voice"], "reason": "echo", "is_turn": True, "hand_over_seconds": 0.0}
OLD_RECORD = {
    "engine": "espeak",
    "language": "en",
    "seconds": 2.201,
    "bytes": 16183,
    "is_cut": False,
    "timings": {"speak": 0.0027, "tidy": 0.0413, "encode": 0.013, "upload": 1.0087},
    "attachment_id": "52d1cd12-7ef7-46be-a881-1678cf69c8da",
    "filename": None,
    "clip_key": "b615dbfb",
    "reused": False,
}
OLD_MEMO = PreparedMemo(
    engine="espeak",
    language="en",
    seconds=2.201,
    bytes=16183,
    is_cut=False,
    timings={"speak": 0.0027, "tidy": 0.0413, "encode": 0.013, "upload": 1.0087},
    attachment_id="52d1cd12-7ef7-46be-a881-1678cf69c8da",
    clip_key="b615dbfb",
)
OLD_SEND = {"message_id": "fdacc610-e958-4513-a454-cc01e5ef0a71", "delivery": "queued"}
RENEWED = {**OLD_RECORD, "attachment_id": "another"}


@pytest.mark.parametrize(
    ("records", "step"),
    [
        ([], None),
        ([("hear", {"deaf": []})], Transcribed()),
        ([("hear", {"deaf": ["expired"]})], Transcribed((TranscriptionFailure.EXPIRED,))),
        # What was decided or failed then is decided or tried anew.
        ([("hear", {"decided": OLD_COMPOSE})], None),
        ([("compose", {"failed": "no answer"})], None),
        # A responder's own reason stood where a reason code stands now.
        ([("compose", OLD_COMPOSE)], COMPOSED),
        ([("compose", {**OLD_COMPOSE, "reason": "rule:opening-hours"})], COMPOSED),
        (
            [("compose", {**OLD_COMPOSE, "reason": "reset", "forms": ["text"], "is_turn": False})],
            Composed(("text",), Reason.RESET),
        ),
        ([("compose", OLD_COMPOSE), ("record", OLD_RECORD)], Synthesized(COMPOSED, OLD_MEMO)),
        (
            [("compose", OLD_COMPOSE), ("record", OLD_RECORD), ("send", OLD_SEND)],
            Synthesized(COMPOSED, OLD_MEMO),
        ),
        (
            [("compose", OLD_COMPOSE), ("record", {"failed": "none", "reason": "no_voice"})],
            COMPOSED,
        ),
        # Linq had lost the first attachment, so a second memo was recorded.
        (
            [
                ("compose", OLD_COMPOSE),
                ("record", OLD_RECORD),
                ("send", {"gone": True, "code": 2003}),
                ("record again", RENEWED),
            ],
            Synthesized(COMPOSED, dataclasses.replace(OLD_MEMO, attachment_id="another")),
        ),
    ],
)
def test_an_answer_of_the_version_before_goes_on_after_its_last_step(
    records: list[tuple[str, Any]], step: Step | None
) -> None:
    assert step_from_records(records) == step


@pytest.mark.parametrize(
    "records",
    [
        [("compose", None)],
        [("compose", "composed")],
        [("compose", {"forms": ["hologram"], "reason": "echo"})],
        [("record", OLD_RECORD)],
        [("hear", {"deaf": ["a failure of tomorrow"]})],
        [("DBOS.sleep", 0.5), ("write", OLD_SEND)],
    ],
)
def test_records_that_are_not_known_are_no_step(records: list[tuple[str, Any]]) -> None:
    assert step_from_records(records) is None


def test_a_damaged_record_does_not_undo_the_step_before_it() -> None:
    damaged = {**OLD_RECORD, "seconds": "long"}
    assert step_from_records([("compose", OLD_COMPOSE), ("record", damaged)]) == COMPOSED
