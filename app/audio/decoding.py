"""Decoding: any common audio file to PCM, bounded, by what its bytes are and not by its name."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet

from app.audio.framing import samples
from app.audio.headers import check_shape, check_sizes
from app.audio.pcm import WIDTH, AudioDamaged, AudioTooLong, NotAudio, Pcm

# Only containers that carry their audio inside: playlists (HLS, concat) would open other addresses.
_SEALED = {
    "format_whitelist": "mov,mp3,wav,aac,caf,aiff,amr,ogg,matroska,flac",
    "protocol_whitelist": "none",
}
_TOLERATED = 0.05  # part of the packets that may be broken inside
_MISSING_SECONDS = 0.2  # seconds that a container's own duration may be off
_GUESSED = frozenset(("mp3", "aac", "amr"))  # containers whose duration FFmpeg estimates
_MAX_CHANGES = 8  # of rate or channels inside a file: each costs a resampler


@dataclass(frozen=True)
class Recording:
    """An audio file decoded: `pcm`, and what it was. `sample_rate` in Hz."""

    pcm: Pcm
    codec: str
    sample_rate: int
    channels: int


def decode(data: bytes, *, sample_rate: int = 24_000, max_seconds: float = 600) -> Pcm:
    """The audio in `data` (MP3, M4A, AAC, WAV, AIFF, CAF, AMR, Ogg, WebM or FLAC) as mono PCM.

    The container is detected by its bytes. Rates, channels and promised sizes are judged before
    a sample is made; memory and time are bounded by `max_seconds`.

    Raises: NotAudio, AudioDamaged when the end or much of the middle is missing, AudioTooLong.
    """
    return read(data, sample_rate=sample_rate, max_seconds=max_seconds).pcm


def read(data: bytes, *, sample_rate: int, max_seconds: float) -> Recording:
    """As `decode`, with what the file says of itself."""
    check_sizes(data)
    try:
        with av.open(io.BytesIO(data), "r", container_options=_SEALED) as container:
            stream = _audio_stream(container)
            declared = _declared_seconds(stream)
            if container.format.name not in _GUESSED and declared > max_seconds + 1:
                raise AudioTooLong(f"{declared:.0f} seconds, more than {max_seconds:g}")
            context = stream.codec_context
            found = context.codec.canonical_name, context.sample_rate, context.channels
            limit = int(max_seconds * sample_rate) * WIDTH
            decoded = bytearray()
            for part in _plain(_frames(container.demux(stream), context.name), sample_rate):
                decoded += part
                if len(decoded) > limit:
                    raise AudioTooLong(f"more than {max_seconds:g} seconds of audio")
            end = round(declared * sample_rate) * WIDTH
            if container.format.name.startswith("mov") and 0 < len(decoded) - end < sample_rate / 5:
                del decoded[end:]  # what fills the last packet
    except (FFmpegError, ValueError, OverflowError) as error:
        raise NotAudio(f"no audio file: {_reason(error)}") from error
    pcm = Pcm(bytes(decoded), sample_rate)
    if not decoded:
        raise NotAudio("an audio file without any audio in it")
    if pcm.seconds < 0.9 * declared - _MISSING_SECONDS:
        raise AudioDamaged(f"{pcm.seconds:.1f} of {declared:.1f} seconds are there")
    return Recording(pcm, *found)


def _audio_stream(container: InputContainer) -> AudioStream:
    """The first audio track, if it can be decoded. Raises: NotAudio."""
    if not container.streams.audio:
        raise NotAudio("a file without an audio track")
    stream = container.streams.audio[0]
    # None where FFmpeg knows the codec but has no decoder for it; its types do not say so.
    context: AudioCodecContext | None = stream.codec_context
    if context is None:
        raise NotAudio("a codec that cannot be decoded here")
    check_shape(context.sample_rate, context.channels)
    return stream


def _declared_seconds(stream: AudioStream) -> float:
    if not stream.duration or not stream.time_base:
        return 0.0
    return float(stream.duration * stream.time_base)


def _frames(packets: Iterator[Packet[AudioStream]], codec: str) -> Iterator[AudioFrame]:
    total = broken = 0
    last_broken = False
    for packet in packets:
        total += 1
        if packet.size:
            last_broken = codec.startswith("mp3") and _cut_mp3(bytes(packet))
        try:
            for frame in packet.decode():
                if isinstance(frame, AudioFrame):
                    check_shape(frame.sample_rate, frame.layout.nb_channels)
                    yield frame
        except FFmpegError:
            broken += 1
            last_broken = not codec.startswith("mp3")  # behind MP3s tags and padding are common
    if last_broken:
        raise AudioDamaged("the last packet is cut off")
    if broken > max(1, total * _TOLERATED):
        raise AudioDamaged(f"{broken} of {total} packets are broken")


def _plain(frames: Iterator[AudioFrame], sample_rate: int) -> Iterator[bytes]:
    """The samples of `frames`, resampled a second at a time: one by one takes twice as long."""
    for changes, ((_, _, rate), run) in enumerate(itertools.groupby(frames, _shape)):
        if changes > _MAX_CHANGES:
            raise AudioDamaged("its sample rate or channels keep changing")
        resampler = AudioResampler(format="s16", layout="mono", rate=sample_rate)
        waiting = AudioFifo()
        for frame in run:
            frame.pts = None
            waiting.write(frame)
            if waiting.samples >= rate:
                yield from map(samples, resampler.resample(waiting.read()))
        yield from map(samples, resampler.resample(waiting.read(0, partial=True)))
        yield from map(samples, resampler.resample(None))


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


# Bit rates in kbit/s of MPEG audio layer III, ISO/IEC 11172-3 table 2.4.2.3 and 13818-3.
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_RATES = (44_100, 48_000, 32_000, 0)


def _cut_mp3(packet: bytes) -> bool:
    """Whether an MP3 frame is shorter than its header says; FFmpeg plays such without an error."""
    header = int.from_bytes(packet[:4], "big")
    version, layer = header >> 19 & 3, header >> 17 & 3  # 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
    if header >> 21 != 0x7FF or layer != 1 or version == 1:
        return False
    rate = _RATES[header >> 10 & 3] >> (3 - version if version else 2)
    kbits = (_KBITS_1 if version == 3 else _KBITS_2)[header >> 12 & 15]
    if not rate or not kbits:
        return False
    length = (144 if version == 3 else 72) * kbits * 1000 // rate + (header >> 9 & 1)
    return len(packet) < length


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
