"""The command engine with real programs."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest

from app.audio import Pcm, encode
from app.speech.engines.command import Command
from app.speech.errors import EngineError
from app.speech.plan import Chunk
from tests.audio_workers import spoken_by
from tests.integration.speech_server import mp3, speech
from tests.processes import is_running

HELLO = "Hello, we are open today until half past six."


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    file = tmp_path / "hello.wav"
    file.write_bytes(encode(speech(HELLO), "wav").data)
    return file


def program(code: str, *arguments: str) -> str:
    return shlex.join([sys.executable, "-c", code, *arguments])


def say(line: str | None, text: str = HELLO, deadline: float = 20.0) -> Pcm:
    engine = Command(line)
    engine.deadline_seconds = deadline
    [sound] = spoken_by(engine, [Chunk(text, "de", len(text), 0, ends_sentence=True)])
    return sound


def test_a_program_that_writes_wav_speaks(sound: Path) -> None:
    code = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    assert say(program(code, str(sound))).seconds == pytest.approx(speech(HELLO).seconds, abs=0.01)


def test_a_program_that_writes_mp3_to_a_file_speaks(tmp_path: Path) -> None:
    file = tmp_path / "hello.mp3"
    file.write_bytes(mp3(HELLO))
    line = shlex.join(["cp", str(file), "{output}"])
    assert say(line).seconds == pytest.approx(speech(HELLO).seconds, abs=0.1)


def test_the_program_gets_the_text_and_the_language(sound: Path, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    code = (
        "import sys; text, language, sound, noted = sys.argv[1:];"
        "said = sys.stdin.buffer.read().decode();"
        "assert said == open(text, encoding='utf-8').read();"
        "open(noted, 'w', encoding='utf-8').write(language + ' ' + said);"
        "sys.stdout.buffer.write(open(sound, 'rb').read())"
    )
    say(
        program(code, "{text_file}", "{language}", str(sound), str(noted)), "Grüße 你好; $(id) `id`"
    )
    assert noted.read_text("utf-8") == "de Grüße 你好; $(id) `id`"


def test_no_shell_reads_the_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        say(f"echo hello > {tmp_path}/made; touch {tmp_path}/made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        pytest.param(program("raise SystemExit(3)"), "bad_response", id="exit status"),
        pytest.param(program("print('no sound today')"), "bad_response", id="text"),
        pytest.param(program("pass", "{output}"), "bad_response", id="no output file"),
        pytest.param("no-such-program-here --speak", "configuration", id="no program"),
        pytest.param("say 'unclosed", "configuration", id="unreadable"),
        pytest.param(None, "configuration", id="not set"),
    ],
)
def test_a_program_that_does_not_speak_is_a_failure(line: str | None, kind: str) -> None:
    with pytest.raises(EngineError) as caught:
        say(line)
    assert caught.value.kind == kind


def test_a_program_that_never_stops_writing_is_stopped() -> None:
    with pytest.raises(EngineError) as caught:
        say(program("import sys\nwhile True: sys.stdout.buffer.write(bytes(2**20))"))
    assert "wrote over" in str(caught.value)


def test_at_the_deadline_the_program_and_its_children_end(tmp_path: Path) -> None:
    noted = tmp_path / "child"
    code = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "open(sys.argv[1], 'a').write(f'{child.pid}\\n'); time.sleep(60)"
    )
    with pytest.raises(EngineError) as caught:
        say(program(code, str(noted)), deadline=1.0)
    assert caught.value.kind == "timeout"
    children = [int(line) for line in noted.read_text().split()]
    assert children
    until = time.monotonic() + 10
    while any(map(is_running, children)):
        assert time.monotonic() < until, "a child of the command still runs"
