"""A speech server and a language model, both slow: `python -m benchmarks.local_models PORT`.

Speech takes SPEECH_SECONDS a request, and a completion is streamed over MODEL_SECONDS. Both speak
OpenAI's protocol. Everything is made beforehand, so that they take time but no processor.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.audio import Pcm, encode
from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance
from benchmarks.words import new_words

SPEECH_SECONDS = 0.3
MODEL_SECONDS = 3.0
SENTENCES = 5
CHARS_PER_SECOND = 15
LONGEST = 20  # seconds of a recording


class LocalModels:
    def __init__(self) -> None:
        words = Utterance(" ".join(new_words(number) for number in range(5)), "en")
        spoken = Espeak().say(words)
        second = 2 * spoken.sample_rate
        self._recordings = [
            encode(Pcm(spoken.samples[: length * second], spoken.sample_rate), "mp3").data
            for length in range(1, LONGEST + 1)
        ]
        self._answers = 0
        self._ends: dict[str, float] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/audio/speech", self.speak, methods=["POST"]),
                Route("/v1/chat/completions", self.complete, methods=["POST"]),
                Route("/ends", self.ends),
            ]
        )

    async def speak(self, request: Request) -> Response:
        text = (await request.json())["input"]
        await asyncio.sleep(SPEECH_SECONDS)
        length = min(max(1, round(len(text) / CHARS_PER_SECOND)), LONGEST)
        return Response(self._recordings[length - 1], media_type="audio/mpeg")

    async def complete(self, request: Request) -> Response:
        asked = await request.json()
        assert asked.get("stream"), "an answer that is not streamed is not what is measured"
        self._answers += 1
        first = 10_000 + self._answers * SENTENCES
        text = " ".join(new_words(first + number, short=True) for number in range(SENTENCES))
        return StreamingResponse(
            self._stream(asked["messages"][-1]["content"], text), media_type="text/event-stream"
        )

    async def _stream(self, question: str, text: str) -> AsyncIterator[str]:
        words = [f"{word} " for word in text.split()]
        began = time.monotonic()
        for number, word in enumerate(words, start=1):
            await asyncio.sleep(began + MODEL_SECONDS * number / len(words) - time.monotonic())
            yield _event({"content": word}, None)
        self._ends[question] = time.monotonic()
        yield _event({}, "stop")
        yield "data: [DONE]\n\n"

    async def ends(self, _request: Request) -> Response:
        """When the last word of the answer to each question was sent (`time.monotonic`)."""
        return JSONResponse(self._ends)


def _event(delta: dict[str, str], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"


if __name__ == "__main__":
    uvicorn.run(LocalModels().app(), port=int(sys.argv[1]), log_level="error")
