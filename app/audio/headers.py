"""What a file's header promises, judged before FFmpeg believes it.

FFmpeg plays a WAV or CAF file that is cut off without an error, and makes room for every sample
that an MP4 promises: 12 kB of them can ask for 600 MB.
"""

from __future__ import annotations

import struct

from app.audio.pcm import AudioDamaged, NotAudio

_LEAVES = frozenset((b"mdat", b"free", b"skip", b"wide"))  # boxes with no boxes inside
# Where the count of samples stands behind a box's name: ISO/IEC 14496-12, 8.7.3 and 8.8.8.
_COUNTS = {b"trun": 8, b"stsz": 12, b"stz2": 12}
_RATES = range(4_000, 192_001)  # Hz; telephones use 8 000, studios up to 192 000
_MAX_CHANNELS = 8


def check_sizes(data: bytes) -> None:
    """Raises: AudioDamaged when `data` is shorter than its header says."""
    if _declared_bytes(data) > len(data):
        raise AudioDamaged("the file ends before its header says")
    # A coded sample takes a byte at least.
    if (b"moov" in data or b"moof" in data) and _declared_samples(data) > len(data):
        raise AudioDamaged("an index of more samples than the file has bytes")


def check_shape(sample_rate: int, channels: int) -> None:
    """Raises: NotAudio for a rate in Hz or a number of channels that nobody records with."""
    if sample_rate not in _RATES or not 1 <= channels <= _MAX_CHANNELS:
        raise NotAudio(f"{channels} channels at {sample_rate} Hz are no recording")


def _declared_bytes(data: bytes) -> int:
    """The size in bytes of the whole file by a WAV or CAF header; 0 where it has none.

    Streams are written with 0 or the largest size.
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


def _declared_samples(data: bytes) -> int:
    """The samples that the indexes of an MP4 promise, wherever in its boxes they stand."""
    total = at = 0
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if length == 1 and at + 16 <= len(data):
            length = struct.unpack_from(">Q", data, at + 8)[0]
        end = at + length if length >= 8 else len(data)  # 0: to the end of the file
        if name not in _LEAVES:
            total += _counted(data, at, min(end, len(data)))
        at = end
    return total


def _counted(data: bytes, start: int, end: int) -> int:
    total = 0
    for name, offset in _COUNTS.items():
        at = data.find(name, start, end)
        while at >= 0 and at + offset + 4 <= len(data):
            total += int(struct.unpack_from(">I", data, at + offset)[0])
            at = data.find(name, at + 4, end)
    return total
