"""Fuzzing guided by coverage: `python -m tests.fuzz TARGET [SECONDS]`, which needs atheris.

It begins with the seeds and ends at the first finding, which is written to `crash-…` in the
folder that it names. `make fuzz` runs all targets.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["app"]):
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS

_MAX_BYTES = 8_192
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**64, 1e308, "", "\0", "\ud800", "a" * 300, [], {}, [[]], [None],
    "9999-12-31T23:59:59+23:59", "0001-01-01T00:00:00Z", "+1", "..", "audio/x-m4a", "voice_memo",
)  # fmt: skip


def main() -> None:
    name = sys.argv[1]
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for seed in seeds(name):
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    print(f"fuzzing {name} for {seconds} s in {folder}", flush=True)
    options = [
        f"-max_total_time={seconds}", f"-max_len={_MAX_BYTES}", "-timeout=10", "-rss_limit_mb=1024",
        f"-artifact_prefix={folder}/", "-print_final_stats=1", str(folder),
    ]  # fmt: skip
    mutator: dict[str, Callable[[bytes, int, int], bytes]] = {}
    if name == "webhook":
        mutator["custom_mutator"] = _mutated
    atheris.Setup([sys.argv[0], *options], TARGETS[name], **mutator)
    atheris.Fuzz()


def _mutated(data: bytes, max_size: int, seed: int) -> bytes:
    """JSON with another value somewhere in it; now and then other bytes, as of any input."""
    chance = random.Random(seed)
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or chance.random() < 0.2:
        return bytes(atheris.Mutate(data, max_size))
    holder: Any = body
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            break
        key = chance.choice(keys)
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.8:
            holder = inner
            continue
        holder[key] = _other(inner, chance, max_size)
        break
    return json.dumps(body).encode()[:max_size]


def _other(value: Any, chance: random.Random, max_size: int) -> Any:
    if isinstance(value, str) and value and chance.random() < 0.5:
        changed: bytes = atheris.Mutate(value.encode(errors="replace"), max_size)
        return changed.decode(errors="replace")
    if isinstance(value, list) and value and chance.random() < 0.5:
        return value * chance.choice((2, 60))
    return chance.choice(_ODD)


main()
