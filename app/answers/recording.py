"""Turns words into a memo that Linq can post: recorded, uploaded or published, or found again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass
from typing import Any

from app.answers.delivery import Ready
from app.linq.client import LinqClient
from app.linq.errors import Misconfigured, Refused, RetryLater
from app.settings import Settings
from app.speech.synthesizer import Synthesizer
from app.store import clips, ledger, published
from app.store.clips import Clip
from app.store.database import Database

UPLOAD_SECONDS = 60.0
"""How long an upload is tried again before the words go out as text instead."""


class UploadFailed(Exception):
    """The memo could not be brought to Linq; its words can still go out as text."""


@dataclass(frozen=True)
class Recorded:
    """A memo ready to be posted. `seconds` and `bytes` are its length; timings are in seconds.

    `is_cut`: words did not fit into it and wait in the ledger. It holds none itself, because the
    durable engine keeps it.
    """

    engine: str
    language: str
    seconds: float
    bytes: int
    is_cut: bool
    timings: dict[str, float]
    attachment_id: str | None = None
    filename: str | None = None
    clip_key: str | None = None
    reused: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Recorder:
    def __init__(
        self, settings: Settings, database: Database, linq: LinqClient, synthesizer: Synthesizer
    ) -> None:
        self._settings = settings
        self._database = database
        self._linq = linq
        self._synthesizer = synthesizer
        # More recordings at once than this only make each of them slower.
        self._at_work = asyncio.Semaphore(settings.concurrency)

    async def record(
        self, answer_id: str, text: str, *, language: str | None, voice: str | None
    ) -> Recorded:
        """Record `text` and upload it, or find it recorded before.

        What did not fit into the memo is put into the ledger.
        Raises: NothingToSay, NoVoice, UploadFailed – whereupon the words go out as text.
        """
        key = self._synthesizer.clip_key(text, language=language, voice=voice)
        by_attachment = self._settings.delivery == "attachment"
        if by_attachment and (
            clip := await self._database.read(lambda c: clips.find(c, key), retry_forever=True)
        ):
            return Recorded(
                engine=clip.engine,
                language=clip.language,
                seconds=clip.seconds,
                bytes=clip.bytes,
                is_cut=False,
                timings={},
                attachment_id=clip.attachment_id,
                clip_key=key,
                reused=True,
            )
        async with self._at_work:
            made = await self._synthesizer.record(text, language=language, voice=voice)
        if made.rest:
            await self._database.write(
                lambda c: ledger.note(c, answer_id, rest=made.rest), retry_forever=True
            )
        timings = asdict(made.timings)
        memo = made.memo
        started = time.perf_counter()
        attachment_id = filename = None
        if by_attachment:
            attachment_id = await self._upload(memo.data, f"memo.{memo.extension}", memo.mime_type)
            clip = Clip(
                key,
                attachment_id,
                made.engine,
                made.language,
                memo.seconds,
                len(memo.data),
            )
            if not made.failures and not made.rest:
                # A makeshift voice is not kept: next time the better engine may be back. Nor is
                # a memo that says only the beginning: with it words would have to be kept.
                await self._database.write(lambda c: clips.keep(c, clip), retry_forever=True)
        else:
            filename = await self._database.write(
                lambda c: published.publish(
                    c, answer_id, memo.data, memo.mime_type, memo.extension
                ),
                retry_forever=True,
            )
        timings["upload"] = time.perf_counter() - started
        return Recorded(
            engine=made.engine,
            language=made.language,
            seconds=memo.seconds,
            bytes=len(memo.data),
            is_cut=made.rest != "",
            timings=timings,
            attachment_id=attachment_id,
            filename=filename,
            clip_key=key,
        )

    def ready(self, recorded: Recorded) -> Ready:
        """What to post for a recording."""
        if recorded.attachment_id:
            return Ready(recorded.attachment_id, attachment_id=recorded.attachment_id)
        filename = recorded.filename or ""
        base = (self._settings.public_url or "").rstrip("/")
        return Ready(filename.partition(".")[0], url=f"{base}/memos/{filename}")

    async def forget(self, recorded: Recorded) -> None:
        """Forget a clip whose attachment is gone."""
        if key := recorded.clip_key:
            await self._database.write(lambda c: clips.forget(c, key), retry_forever=True)

    async def _upload(self, data: bytes, filename: str, mime_type: str) -> str:
        deadline = time.monotonic() + UPLOAD_SECONDS
        pause = 0.5
        while True:
            try:
                return await self._linq.upload(data, filename, mime_type)
            except Refused as error:
                raise UploadFailed(str(error)) from error
            except (RetryLater, Misconfigured) as error:
                pause = (error.after if isinstance(error, RetryLater) else None) or pause
                if time.monotonic() + pause > deadline:
                    raise UploadFailed(str(error)) from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)
