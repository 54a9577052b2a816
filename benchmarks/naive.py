"""The rival: the pipeline that everybody writes first.

Starlette's BackgroundTask, the same voice, pydub's export through the ffmpeg program, a new httpx
client for each call. No signature, no store, no order, no retry. It speaks with espeak, or with the
speech server of SPEECH_BASE_URL.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import warnings
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

BASE = os.environ["LINQ_API_V3_BASE_URL"]
HEADERS = {"Authorization": f"Bearer {os.environ['LINQ_API_V3_API_KEY']}"}
SPEECH_BASE_URL = os.environ.get("SPEECH_BASE_URL")
engine = Espeak()


async def webhook(request: Request) -> Response:
    event: dict[str, Any] = await request.json()
    if event["event_type"] != "message.received":
        return Response()
    return Response(background=BackgroundTask(answer, event["data"]))


async def answer(data: dict[str, Any]) -> None:
    text = "You said: " + " ".join(part.get("value", "") for part in data["parts"])
    memo = await asyncio.to_thread(export, await speak(text))
    async with httpx.AsyncClient(headers=HEADERS, timeout=60) as client:
        declared = await client.post(
            f"{BASE}/v3/attachments",
            json={"filename": "memo.m4a", "content_type": "audio/x-m4a", "size_bytes": len(memo)},
        )
    attachment = declared.json()
    async with httpx.AsyncClient(timeout=60) as client:
        await client.put(
            attachment["upload_url"], content=memo, headers=attachment["required_headers"]
        )
    async with httpx.AsyncClient(headers=HEADERS, timeout=60) as client:
        await client.post(
            f"{BASE}/v3/chats/{data['chat']['id']}/voicememo",
            json={"attachment_id": attachment["attachment_id"]},
        )


async def speak(text: str) -> bytes | AudioSegment:
    """MP3 as a speech server sends it, or espeak's samples."""
    if SPEECH_BASE_URL:
        async with httpx.AsyncClient(timeout=60) as client:
            spoken = await client.post(
                f"{SPEECH_BASE_URL}/audio/speech",
                json={"input": text, "model": "local", "voice": "local", "response_format": "mp3"},
            )
        return spoken.content
    speech = await asyncio.to_thread(engine.say, Utterance(text, "en"))
    return AudioSegment(speech.samples, frame_rate=speech.sample_rate, sample_width=2, channels=1)


def export(spoken: bytes | AudioSegment) -> bytes:
    if isinstance(spoken, bytes):
        spoken = AudioSegment.from_file(io.BytesIO(spoken), format="mp3")
    out = io.BytesIO()
    spoken.export(out, format="ipod", codec="aac", bitrate="48k", parameters=["-ar", "24000"])
    return out.getvalue()


if __name__ == "__main__":
    app = Starlette(routes=[Route("/webhooks/linq", webhook, methods=["POST"])])
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
