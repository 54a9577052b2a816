"""Many long voice memos at once do not exhaust the memory of a small host."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest

from tests.integration.local_server import Reply, Server, running

AT_ONCE = 6
MEGABYTES = 130
"""What they may take together, which without a budget take 160 or more; a process at rest has about
180 of the 512 of a small host."""
LATE_SECONDS = 2.0
"""How long the transcription server waits for one more recording before it answers."""

PROGRAM = """
import asyncio, sys
from app.linq.events import Part
from app.transcription import TranscriptionClient, VoiceMemoTranscriber

def megabytes(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name))

async def main(cdn, server, at_once, size):
    memos = VoiceMemoTranscriber(TranscriptionClient(server + "/v1"), cdn)
    part = Part("audio", url=cdn + "/a", size_bytes=size)
    before = megabytes("VmRSS")
    done = await asyncio.gather(*(memos.transcribe(part) for _ in range(at_once)))
    await memos.aclose()
    print(len({one.text for one in done}), megabytes("VmHWM") - before)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) or None))
"""


def ten_minutes() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(4_000)
        writer.writeframes(bytes([60, 190]) * (2_000 * 598))
    return file.getvalue()


def until_no_more_come(server: Server) -> None:
    """Waits while the bot sends further recordings, all of which it holds until it is answered."""
    count, since = 0, time.monotonic()
    while count < AT_ONCE and time.monotonic() < since + LATE_SECONDS:
        if len(server.requests) > count:
            count, since = len(server.requests), time.monotonic()
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("announced", [True, False])
def test_memos_of_ten_minutes_at_once(announced: bool) -> None:
    memo = ten_minutes()
    size = len(memo) if announced else 0
    with running() as cdn, running() as server:
        cdn.reply("/a", Reply(body=memo))
        reply = Reply(body=b'{"text": "Hi"}', wait=lambda: until_no_more_come(server))
        server.reply("/v1/audio/transcriptions", reply)
        arguments = [cdn.address, server.address, str(AT_ONCE), str(size)]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
            cwd=Path(__file__).parents[2],
        )
        texts, grown = map(int, done.stdout.split()[-2:])
        assert texts == 1
        assert grown < MEGABYTES
        assert len(server.requests) == AT_ONCE
