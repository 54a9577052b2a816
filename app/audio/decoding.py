"""Decoding: any common audio file to PCM, bounded, by what its bytes are and not by its name."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Iterator

import av
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet

from app.audio.pcm import WIDTH, AudioDamaged, AudioTooLong, NotAudio, Pcm, samples

# Only containers that carry their audio inside: playlists (HLS, concat) would open other addresses.
_SEALED = {
    "format_whitelist": "mov,mp3,wav,aac,caf,aiff,amr,ogg,matroska,flac",
    "protocol_whitelist": "none",
}
_TOLERATED = 0.05  # part of the packets that may be broken inside
_MISSING_SECONDS = 0.2  # seconds that a container's own duration may be off


def decode(data: bytes, *, sample_rate: int = 24_000, max_seconds: float = 600) -> Pcm:
    """The audio in `data` (MP3, M4A, AAC, WAV, AIFF, CAF, AMR, Ogg, WebM or FLAC) as mono PCM.

    The container is detected by its bytes. Memory and time are bounded by `max_seconds`.

    Raises: NotAudio, AudioDamaged when the end or much of the middle is missing, AudioTooLong.
    """
    if _promised(data) > len(data):
        raise AudioDamaged("the file ends before its header says")
    try:
        with av.open(io.BytesIO(data), "r", container_options=_SEALED) as container:
            if not container.streams.audio:
                raise NotAudio("a file without an audio track")
            stream = container.streams.audio[0]
            declared = 0.0
            if stream.duration and stream.time_base:
                declared = float(stream.duration * stream.time_base)
            limit = int(max_seconds * sample_rate) * WIDTH
            decoded = bytearray()
            frames = _frames(container.demux(stream), stream.codec_context.name)
            for part in _plain(frames, sample_rate):
                decoded += part
                if len(decoded) > limit:
                    raise AudioTooLong(f"more than {max_seconds:g} seconds of audio")
            end = round(declared * sample_rate) * WIDTH
            if container.format.name.startswith("mov") and 0 < len(decoded) - end < sample_rate / 5:
                del decoded[end:]  # what fills the last packet
    except (FFmpegError, ValueError) as error:
        raise NotAudio(f"no audio file: {_reason(error)}") from error
    pcm = Pcm(bytes(decoded), sample_rate)
    if not decoded:
        raise NotAudio("an audio file without any audio in it")
    if pcm.seconds < 0.9 * declared - _MISSING_SECONDS:
        raise AudioDamaged(f"{pcm.seconds:.1f} of {declared:.1f} seconds are there")
    return pcm


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
    for (_, _, rate), run in itertools.groupby(frames, _shape):
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


def _promised(data: bytes) -> int:
    """The size in bytes of the whole file by a WAV or CAF header; 0 where it has none.

    FFmpeg plays what is there without an error. Streams are written with 0 or the largest size.
    """
    if data[:4] == b"RIFF":
        at, head, size, open_end, pad = 12, 8, "<I", 0x7FFF_0000, 2
    elif data[:4] == b"caff":
        at, head, size, open_end, pad = 8, 12, ">Q", 2**62, 1
    else:
        return 0
    while at + head <= len(data):
        length = struct.unpack_from(size, data, at + 4)[0]
        if data[at : at + 4] == b"data":
            return 0 if length >= open_end else at + head + length
        at += head + length + length % pad
    return at


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
