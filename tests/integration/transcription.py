"""What the tests of transcription share: a voice memo on a local CDN and the bot's transcriber."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.audio import encode
from app.linq.events import Part
from app.settings import load_settings
from app.transcription import Transcription, TranscriptionError, VoiceMemoTranscriber
from tests.audio_workers import run, workers
from tests.integration.audio_files import tone
from tests.integration.local_server import Reply, Server

M4A = encode(tone(), "m4a").data


def says(server: Server, *replies: Reply) -> None:
    server.reply("/v1/audio/transcriptions", *replies)


def transcribe(
    cdn: Server,
    transcriber: Server | None,
    part: Part,
    *,
    fresh_url: Callable[[str], str] | None = None,
    language: str | None = None,
    model: str | None = "whisper-large",
) -> Transcription:
    async def renew(attachment_id: str) -> str:
        assert fresh_url is not None
        return fresh_url(attachment_id)

    async def main() -> Transcription:
        settings = load_settings(
            linq_base_url=f"{cdn.address}/api/partner",
            transcribe_base_url=f"{transcriber.address}/v1/" if transcriber else None,
            transcribe_api_key="sk-transcription",
            transcribe_model=model,
        )
        memos = VoiceMemoTranscriber.from_settings(settings, workers())
        try:
            return await memos.transcribe(
                part, fresh_url=renew if fresh_url else None, language=language
            )
        finally:
            await memos.aclose()

    return run(main())


def failure(
    cdn: Server,
    transcriber: Server | None,
    part: Part,
    fresh_url: Callable[[str], str] | None = None,
) -> TranscriptionError:
    with pytest.raises(TranscriptionError) as caught:
        transcribe(cdn, transcriber, part, fresh_url=fresh_url)
    return caught.value


def memo(url: str | None, **changes: object) -> Part:
    values: dict[str, object] = {"attachment_id": "e5d1b9a4", "url": url, "mime_type": "audio/mp4"}
    return Part("audio", **(values | changes))  # type: ignore[arg-type]
