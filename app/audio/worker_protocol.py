"""What passes between the service and an audio worker: pickles, each behind its length.

The service trusts nothing that comes back, for a worker reads foreign audio: only plain values
and the data classes and exceptions of this program are made of an answer.
"""

from __future__ import annotations

import io
import pickle
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any

LENGTH = struct.Struct(">Q")
MAX_REPLY_BYTES = 64 * 2**20
OUT_OF_MEMORY = 77
"""The status that a worker ends with when a job wants more memory than it has."""


@dataclass(frozen=True)
class JobLimits:
    """What a job may take: processor time, time by the clock, and bytes of memory in the worker."""

    cpu_seconds: float
    seconds: float
    memory_bytes: int


FOREIGN_AUDIO = JobLimits(cpu_seconds=2.0, seconds=20.0, memory_bytes=192 * 2**20)
"""For audio of anybody's making; ten minutes from a phone take a fifth of the time."""


@dataclass(frozen=True)
class Request:
    job: Callable[..., Any]
    arguments: tuple[Any, ...]
    limits: JobLimits


@dataclass(frozen=True)
class Reply:
    """`value`, or the `error` that the job raised, or the place of an error nobody expected."""

    value: Any = None
    error: Exception | None = None
    crashed: str = ""


def packed(message: Request | Reply) -> bytes:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


def unpacked_reply(data: bytes) -> Reply:
    """Raises: pickle.UnpicklingError for what no worker sends."""
    try:
        reply = _Values(io.BytesIO(data)).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # what a broken pickle raises depends on where it breaks
        raise pickle.UnpicklingError(f"broken: {type(error).__name__}") from error
    if not isinstance(reply, Reply):
        raise pickle.UnpicklingError("not a reply")
    return reply


class _Values(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = getattr(sys.modules.get(module), name, None)
        if (
            module.partition(".")[0] == "app"
            and isinstance(found, type)
            and (is_dataclass(found) or issubclass(found, Exception))
        ):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is not what a worker sends")
