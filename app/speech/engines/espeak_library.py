"""The espeak-ng library from the `espeakng-loader` wheel, through ctypes.

Its C interface is `speak_lib.h` of espeak-ng 1.52. It has one state for the whole process and is
not thread-safe, so all calls go through one lock.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import itertools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import espeakng_loader

from app.audio import Pcm
from app.speech.errors import EngineError

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000  # report a missing data folder instead of ending the process
_UTF8 = 1
_RATE = 1
_INCOMPLETE = frozenset({"fo", "kaa", "xex"})  # voices whose dictionary is not in the wheel
_MAX_PATH_BYTES = 120  # espeak-ng keeps 160 for the path of its data and adds file names

_loading = threading.Lock()


def library() -> Library:
    """The one library of the process. Raises: OSError when it or its data cannot be loaded."""
    with _loading:
        return _loaded()


@functools.cache
def _loaded() -> Library:
    return Library()


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Library:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: list[bytes] = []
        self._until = 0.0
        self._c: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._c.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._c.espeak_ListVoices.argtypes = (ctypes.c_void_p,)
        data = os.fsencode(short_path(Path(espeakng_loader.get_data_path())))
        self._sample_rate = self._c.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
        if self._sample_rate <= 0:
            raise OSError(f"espeak-ng does not find its data in {os.fsdecode(data)}")
        self._callback = _Callback(self._receive)  # kept: the library holds only its address
        self._c.espeak_SetSynthCallback(self._callback)
        self.voices = self._voices()
        folder = Path(espeakng_loader.get_data_path(), "voices", "!v")
        self.variants = frozenset(file.name for file in folder.glob("*"))

    def speak(self, text: str, voice: str, words_per_minute: int, until: float) -> Pcm:
        written = text.replace("\0", " ").encode("utf-8", "replace") + b"\0"
        with self._lock:
            if self._c.espeak_SetVoiceByName(voice.encode()) != 0:
                raise EngineError("configuration", f"espeak-ng cannot load its voice {voice!r}")
            self._c.espeak_SetParameter(_RATE, words_per_minute, 0)
            self._samples, self._until = [], until
            failed = self._c.espeak_Synth(
                written, ctypes.c_size_t(len(written)), 0, 0, 0, _UTF8, None, None
            )
            samples = b"".join(self._samples)
            self._samples = []
        if failed:
            raise EngineError("bad_response", f"espeak-ng gave up (error {failed})")
        if time.monotonic() > until:
            raise EngineError("timeout", "espeak-ng took too long")
        return Pcm(samples, self._sample_rate)

    def _receive(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._samples.append(ctypes.string_at(samples, count * 2))
        return int(time.monotonic() > self._until)  # 1 stops the library

    def _voices(self) -> dict[str, str]:
        """The best voice file for each language tag, as the library rates them."""
        listed = self._c.espeak_ListVoices(None)
        rated: dict[str, tuple[int, str]] = {}
        for index in itertools.count():
            if not listed[index]:
                break
            voice = listed[index].contents
            for rating, tag in _tags(voice.languages):
                if tag not in _INCOMPLETE and (tag not in rated or rating < rated[tag][0]):
                    rated[tag] = rating, voice.identifier.decode()
        return {tag: file for tag, (_, file) in rated.items()}


def _tags(at: int) -> Iterator[tuple[int, str]]:
    """A list in C: a byte of rating (1 is best) and a name, for each language; then a 0 byte."""
    while rating := ctypes.string_at(at, 1)[0]:
        name = ctypes.string_at(at + 1)
        yield rating, name.decode().lower()
        at += len(name) + 2


def short_path(folder: Path) -> Path:
    """`folder`, or a link to it where its path is too long for espeak-ng."""
    if len(os.fsencode(folder)) <= _MAX_PATH_BYTES:
        return folder
    base = Path(tempfile.gettempdir())
    if len(os.fsencode(base)) > _MAX_PATH_BYTES // 2:
        base = Path("/tmp")  # noqa: S108  (mkdtemp makes a private folder in it)
    private = Path(tempfile.mkdtemp(prefix="espeak-", dir=base))
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    link = private / "data"
    link.symlink_to(folder, target_is_directory=True)
    return link
