"""MP3 to M4A: ours beside pydub's own export, in speed and in sound. `python -m benchmarks.audio`

pydub needs the programs ffmpeg and ffprobe; they are its part of the comparison only. Ours is
`app.audio`: PyAV, with the memo decoded again and checked before it counts.

Quality is measured against the sound that both were given: segmental SNR (30 ms segments of speech,
clipped to -10…35 dB; higher is better) and log-spectral distance (dB; lower is better).
Exits with 1 when an aim is missed.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from app.audio import Pcm, WorkerPool, decode, encode, tidy
from app.speech.audio_jobs import MEMO_LIMITS, Passage, make_memo
from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance
from app.speech.synthesizer import WORKER_MODULES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

TEXT = (
    "Thank you for your message. Yes, we are open today until half past six. The kitchen closes at "
    "six, and on Saturdays we open an hour later than usual. If you would like a table, please "
    "tell me for how many people and at what time."
)
SIX_SECONDS = TEXT[:93]
BIT_RATE = "48k"  # asked of pydub; FFmpeg's encoder comes out above it, and so does ours
LENGTHS = (3, 6, 12)  # seconds
ROUNDS = 7

FASTER = 7.0  # times
MEMO_MS = 100.0  # tidy, encode and check of a 6 s memo
SAME_BITS = 1.10  # ours may have at most so many times the bits of pydub's
SNR_SLACK = 0.5  # dB that ours may be worse
LSD_SLACK = 0.3  # dB that ours may be worse

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    milliseconds: float
    kilobits: float  # a second
    snr: float
    distance: float


def main() -> int:
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        print("benchmarks.audio: pydub needs the programs ffmpeg and ffprobe, which are missing")
        return 1
    spoken = tidy([Espeak().say(Utterance(TEXT, "en"))])
    table = Table("seconds", "", "ms", "kbit/s", "SNR dB", "LSD dB", "faster", title="MP3 → M4A")
    missed = []
    for seconds in LENGTHS:
        source = encode(_first(spoken, seconds), "mp3").data
        pydub, ours = _compare(source)
        faster = pydub.milliseconds / ours.milliseconds
        _row(table, f"{seconds}", f"pydub {BIT_RATE}", pydub, "")
        _row(table, "", "ours, checked", ours, f"{faster:.1f} x")
        if faster < FASTER:
            missed.append(f"{seconds} s: {faster:.1f} x faster, not {FASTER:g} x")
        if ours.kilobits > SAME_BITS * pydub.kilobits:
            missed.append(f"{seconds} s: {ours.kilobits:.0f} kbit/s is not the same bit rate")
        if ours.snr < pydub.snr - SNR_SLACK or ours.distance > pydub.distance + LSD_SLACK:
            missed.append(f"{seconds} s: sounds worse than pydub's export")
    raw = _first(Espeak().say(Utterance(TEXT, "en")), 6)
    [(whole, _)] = _best(lambda: encode(tidy([raw])).data)
    if whole > MEMO_MS:
        missed.append(f"tidy, encode and check took {whole:.0f} ms, not {MEMO_MS:.0f} ms")
    alone, busy = asyncio.run(_in_worker())
    console = Console()
    console.print(table)
    console.print(f"tidy, encode and check of a 6 s memo: {whole:.0f} ms (aim {MEMO_MS:.0f} ms)")
    console.print(
        f"the same from words, in an audio worker: {alone:.0f} ms, beside a busy thread "
        f"{busy:.0f} ms"
    )
    for line in missed:
        console.print(f"missed: {line}", style="red")
    return bool(missed)


async def _in_worker() -> tuple[float, float]:
    """Milliseconds that a 6 s memo takes from its words, alone and beside a busy Python thread."""
    speech = await Espeak().speak(Utterance(SIX_SECONDS, "en"))
    passages = (Passage(speech, 6.0, 0, ends_sentence=True),)
    ended = threading.Event()
    pool = WorkerPool(1, preload=WORKER_MODULES)

    async def shortest() -> float:
        best = float("inf")
        for _ in range(ROUNDS):
            started = time.perf_counter()
            await pool.run(MEMO_LIMITS, make_memo, passages, "m4a", 60.0)
            best = min(best, (time.perf_counter() - started) * 1000)
        return best

    try:
        alone = await shortest()
        threading.Thread(target=_compute, args=(ended,)).start()
        return alone, await shortest()
    finally:
        ended.set()
        await pool.aclose()


def _compute(ended: threading.Event) -> None:
    count = 0
    while not ended.is_set():
        count += 1


def _compare(source: bytes) -> tuple[Outcome, Outcome]:
    given = decode(source)
    outcomes = []
    for took, made in _best(lambda: _by_pydub(source), lambda: _by_us(source)):
        snr, distance = _quality(given, decode(made))
        outcomes.append(Outcome(took, len(made) * 8 / given.seconds / 1000, snr, distance))
    return outcomes[0], outcomes[1]


def _by_pydub(source: bytes) -> bytes:
    out = io.BytesIO()
    segment = AudioSegment.from_file(io.BytesIO(source), format="mp3")
    segment.export(out, format="ipod", codec="aac", bitrate=BIT_RATE)
    return out.getvalue()


def _by_us(source: bytes) -> bytes:
    return encode(decode(source)).data


def _best(*jobs: Callable[[], bytes]) -> list[tuple[float, bytes]]:
    """The shortest time of each job in milliseconds, and its result.

    The jobs take turns, and the shortest counts: what else the machine does only adds.
    """
    results = [job() for job in jobs]
    shortest = [float("inf")] * len(jobs)
    for _ in range(ROUNDS):
        for index, job in enumerate(jobs):
            started = time.perf_counter()
            job()
            shortest[index] = min(shortest[index], (time.perf_counter() - started) * 1000)
    return list(zip(shortest, results, strict=True))


def _quality(given: Pcm, heard: Pcm) -> tuple[float, float]:
    """Segmental SNR and log-spectral distance, over the segments in which somebody speaks."""
    a, b = _aligned(_samples(given), _samples(heard))
    size = given.sample_rate * 30 // 1000
    count = len(a) // size
    a, b = a[: count * size].reshape(count, size), b[: count * size].reshape(count, size)
    energy = (a**2).sum(axis=1)
    speech = energy > size * 10 ** (-50 / 10)
    a, b, energy = a[speech], b[speech], energy[speech]
    error = ((a - b) ** 2).sum(axis=1)
    snr = np.clip(10 * np.log10(energy / np.maximum(error, 1e-12)), -10, 35)
    distance = np.sqrt(((_spectrum(a) - _spectrum(b)) ** 2).mean(axis=1))
    return float(snr.mean()), float(distance.mean())


def _aligned(a: Samples, b: Samples) -> tuple[Samples, Samples]:
    """`a` and `b` without the delay between them, found by correlation."""
    size = min(len(a), len(b))
    spectra = np.fft.rfft(a[:size], 2 * size).conj() * np.fft.rfft(b[:size], 2 * size)
    lag = int(np.argmax(np.fft.irfft(spectra)))
    lag -= 2 * size if lag > size else 0
    a, b = a[max(0, -lag) :], b[max(0, lag) :]
    size = min(len(a), len(b))
    return a[:size], b[:size]


def _spectrum(segments: Samples) -> Samples:
    windowed = segments * np.hanning(segments.shape[1])
    return np.asarray(10 * np.log10(np.abs(np.fft.rfft(windowed)) ** 2 + 1e-6))


def _samples(pcm: Pcm) -> Samples:
    return np.frombuffer(pcm.samples, dtype="<i2").astype(np.float64) / 32768


def _first(pcm: Pcm, seconds: float) -> Pcm:
    return Pcm(pcm.samples[: int(seconds * pcm.sample_rate) * 2], pcm.sample_rate)


def _row(table: Table, seconds: str, name: str, outcome: Outcome, faster: str) -> None:
    table.add_row(
        seconds,
        name,
        f"{outcome.milliseconds:.1f}",
        f"{outcome.kilobits:.1f}",
        f"{outcome.snr:.1f}",
        f"{outcome.distance:.2f}",
        faster,
    )


if __name__ == "__main__":
    sys.exit(main())
