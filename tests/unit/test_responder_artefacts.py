"""What language models leave around an answer does not reach the person."""

from __future__ import annotations

from time import process_time

import pytest

from app.responders.artefacts import unwrapped
from app.responders.guard import checked
from app.responders.protocol import Answer, ResponderError


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>They ask for the hours.</think>We open at nine.", "We open at nine."),
        ("<thinking>\nHm.\n</thinking>\n\nYes, we do.", "Yes, we do."),
        ("<THINK>a<think>b</think>c</THINK>Yes.", "Yes."),
        ("It was hours, so: </think> We open at nine.", "We open at nine."),
        ("We open <think>at?</think>at nine.", "We open at nine."),
        ("Answer: We open at nine.", "We open at nine."),
        ("**Final answer:** At nine.", "At nine."),
        ("Antwort: Um neun.", "Um neun."),
        ("答案：九点。", "答案：九点。"),
        ("答案： 九点。", "九点。"),
        ('{"answer": "We open at nine."}', "We open at nine."),
        ('```json\n{"text": "At nine.", "language": "en"}\n```', "At nine."),
        ("```\nWe open at nine.\n```", "We open at nine."),
        ("```markdown\nAnswer: **Nine.**\n```", "**Nine.**"),
        ("We open at nine【4:1†hours.md】.", "We open at nine."),
        ("At nine \ue200cite\ue202turn0search1\ue201.", "At nine ."),
    ],
)
def test_an_answer_is_taken_out_of_its_wrapping(text: str, answer: str) -> None:
    assert unwrapped(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "The answer: it depends.",
        "```python\nprint(1)\n```",
        "Try this:\n```\nls\n```",
        '{"opening": 9}',
        "{not json}",
        '{"answer": ""}',
        "I think so, and <b>you</b> think, too.",
        "[" * 5_000,
        "{" + '"a":{' * 3_000 + "}",
    ],
)
def test_an_answer_that_is_not_wrapped_stays(text: str) -> None:
    assert unwrapped(text) == text


def test_the_guard_takes_it_away_for_every_responder() -> None:
    assert checked(Answer("<think>" + "x" * 100_000 + "</think>Yes.")).text == "Yes."


def test_nothing_but_thinking_is_no_answer() -> None:
    with pytest.raises(ResponderError):
        checked(Answer("<think>What would they want?"))


@pytest.mark.parametrize(
    "bit", ["<think>", "</think>", "```\n", "{", "【", "\ue200", "Answer: ", "**", " ", "<"]
)
def test_a_megabyte_of_it_takes_no_time(bit: str) -> None:
    text = bit * (1_000_000 // len(bit))
    began = process_time()
    unwrapped(text)
    assert process_time() - began < 2
