"""A model that writes slowly and a voice service: each sentence is spoken while the next is
written, and the person waits for the last one only."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.harness import BotHarness
from tests.integration.responder_server import serving
from tests.integration.scripted_chat import DONE, STREAM, chunk
from tests.integration.speech_server import Received, SpeechServer, openai

SENTENCES = ["Yes, we are open today.", "We close at half past six.", "Shall I book a table?"]


def spoken(request: Received) -> str:
    return str(json.loads(request.body)["input"])


def test_a_sentence_is_spoken_while_the_next_is_written(tmp_path: Path) -> None:
    with SpeechServer(openai) as speech:

        async def until_spoken(sentence: str) -> bool:
            for _ in range(1500):
                if sentence in map(spoken, speech.received):
                    return True
                await asyncio.sleep(0.02)
            return False

        async def write() -> AsyncIterator[str]:
            yield chunk(content=SENTENCES[0])
            for before, sentence in itertools.pairwise(SENTENCES):
                yield chunk(content=f" {sentence}")
                # What was written before is with the voice service, or nothing more comes.
                if not await until_spoken(before):
                    return
            yield chunk("stop") + DONE

        async def complete(_request: Request) -> Response:
            return StreamingResponse(write(), media_type=STREAM)

        model = Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])
        with (
            serving(model) as address,
            BotHarness(
                tmp_path,
                MEMO_RESPONDER="openai",
                MEMO_CHAT_BASE_URL=f"{address}/v1",
                MEMO_CHAT_MODEL="local",
                MEMO_VOICES="openai",
                MEMO_SPEECH_BASE_URL=f"{speech.url}/v1",
                MEMO_SPEECH_MODEL="local",
                MEMO_SPEECH_VOICE="any",
            ) as bot,
        ):
            answer = bot.over(bot.say("Are you open?"))
            assert (answer.state, answer.reason, answer.engine) == ("sent", "answer", "openai")
            assert answer.text == " ".join(SENTENCES)
            assert [bool(one["memo"]) for one in bot.sent()] == [True]
        assert sorted(map(spoken, speech.received)) == sorted(SENTENCES)
