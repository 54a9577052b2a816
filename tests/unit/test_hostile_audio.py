"""Hostile audio: what asks for more than it holds is refused, soon and in little memory.

`FOREIGN_AUDIO` ends a decoder after 2 s of processor time, which raises AudioTooCostly; none of
these files gets that far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from app.audio import FOREIGN_AUDIO, AudioError, Pcm, WorkerPool, decode_audible, encode
from tests import worker_jobs
from tests.hostile_audio import corpus, wav_of_tag
from tests.integration.speech_server import speech

MAX_MEMORY = 256 * 2**20  # bytes, for the whole worker
REFUSED = (
    "at 0 Hz", "at 1 Hz", "at 2 Hz", "at 5 Hz", "at 8 Hz", "at 100 Hz", "at 700000001 Hz",
    "changes", "channels", "fragment", "index of", "16 million",
)  # fmt: skip
# Refused for what they are, not because a worker ran into its limits or an error came unexpected.
JUDGED = {"NotAudio", "SilentAudio", "AudioDamaged", "AudioTooLong"}
# Each number that FFmpeg knows a codec for lies among the first, or is one of the last.
TAGS = (*range(700), 0x2000, 0x674F, 0x6771, 0x704F, 0xA106, 0xF1AC, 0xFFFE, 0xFFFF)


def outcomes(files: Iterable[tuple[str, bytes]]) -> tuple[dict[str, str], int]:
    """What became of each file, in one worker; and the most bytes of memory that it took."""

    async def main() -> tuple[dict[str, str], int]:
        pool = WorkerPool(1)
        found = {}
        for name, data in files:
            try:
                await pool.run(FOREIGN_AUDIO, decode_audible, data, 16_000, 600.0)
                found[name] = "decoded"
            except AudioError as error:
                found[name] = type(error).__name__
        peak = await pool.run(FOREIGN_AUDIO, worker_jobs.peak_memory)
        await pool.aclose()
        return found, peak

    return asyncio.run(main())


def test_no_file_of_the_corpus_takes_much_time_or_memory() -> None:
    found, peak = outcomes(corpus())
    assert len(found) > 300
    assert set(found.values()) <= {"decoded", *JUDGED}
    assert peak < MAX_MEMORY


def test_impossible_rates_channels_and_indexes_are_refused() -> None:
    wanted = [(name, data) for name, data in corpus() if any(part in name for part in REFUSED)]
    found, _ = outcomes(wanted)
    assert len(found) > 50
    assert {name: kind for name, kind in found.items() if kind not in JUDGED} == {}


def test_wav_files_in_any_codec_are_decoded_or_refused() -> None:
    found, peak = outcomes((f"tag {tag}", wav_of_tag(tag)) for tag in TAGS)
    assert set(found.values()) <= {"decoded", *JUDGED}
    assert found["tag 1"] == "decoded"
    assert peak < MAX_MEMORY


def test_ten_minutes_are_within_the_limits() -> None:
    sound = speech("Good morning. We are open today from nine until half past six.")
    repeated = sound.samples * int(599 / sound.seconds)
    memo = encode(Pcm(repeated, sound.sample_rate, loudness=-20.0))
    found, peak = outcomes([("ten minutes", memo.data)])
    assert found == {"ten minutes": "decoded"}
    assert peak < MAX_MEMORY
