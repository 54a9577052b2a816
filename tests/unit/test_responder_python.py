"""The deployer's own function answers, sync or async, and cannot stop the service."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.responders.factory import build_responder
from app.responders.guard import GuardedResponder
from app.responders.protocol import Answer, Question, ResponderError
from app.responders.python_function import MAX_RUNNING, FunctionResponder, load_function
from app.settings import ConfigurationError, load_settings

ROOT = Path(__file__).parents[2]
QUESTION = Question(
    "secret words", "chat", "message", "+15550100", datetime(2026, 11, 20, tzinfo=UTC)
)

MODULE = """
import asyncio, functools, threading, time
from app.responders.protocol import Answer, ResponderError

release = threading.Event()
loops = set()

def text(question): return f"You wrote {len(question.text)} characters."
async def atext(question):
    await asyncio.sleep(0)
    return text(question)
def answer(question): return Answer("Hallo.", language="de", hand_over_seconds=5)
async def silent(question): return None
def number(question): return 42
def raises(question): raise ValueError(question.text)
async def araises(question): raise ValueError(question.text)
def stops(question): raise StopIteration(question.text)
def exits(question): raise SystemExit(question.text)
async def aexits(question): raise SystemExit(question.text)
def apologises(question): raise ResponderError("closed", apology="Closed.", reason="refused")
def forgot(question): return atext(question)
def blocks(question): release.wait(20)
async def ablocks(question): release.wait(20)
async def stubborn(question):
    while not release.is_set():
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            pass
async def same_loop(question):
    loops.add(id(asyncio.get_running_loop()))
    return str(len(loops))
class Desk:
    async def __call__(self, question): return "from an object"
