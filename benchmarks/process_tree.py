"""What a process and all below it cost, read from /proc (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessTree:
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time, user and system, of all processes, and of those that have ended."""
        total = 0
        for pid in self._pids():
            total += sum(map(int, _stat(pid)[11:15]))
        return total / _TICKS

    def memory_mb(self) -> float:
        """Memory as PSS: what is shared counts once for all."""
        total = 0
        for pid in self._pids():
            for line in _read(pid, "smaps_rollup").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total / 1024

    def open_files(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self._pids())

    def _pids(self) -> Iterator[int]:
        parents = {
            int(path.name): int(fields[1])
            for path in Path("/proc").glob("[0-9]*")
            if (fields := _stat(int(path.name)))
        }
        found = [self.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        yield from found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on, which is the third; none if it has ended."""
    return _read(pid, "stat").rpartition(")")[2].split()


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
