"""The rival: the pipeline that everybody writes first.

Starlette's BackgroundTask, the same speech engine, pydub's export through the ffmpeg program, a
new httpx client for each call. No signature, no store, no order, no retry.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from typing import Any

import httpx
import uvicorn
from pydub import AudioSegment
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance

BASE = os.environ["LINQ_API_V3_BASE_URL"]
HEADERS = {"Authorization": f"Bearer {os.environ['LINQ_API_V3_API_KEY']}"}
engine = Espeak()


async def webhook(request: Request) -> Response:
    try:
        event: dict[str, Any] = await request.json()
    except ClientDisconnect:
        return Response(status_code=400)  # the sandbox was reset meanwhile
    if event["event_type"] != "message.received":
        return Response()
    return Response(background=BackgroundTask(answer, event["data"]))


async def answer(data: dict[str, Any]) -> None:
    text = "You said: " + " ".join(part.get("value", "") for part in data["parts"])
    speech = await asyncio.to_thread(engine.say, Utterance(text, "en"))
    audio = AudioSegment(speech.samples, frame_rate=speech.sample_rate, sample_width=2, channels=1)
    out = io.BytesIO()
    audio.export(out, format="ipod", codec="aac", bitrate="48k", parameters=["-ar", "24000"])
    memo = out.getvalue()
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


if __name__ == "__main__":
    app = Starlette(routes=[Route("/webhooks/linq", webhook, methods=["POST"])])
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