desk = Desk()
partial = functools.partial(lambda greeting, question: greeting, "Ahoy")
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module in the current directory, as a deployer has it."""
    (tmp_path / "my_answers.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "my_broken.py").write_text("import no_such_thing", encoding="utf-8")
    (tmp_path / "my_faulty.py").write_text("x = 1 / 0", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield "my_answers"
    if "my_answers" in sys.modules:
        sys.modules["my_answers"].release.set()
    for name in ("my_answers", "my_broken", "my_faulty"):
        sys.modules.pop(name, None)


def ask(target: str, deadline: float = 10.0) -> Answer:
    async def once() -> Answer:
        function = FunctionResponder(load_function(target))
        responder = GuardedResponder(function, name="python", deadline=deadline)
        try:
            return await responder.answer(QUESTION)
        finally:
            await responder.aclose()

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("text", Answer("You wrote 12 characters.", reason="python")),
        ("atext", Answer("You wrote 12 characters.", reason="python")),
        ("answer", Answer("Hallo.", "de", hand_over_seconds=5)),
        ("silent", Answer(silent=True, reason="python")),
        ("desk", Answer("from an object", reason="python")),
        ("partial", Answer("Ahoy", reason="python")),
    ],
)
def test_a_function_answers_with_a_text_an_answer_or_nothing(
    module: str, function: str, answer: Answer
) -> None:
    assert ask(f"{module}:{function}") == answer


def test_the_settings_name_it(module: str) -> None:
    responder = build_responder(load_settings(responder="python:my_answers:text"))
    assert asyncio.run(responder.answer(QUESTION)).text == "You wrote 12 characters."


@pytest.mark.parametrize(
    ("function", "reason", "cause"),
    [
        ("number", "bad-answer", "the function gave a int"),
        ("forgot", "raised", "declare it with `async def`"),
        ("raises", "raised", "ValueError at my_answers.py:"),
        ("araises", "raised", "ValueError at my_answers.py:"),
        ("stops", "raised", "StopIteration at my_answers.py:"),
        ("exits", "raised", "SystemExit at my_answers.py:"),
        ("aexits", "raised", "SystemExit at my_answers.py:"),
        ("apologises", "refused", "closed"),
    ],
)
def test_a_function_that_fails_leaves_an_apology_and_a_line_with_its_place(
    module: str, function: str, reason: str, cause: str
) -> None:
    with capture_logs() as logs, pytest.raises(ResponderError) as caught:
        ask(f"{module}:{function}")
    assert cause in str(caught.value)
    assert caught.value.reason == reason
    assert caught.value.apology
    assert len(logs) == 1
    assert "secret" not in str(logs)


@pytest.mark.parametrize("function", ["blocks", "ablocks", "stubborn"])
def test_a_function_that_blocks_holds_up_nothing_else(module: str, function: str) -> None:
    async def answers_meanwhile() -> int:
        responder = FunctionResponder(load_function(f"{module}:{function}"))
        guarded = GuardedResponder(responder, name="python", deadline=0.5)
        asked = asyncio.create_task(guarded.answer(QUESTION))
        turns = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            turns += 1
        with pytest.raises(ResponderError, match=r"no answer within 0\.5 s"):
            await asked
        sys.modules[module].release.set()
        await guarded.aclose()
        return turns

    began = time.monotonic()
    assert asyncio.run(answers_meanwhile()) >= 10
    assert time.monotonic() - began < 5


def test_functions_that_hang_do_not_pile_up_for_ever(module: str) -> None:
    async def pile_up() -> str:
        responder = FunctionResponder(load_function(f"{module}:blocks"))
        guarded = GuardedResponder(responder, name="python", deadline=0.2)
        asked = [guarded.answer(QUESTION) for _ in range(MAX_RUNNING)]
        await asyncio.gather(*asked, return_exceptions=True)
        with pytest.raises(ResponderError) as caught:
            await guarded.answer(QUESTION)
        return str(caught.value)

    assert asyncio.run(pile_up()) == f"{MAX_RUNNING} earlier calls have not come back"
    sys.modules[module].release.set()
    deadline = time.monotonic() + 5
    while any(thread.name == "memo-function" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("function", ["blocks", "ablocks"])
def test_a_function_that_hangs_does_not_keep_the_process_from_ending(
    module: str, function: str
) -> None:
    code = (
        "import asyncio\n"
        "from datetime import UTC, datetime\n"
        "from app.responders.guard import GuardedResponder\n"
        "from app.responders.protocol import Question, ResponderError\n"
        "from app.responders.python_function import FunctionResponder, load_function\n"
        f"function = FunctionResponder(load_function('{module}:{function}'))\n"
        "responder = GuardedResponder(function, name='python', deadline=0.1)\n"
        "question = Question('a', 'b', 'c', 'd', datetime.now(UTC))\n"
        "try:\n"
        "    asyncio.run(responder.answer(question))\n"
        "except ResponderError as error:\n"
        "    print(error)\n"
    )
    # The function itself would hang for 20 seconds.
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=15,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1] == "no answer within 0.1 s"
    assert done.returncode == 0


def test_once_an_async_function_comes_back_it_is_asked_again(module: str) -> None:
    async def hang_and_recover() -> list[object]:
        responder = FunctionResponder(load_function(f"{module}:ablocks"))
        guarded = GuardedResponder(responder, name="python", deadline=0.2)
        asked = [guarded.answer(QUESTION) for _ in range(MAX_RUNNING)]
        await asyncio.gather(*asked, return_exceptions=True)
        sys.modules[module].release.set()
        again = [guarded.answer(QUESTION) for _ in range(MAX_RUNNING)]
        try:
            return await asyncio.gather(*again)
        finally:
            await guarded.aclose()

    assert all(isinstance(a, Answer) for a in asyncio.run(hang_and_recover()))


def test_async_calls_share_a_loop_so_that_sessions_can_be_kept(module: str) -> None:
    async def several() -> list[str]:
        responder = FunctionResponder(load_function(f"{module}:same_loop"))
        try:
            return [(await responder.answer(QUESTION)).text for _ in range(3)]
        finally:
            await responder.aclose()

    assert asyncio.run(several()) == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("my_broken:f", "there is no module no_such_thing"),
        ("my_faulty:f", "importing my_faulty failed with ZeroDivisionError at my_faulty.py:1"),
        ("my_answers:release", "my_answers has no function release"),
    ],
)
def test_a_module_that_cannot_be_used_is_named(module: str, target: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_function(target)
    assert said in str(caught.value)
