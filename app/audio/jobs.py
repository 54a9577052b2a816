"""Jobs on foreign audio. What they work with is imported in the worker alone."""

from __future__ import annotations

from app.audio.pcm import Pcm, SilentAudio


def decode_audible(data: bytes, sample_rate: int, max_seconds: float) -> Pcm:
    """As `decode`. Raises: SilentAudio, and what `decode` does."""
    from app.audio.decoding import decode
    from app.audio.mean_level import silent

    pcm = decode(data, sample_rate=sample_rate, max_seconds=max_seconds)
    if silent(pcm):
        raise SilentAudio("only silence")
    return pcm
