"""Makes a voice memo of what a colleague recorded in the console."""

from __future__ import annotations

from app.audio import (
    FOREIGN_AUDIO,
    AudioError,
    Format,
    WorkerFailed,
    WorkerPool,
    decode_audible,
    longest,
)
from app.speech.audio_jobs import MEMO_LIMITS, MadeMemo, Overlong, Passage, make_memo
from app.speech.errors import EngineError
from app.store import recorded_audio
from app.store.database import Database
from app.store.sealing import Sealer

MAX_SECONDS = 125.0
"""The console ends a recording after 120 s."""
_SAMPLE_RATE = 24_000  # Hz


class RecordingUnusable(Exception):
    """No memo can be made of the recording; the message says why."""


class RecordingEncoder:
    """Decodes in an audio worker, as foreign audio; levels and encodes as the bot's own memos."""

    def __init__(
        self, database: Database, workers: WorkerPool, sealer: Sealer, format: Format
    ) -> None:
        self._database = database
        self._workers = workers
        self._sealer = sealer
        self._format: Format = format

    async def memo(self, answer_id: str) -> MadeMemo:
        """The memo of an answer that was recorded.

        Raises: RecordingUnusable; WorkerFailed, after which it may succeed later.
        """
        data = await self._database.read(
            lambda c: recorded_audio.data_of(c, self._sealer, answer_id), retry_forever=True
        )
        if data is None:
            raise RecordingUnusable("the recording is not there any more")
        most = min(MAX_SECONDS, longest(self._format))
        try:
            pcm = await self._workers.run(FOREIGN_AUDIO, decode_audible, data, _SAMPLE_RATE, most)
            whole = (Passage(pcm, 0.0, 0, ends_sentence=True),)
            made = await self._workers.run(MEMO_LIMITS, make_memo, whole, self._format, most)
        except WorkerFailed:
            raise
        except (AudioError, EngineError) as error:
            raise RecordingUnusable(str(error)) from error
        if isinstance(made, Overlong):
            raise RecordingUnusable(f"{made.seconds:.0f} s are too long for a memo")
        return made
