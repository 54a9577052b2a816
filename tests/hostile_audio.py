"""Audio files that ask for more than they hold. `python -m tests.hostile_audio [FOLDER]`

Each has a name that says what is wrong with it. Without a folder to write to, it lists them.
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.integration.audio_files import muxed

_RATES = (0, 1, 2, 5, 8, 100, 700_000_001, 2**31 - 1, 2**32 - 1)  # Hz
_CONTAINERS = {
    "m4a": ("ipod", "aac"),
    "alac": ("ipod", "alac"),
    "mp3": ("mp3", "libmp3lame"),
    "aac": ("adts", "aac"),
    "caf": ("caf", "pcm_s16le"),
    "wav": ("wav", "pcm_s16le"),
    "aiff": ("aiff", "pcm_s16be"),
    "amr": ("amr", "libopencore_amrnb"),
    "flac": ("flac", "flac"),
    "opus": ("ogg", "libopus"),
    "webm": ("webm", "libopus"),
}


def corpus() -> Iterator[tuple[str, bytes]]:
    """Names and files, the same each time."""
    whole = {name: _whole(name) for name in _CONTAINERS}
    yield from _odd_rates(whole)
    yield from _odd_indexes(whole["m4a"])
    yield from _odd_sizes(whole)
    for name, data in whole.items():
        for part in (0.02, 0.1, 0.5, 0.9):
            yield f"{name}, {part:.0%} of it", data[: int(len(data) * part)]
        yield from ((f"{name}, mutant {n}", _mutant(data, n)) for n in range(20))


def wav_of_tag(tag: int) -> bytes:
    """A WAV file whose samples are in the codec with this number."""
    return _wav(tag=tag, samples=bytes(range(256)) * 16)


def _whole(name: str) -> bytes:
    container, codec = _CONTAINERS[name]
    rate = {"amr": 8_000, "opus": 48_000, "webm": 48_000}.get(name, 24_000)
    return muxed(container, codec, rate)


def _odd_rates(whole: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for rate in _RATES:
        yield f"wav at {rate} Hz", _wav(rate=rate)
        yield f"aiff at {rate} Hz", _patched(whole["aiff"], b"COMM", 16, _extended(rate))
        yield f"caf at {rate} Hz", _patched(whole["caf"], b"desc", 12, struct.pack(">d", rate))
        yield f"alac at {rate} Hz", _alac(whole["alac"], rate)
        yield f"flac at {rate % 2**20} Hz", _flac([None], rate % 2**20)
    for odd in ("nan", "inf", "-1", "1e300", "0.001"):
        value = struct.pack(">d", float(odd))
        yield f"caf at {odd} Hz", _patched(whole["caf"], b"desc", 12, value)
    for channels in (0, 9, 255, 65_535):
        yield f"wav of {channels} channels", _wav(channels=channels)
    yield "flac that changes its rate", _flac([n % 250 + 1 for n in range(4_000)])
    yield "flac that changes between two rates", _flac([n % 2 + 8 for n in range(4_000)])
    yield "alac of frames of 16 million samples", _alac(whole["alac"], 24_000, 2**24)


def _odd_indexes(m4a: bytes) -> Iterator[tuple[str, bytes]]:
    """M4A files that promise more samples than they have bytes."""
    for count in (10**6, 2**24, 2**31 - 1, 2**32 - 1):
        fragment = _box(
            b"moof",
            _box(b"mfhd", struct.pack(">II", 0, 1)),
            _box(
                b"traf",
                _box(b"tfhd", struct.pack(">IIII", 0x020008, 1, 1024, 0)),
                _box(b"trun", struct.pack(">II", 0, count)),
            ),
        )
        yield f"m4a with a fragment of {count} samples", _fragmented(m4a) + fragment
        yield f"m4a with 200 fragments of {count}", _fragmented(m4a) + fragment * 200
        yield (
            f"m4a with an index of {count} samples",
            _patched(m4a, b"stsz", 8, struct.pack(">II", 1, count)),
        )
        yield (
            f"m4a with {count} chunks of samples",
            _patched(m4a, b"stsc", 16, struct.pack(">I", count)),
        )
        yield (
            f"m4a with {count} samples of one time",
            _patched(m4a, b"stts", 12, struct.pack(">I", count)),
        )
    nested = b""
    for _ in range(2_000):
        nested = _box(b"moov", nested)
    yield "boxes in boxes", m4a[: m4a.index(b"moov") - 4] + nested


def _odd_sizes(whole: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield "mp3 behind a tag of 256 MB", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + whole["mp3"]
    frame = b"APIC\x0f\x7f\x7f\x7f\0\1" + struct.pack(">I", 2**27)
    yield "mp3 with a picture of 128 MB", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + frame + whole["mp3"]
    yield "wav with a list of 2 GB", _wav(extra=b"LIST" + struct.pack("<I", 2**31 - 1) + b"INFO")
    yield "wav with a tag of 1 GB", _wav(extra=b"id3 " + struct.pack("<I", 2**30) + b"ID3\4\0\0")
    yield "flac with a picture of 16 MB", b"fLaC\x06\xff\xff\xff" + whole["flac"][4:]
    pakt = b"pakt" + struct.pack(">Qqqii", 2**40, 2**30, 2**40, 0, 0)
    yield "caf with a table of 2**30 packets", whole["caf"][:8] + whole["caf"][8:52] + pakt
    for size in (2**31 - 1, 2**32 - 1):
        yield (
            f"m4a with a box of {size} bytes",
            _patched(whole["m4a"], b"esds", -4, struct.pack(">I", size)),
        )
    yield "webm with an element of 2**40 bytes", whole["webm"][:300] + b"\xa3\x02\xff" + bytes(200)
    page = b"OggS\0\0" + bytes(20) + b"\xff" + b"\xff" * 255 + bytes(255 * 255)
    yield "ogg of a packet without an end", whole["opus"][:200] + page * 100
    header = b"\xff\xf1"
    frames = (header + bytes([n % 13 << 2 | 0x40, 0x40, 1, 0x1F, 0xFC, 0]) for n in range(20_000))
    yield "aac that changes its rate", b"".join(frames)


def _mutant(data: bytes, number: int) -> bytes:
    chance = random.Random(number)
    mutant = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(min(len(mutant), 600 if chance.random() < 0.8 else len(mutant)))
        mutant[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(mutant)


def _wav(
    rate: int = 24_000,
    channels: int = 1,
    tag: int = 1,
    extra: bytes = b"",
    samples: bytes = bytes(range(256)) * 8,
) -> bytes:
    shape = struct.pack(
        "<HHIIHH", tag, channels, rate, rate * 2 % 2**32, max(1, 2 * channels % 2**16), 16
    )
    body = b"fmt " + struct.pack("<I", 16) + shape + extra
    body += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def _flac(rates: list[int | None], declared: int = 24_000) -> bytes:
    """Frames of silence of 65 535 samples; a rate in kHz, or None for the one of the header."""
    info = struct.pack(">HH", 16, 65_535) + bytes(6)
    info += struct.pack(">Q", declared << 44 | 15 << 36 | 0) + bytes(16)
    data = b"fLaC\x80" + len(info).to_bytes(3, "big") + info
    for number, rate in enumerate(rates):
        head = b"\xff\xf8" + bytes([0x70 | (0 if rate is None else 12), 0x08])
        head += chr(number).encode("utf-8", "surrogatepass") + struct.pack(">H", 65_534)
        head += b"" if rate is None else bytes([rate])
        head += bytes([_crc(head, 8, 0x07)])
        frame = head + b"\0\0\0"  # one subframe of the constant 0
        data += frame + struct.pack(">H", _crc(frame, 16, 0x8005))
    return data


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    value = 0
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> bits - 1 else 0)
            value &= (1 << bits) - 1
    return value


def _alac(whole: bytes, rate: int, frame: int = 4_096) -> bytes:
    cookie = whole.rindex(b"alac") + 8  # ALACSpecificConfig begins with the length of a frame
    changed = bytearray(whole)
    changed[cookie : cookie + 4] = struct.pack(">I", frame)
    changed[cookie + 20 : cookie + 24] = struct.pack(">I", rate)
    return _patched(bytes(changed), b"mdhd", 16, struct.pack(">I", rate))


def _fragmented(m4a: bytes) -> bytes:
    """An M4A whose samples come in fragments, up to where the first begins."""
    mvex = _box(b"mvex", _box(b"trex", struct.pack(">IIIIII", 0, 1, 1, 1024, 0, 0)))
    start = m4a.index(b"moov") - 4
    size = struct.unpack_from(">I", m4a, start)[0]
    return m4a[:start] + _box(b"moov", m4a[start + 8 : start + size], mvex)


def _box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + name + body


def _extended(rate: int) -> bytes:
    """`rate` as the 80-bit floating point number of AIFF."""
    if not rate:
        return bytes(10)
    exponent = rate.bit_length() - 1
    return struct.pack(">HQ", 16_383 + exponent, rate << 63 - exponent)


def _patched(data: bytes, name: bytes, offset: int, value: bytes) -> bytes:
    """`data` with `value` at `offset` behind the start of `name`."""
    at = data.index(name) + offset
    return data[:at] + value + data[at + len(value) :]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for number, (name, data) in enumerate(corpus()):
        print(f"{number:04} {len(data):8} {name}")
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:04}.bin").write_bytes(data)


if __name__ == "__main__":
    main()
