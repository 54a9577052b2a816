"""Voice memos as phones and other apps make them, of a tone of 440 Hz."""

from __future__ import annotations

import array
import io
import math
import struct
from fractions import Fraction

import av
from av.audio.resampler import AudioResampler

from app.audio import Pcm, encode

SECONDS = 2.0


def tone(seconds: float = SECONDS, volume: float = 0.3) -> Pcm:
    rate = 24_000
    step = 2 * math.pi * 440 / rate
    wave = (int(32767 * volume * math.sin(step * n)) for n in range(int(rate * seconds)))
    return Pcm(array.array("h", wave).tobytes(), rate)


def muxed(container: str, codec: str, rate: int) -> bytes:
    """The tone in `container` by FFmpeg's own muxers."""
    pcm, file = tone(), io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        context = stream.codec_context
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm.samples) // 2)
        frame.sample_rate, frame.pts, frame.time_base = 24_000, 0, Fraction(1, 24_000)
        frame.planes[0].update(pcm.samples)
        resampler = AudioResampler(
            format=context.format.name, layout="mono", rate=rate, frame_size=context.frame_size
        )
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


def iphone_aac_in_caf() -> bytes:
    """AAC in a CAF file, which FFmpeg reads but does not write."""
    adts = encode(tone(), "aac").data
    packets = []
    while adts:
        length = (adts[3] & 3) << 11 | adts[4] << 3 | adts[5] >> 5
        packets.append(adts[7:length])
        adts = adts[length:]
    config = bytes([0x13, 0x08])  # AAC-LC, 24 kHz, mono (ISO 14496-3)
    decoder = _descriptor(4, b"\x40\x15" + bytes(11) + _descriptor(5, config))
    cookie = _descriptor(3, bytes(3) + decoder + _descriptor(6, b"\x02"))
    return _caf(b"aac ", 24_000, 1024, packets, cookie)


def iphone_opus_in_caf() -> bytes:
    """Opus in a CAF file, which is what a voice memo bubble holds on Apple's side."""
    with av.open(io.BytesIO(muxed("ogg", "libopus", 48_000)), "r") as ogg:
        packets = [bytes(packet) for packet in ogg.demux() if packet.size]
    return _caf(b"opus", 48_000, 960, packets, b"")


def _descriptor(tag: int, content: bytes) -> bytes:
    """An MPEG-4 descriptor with its length in four bytes, as Apple writes them."""
    return bytes([tag, 0x80, 0x80, 0x80, len(content)]) + content


def _caf(codec: bytes, rate: int, frames: int, packets: list[bytes], cookie: bytes) -> bytes:
    """Apple's Core Audio Format 1.0: description, cookie, table of packets, packets."""
    table = struct.pack(">qqii", len(packets), len(packets) * frames, 0, 0)
    for packet in packets:
        size = len(packet)
        table += bytes([0x80 | size >> 7, size & 0x7F]) if size > 127 else bytes([size])
    chunks = [(b"desc", struct.pack(">d4sIIIII", rate, codec, 0, 0, frames, 1, 0))]
    if cookie:
        chunks.append((b"kuki", cookie))
    chunks += [(b"pakt", table), (b"data", bytes(4) + b"".join(packets))]
    body = b"".join(name + struct.pack(">q", len(data)) + data for name, data in chunks)
    return b"caff" + struct.pack(">HH", 1, 0) + body
