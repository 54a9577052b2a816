"""Turns words into a memo that Linq can be sent: synthesized and uploaded, or found again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, replace

from app.answers.checkpoints import PreparedMemo
from app.answers.recording_encoder import RecordingEncoder, RecordingUnusable
from app.audio import Memo
from app.linq.client import LinqClient
from app.linq.errors import Misconfigured, Refused, RetryLater
from app.retry import Backoff
from app.settings import Settings
from app.speech.request import SpeechRequest
from app.speech.synthesizer import Synthesizer
from app.store import clips, published
from app.store.clips import Clip
from app.store.database import Database
from app.store.ledger import RECORDING

__all__ = ["MadeMemo", "MemoMaker", "RecordingUnusable", "UploadFailed", "from_clip"]

UPLOAD_SECONDS = 60.0
"""How long an upload is tried again before the words go out as text instead."""
_PAUSES = Backoff(first=0.5, longest=10.0)


class UploadFailed(Exception):
    """The memo could not be brought to Linq; its words can still go out as text."""


@dataclass(frozen=True)
class MadeMemo:
    """A memo that is ready to be sent. rest: words that did not fit into it."""

    memo: PreparedMemo
    rest: str = ""
    clip: Clip | None = None
    """What to keep of it, so that the same words need not be synthesized and uploaded again."""


class MemoMaker:
    def __init__(
        self,
        settings: Settings,
        database: Database,
        linq: LinqClient,
        synthesizer: Synthesizer,
        encoder: RecordingEncoder | None = None,
    ) -> None:
        """encoder: makes memos of what colleagues record, where they do."""
        self._settings = settings
        self._database = database
        self._linq = linq
        self._synthesizer = synthesizer
        self._encoder = encoder
        self._reuses_clips = settings.delivery == "attachment"
        # More syntheses at once than this only make each of them slower.
        self._places = asyncio.Semaphore(settings.concurrency)

    async def prepare(self, text: str, *, language: str | None, voice: str | None) -> SpeechRequest:
        """Make words ready for speech. Raises: NothingToSay, UnknownVoice."""
        return await self._synthesizer.prepare(text, language=language, voice=voice)

    def clip_key(self, request: SpeechRequest) -> str | None:
        """The key under which a clip of these words would be kept; None where none are reused."""
        return request.clip_key if self._reuses_clips else None

    async def make(self, answer_id: str, request: SpeechRequest) -> MadeMemo:
        """Synthesize the words, and upload or publish the memo.

        Raises: NoVoice, UploadFailed – whereupon the words go out as text.
        """
        async with self._places:
            made = await self._synthesizer.synthesize(request)
        audio, clip = made.memo, None
        memo = PreparedMemo(
            engine=made.engine,
            language=made.language,
            seconds=audio.seconds,
            bytes=len(audio.data),
            is_cut=made.rest != "",
            timings=asdict(made.timings),
            clip_key=request.clip_key,
        )
        memo = await self._brought(answer_id, audio, memo)
        if memo.attachment_id and not made.failures and not made.rest:
            # A makeshift voice is not kept: next time the better engine may be back. Nor is
            # a memo that says only the beginning: with it words would have to be kept.
            clip = Clip(
                request.clip_key,
                memo.attachment_id,
                made.engine,
                made.language,
                audio.seconds,
                len(audio.data),
            )
        return MadeMemo(memo, made.rest, clip)

    async def make_recorded(self, answer_id: str) -> MadeMemo:
        """Make a memo of what a colleague recorded for an answer, and upload or publish it.

        Raises: RecordingUnusable, UploadFailed – there are no words to go out instead.
        """
        if self._encoder is None:
            raise RecordingUnusable("this process makes no memos of recordings")
        async with self._places:
            made = await self._encoder.memo(answer_id)
        memo = PreparedMemo(
            engine=RECORDING,
            language="",
            seconds=made.memo.seconds,
            bytes=len(made.memo.data),
            is_cut=False,
            timings={"tidy": made.tidy_seconds, "encode": made.encode_seconds},
        )
        return MadeMemo(await self._brought(answer_id, made.memo, memo))

    async def warm(self, text: str) -> PreparedMemo:
        """Make a memo beforehand and keep it, so that an answer of these words is sent at once.

        Raises: NothingToSay, NoVoice, UploadFailed.
        """
        request = await self.prepare(text, language=None, voice=None)
        clip = await self._database.read(lambda c: clips.find(c, request.clip_key))
        if clip:
            return from_clip(clip)
        made = await self.make("warm", request)
        if new := made.clip:
            await self._database.write(lambda c: clips.keep(c, new))
        return made.memo

    def url(self, memo: PreparedMemo) -> str | None:
        """Where Linq fetches a memo that was published; None for one that was uploaded."""
        if memo.filename is None:
            return None
        return f"{self._settings.address}/memos/{memo.filename}"

    async def _brought(self, answer_id: str, audio: Memo, memo: PreparedMemo) -> PreparedMemo:
        """The memo once Linq has it, or can fetch it. Raises: UploadFailed."""
        started = time.perf_counter()
        attachment_id = filename = None
        if self._reuses_clips:
            attachment_id = await self._upload(
                audio.data, f"memo.{audio.extension}", audio.mime_type
            )
        else:
            filename = await self._database.write(
                lambda c: published.publish(
                    c, answer_id, audio.data, audio.mime_type, audio.extension
                ),
                retry_forever=True,
            )
        timings = {**memo.timings, "upload": time.perf_counter() - started}
        return replace(memo, timings=timings, attachment_id=attachment_id, filename=filename)

    async def _upload(self, data: bytes, filename: str, mime_type: str) -> str:
        deadline = time.monotonic() + UPLOAD_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._linq.upload(data, filename, mime_type)
            except Refused as error:
                raise UploadFailed(str(error)) from error
            except (RetryLater, Misconfigured) as error:
                pause = _PAUSES.pause(attempt, getattr(error, "after", None))
                if time.monotonic() + pause > deadline:
                    raise UploadFailed(str(error)) from error
            await asyncio.sleep(pause)


def from_clip(clip: Clip) -> PreparedMemo:
    """The memo of words that were sent before."""
    return PreparedMemo(
        engine=clip.engine,
        language=clip.language,
        seconds=clip.seconds,
        bytes=clip.bytes,
        is_cut=False,
        attachment_id=clip.attachment_id,
        clip_key=clip.clip_key,
        reused=True,
    )
