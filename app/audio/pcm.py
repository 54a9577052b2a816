"""PCM audio, and the errors of this package.

AudioError
├── NotAudio         empty, HTML, JSON, an unknown container or codec
│   └── SilentAudio  nothing in it can be heard
├── AudioDamaged     audio, but cut off or broken inside
├── AudioTooLong     more seconds than were allowed
├── AudioTooCostly   it would take more time or memory than a job is given
├── WorkerFailed     the processes that worked on it ended
└── MemoRefused      an encoded memo that would not play as it should
"""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE_RATE = 24_000  # Hz, of memos
WIDTH = 2  # bytes a sample: s16le mono throughout


class AudioError(Exception):
    """This is no audio that can be used."""


class NotAudio(AudioError):
    """There is no audio in the data."""


class SilentAudio(NotAudio):
    """Nothing can be heard."""


class AudioDamaged(AudioError):
    """The audio is cut off or broken."""


class AudioTooLong(AudioError):
    """The audio is longer than allowed."""


class AudioTooCostly(AudioError):
    """A job took all the time or memory that it is given; another try would, too."""


class WorkerFailed(AudioError):
    """The processes that worked on it ended or hung; later it may succeed."""


class MemoRefused(AudioError):
    """The encoded memo failed its check and must not be sent."""


@dataclass(frozen=True)
class Pcm:
    """Audio as signed 16-bit little-endian samples, mono; `sample_rate` in Hz.

    `loudness` in LUFS, where it has been measured.
    """

    samples: bytes
    sample_rate: int
    loudness: float | None = None

    @property
    def seconds(self) -> float:
        return len(self.samples) / WIDTH / self.sample_rate
