"""Any program that turns text into WAV or MP3: `piper`, `say`, `pico2wave`, a script."""

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

from app.audio import Pcm, decode
from app.voices.engines.protocol import Utterance
from app.voices.errors import EngineError

_MOST_BYTES = 64 * 2**20  # of sound


class Command:
    """Engine over a command line, run without a shell.

    The text is on its standard input and, in UTF-8, in the file `{text_file}`; the sound is taken
    from the file `{output}` where the line has one, else from its standard output. `{language}`
    and `{voice}` are filled in.
    """

    name = "command"
    piece = 500
    deadline = 30.0
    side_by_side = 2

    def __init__(self, line: str | None) -> None:
        self._line = line or ""
        self.settings: tuple[str, ...] = (self._line,)

    def problem(self) -> str | None:
        try:
            parts = shlex.split(self._line)
        except ValueError as error:
            return f"MEMO_VOICE_COMMAND cannot be read: {error}"
        if not parts:
            return "MEMO_VOICE_COMMAND is not set"
        if shutil.which(parts[0]) is None:
            return f"MEMO_VOICE_COMMAND: there is no program {parts[0]!r}"
        return None

    def takes(self, _voice: str) -> bool:
        return "{voice}" in self._line

    def speaks(self, _language: str) -> bool:
        return True

    async def speak(self, utterance: Utterance) -> Pcm:
        if (problem := self.problem()) is not None:
            raise EngineError("setup", problem)
        with tempfile.TemporaryDirectory(prefix="voice-") as folder:
            text, output = Path(folder, "text.txt"), Path(folder, "sound")
            await asyncio.to_thread(text.write_text, utterance.text, encoding="utf-8")
            filling = {
                "{text_file}": str(text),
                "{output}": str(output),
                "{language}": utterance.language,
                "{voice}": utterance.voice or "",
            }
            arguments = [_filled(part, filling) for part in shlex.split(self._line)]
            said = await _run(arguments, utterance.text.encode())
            if "{output}" in self._line:
                said = await asyncio.to_thread(_read, output)
            return await asyncio.to_thread(decode, said)

    async def aclose(self) -> None:
        pass


def _filled(part: str, filling: dict[str, str]) -> str:
    for hole, value in filling.items():
        part = part.replace(hole, value)
    return part


async def _run(arguments: Sequence[str], text: bytes) -> bytes:
    """What the program writes to its standard output. It and its children end with this call."""
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError("setup", f"the command cannot be started: {error.strerror}") from error
    try:
        _, said = await asyncio.gather(_feed(process, text), _collect(process))
        code = await process.wait()
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())
    if code:
        raise EngineError("bad answer", f"the command ended with status {code}")
    return said


async def _feed(process: asyncio.subprocess.Process, text: bytes) -> None:
    assert process.stdin
    with suppress(BrokenPipeError, ConnectionResetError):  # it may not want the text
        process.stdin.write(text)
        await process.stdin.drain()
    process.stdin.close()


async def _collect(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout
    said = bytearray()
    while part := await process.stdout.read(65_536):
        said += part
        if len(said) > _MOST_BYTES:
            raise EngineError("bad answer", f"the command wrote more than {_MOST_BYTES} bytes")
    return bytes(said)


def _read(output: Path) -> bytes:
    try:
        with output.open("rb") as sound:
            said = sound.read(_MOST_BYTES + 1)
    except OSError as error:
        raise EngineError("bad answer", "the command wrote no {output} file") from error
    if len(said) > _MOST_BYTES:
        raise EngineError("bad answer", f"the command wrote more than {_MOST_BYTES} bytes")
    return said
