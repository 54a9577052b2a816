"""A stream for logs that cannot fail whoever logs."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TextIO


class UnfailingStream(io.TextIOBase):
    """Loses lines where they cannot be written – the disk is full, the reader is gone – instead of
    raising in the middle of whatever is logged about."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()
