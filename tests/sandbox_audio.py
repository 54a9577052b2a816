"""Small audio files in every container that voice memos accept, made on the spot."""

from __future__ import annotations

import functools
import io
import wave

import av
import numpy as np

# File name ending and content type to FFmpeg's muxer, encoder and sample rate in Hz.
_MAKING = {
    "m4a": ("ipod", "aac", 24_000),
    "mp3": ("mp3", "libmp3lame", 24_000),
    "aac": ("adts", "aac", 24_000),
    "caf": ("caf", "pcm_s16le", 24_000),
    "wav": ("wav", "pcm_s16le", 24_000),
    "aiff": ("aiff", "pcm_s16be", 24_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "ogg": ("ogg", "libopus", 48_000),
}
CONTENT_TYPES = {
    "m4a": "audio/x-m4a",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "caf": "audio/x-caf",
    "wav": "audio/x-wav",
    "aiff": "audio/x-aiff",
    "amr": "audio/amr",
}


@functools.cache
def tone(ending: str = "m4a", seconds: float = 1.0, level: float = 0.5) -> bytes:
    """A 440 Hz sine of `level` times full scale, mono, in the container of this file ending."""
    muxer, encoder, rate = _MAKING[ending]
    times = np.arange(round(rate * seconds)) / rate
    wave = (np.sin(2 * np.pi * 440 * times) * level * 32767).astype(np.int16)
    target = io.BytesIO()
    with av.open(target, "w", format=muxer) as container:
        stream = container.add_stream(encoder, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.layout = "mono"
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        fifo.write(frame)
        while (piece := fifo.read(960, partial=True)) is not None:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return target.getvalue()


def silence(seconds: float) -> bytes:
    """A WAV file of 24 kHz, mono, with nothing to hear."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * round(24_000 * seconds)))
    return target.getvalue()
