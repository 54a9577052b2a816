"""Any program that turns text into WAV or MP3: `piper`, `say`, `pico2wave`, a shell script."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from app.speech.audio_jobs import EncodedAudio
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError

_MAX_BYTES = 64 * 2**20  # of audio
_POLL_SECONDS = 0.1  # between looks at how much it wrote


class Command:
    """Engine over a command line, run without a shell.

    The text is on its standard input and, in UTF-8, in the file `{text_file}`; the audio is taken
    from the file `{output}` where the line has one, else from its standard output. `{language}`
    and `{voice}` are filled in.
    """

    name = "command"
    max_chars = 300
    deadline_seconds = 30.0
    max_concurrency = 2

    def __init__(self, line: str | None) -> None:
        self._line = line or ""
        self.settings: tuple[str, ...] = (self._line,)

    def unavailable_reason(self) -> str | None:
        try:
            parts = shlex.split(self._line)
        except ValueError as error:
            return f"MEMO_VOICE_COMMAND cannot be read: {error}"
        if not parts:
            return "MEMO_VOICE_COMMAND is not set"
        if shutil.which(parts[0]) is None:
            return f"MEMO_VOICE_COMMAND: there is no program {parts[0]!r}"
        return None

    def supports_voice(self, voice: str) -> bool:
        return "{voice}" in self._line and not voice.startswith("-")  # which would be an option

    def supports_language(self, _language: str) -> bool:
        return True

    def reads_script(self, _script: str, _language: str) -> bool:
        return True

    async def speak(self, utterance: Utterance) -> EncodedAudio:
        if (problem := self.unavailable_reason()) is not None:
            raise EngineError("configuration", problem)
        with tempfile.TemporaryDirectory(prefix="voice-") as folder:
            text, sound = Path(folder, "text.txt"), Path(folder, "sound")
            await asyncio.to_thread(text.write_text, utterance.text, encoding="utf-8")
            output = Path(folder, "output")
            placeholders = {
                "{text_file}": str(text),
                "{output}": str(output),
                "{language}": utterance.language,
                "{voice}": utterance.voice or "",
            }
            arguments = [_fill(part, placeholders) for part in shlex.split(self._line)]
            await _run(arguments, text, sound)
            return await asyncio.to_thread(_written, output if "{output}" in self._line else sound)

    async def aclose(self) -> None:
        pass


def _fill(part: str, placeholders: dict[str, str]) -> str:
    for name, value in placeholders.items():
        part = part.replace(name, value)
    return part


async def _run(arguments: Sequence[str], text: Path, sound: Path) -> None:
    """Run the program from `text` to `sound`. It and its children end with this call.

    Files instead of pipes: a child that outlives the program cannot keep them open.
    """
    with text.open("rb") as stdin, sound.open("wb") as stdout:
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=stdin,
                stdout=stdout,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(
                "configuration", f"the command does not start: {error.strerror}"
            ) from error
        ended = asyncio.create_task(process.wait())
        try:
            while not ended.done():
                await asyncio.wait({ended}, timeout=_POLL_SECONDS)
                if os.fstat(stdout.fileno()).st_size > _MAX_BYTES:
                    raise EngineError("bad_response", f"the command wrote over {_MAX_BYTES} bytes")
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            code = await ended
    if code:
        raise EngineError("bad_response", f"the command ended with status {code}")


def _written(sound: Path) -> EncodedAudio:
    try:
        if sound.stat().st_size > _MAX_BYTES:
            raise EngineError("bad_response", f"the command wrote over {_MAX_BYTES} bytes")
        return EncodedAudio((sound.read_bytes(),))
    except OSError as error:
        raise EngineError("bad_response", "the command wrote no {output} file") from error
