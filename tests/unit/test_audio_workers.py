"""Audio workers: what becomes of a job whose process is killed, hangs, or wants too much."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from app.audio import (
    AudioTooCostly,
    JobLimits,
    NotAudio,
    Pcm,
    WorkerFailed,
    WorkerPool,
    decode_audible,
    encode,
)
from tests import worker_jobs
from tests.integration.speech_server import speech
from tests.processes import is_running

T = TypeVar("T")

AMPLE = JobLimits(cpu_seconds=20.0, seconds=60.0, memory_bytes=192 * 2**20)


def with_pool(work: Callable[[WorkerPool], Awaitable[T]], size: int = 1) -> T:
    async def main() -> T:
        pool = WorkerPool(size)
        try:
            return await work(pool)
        finally:
            await pool.aclose()

    return asyncio.run(main())


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def test_audio_and_errors_come_back_as_they_are() -> None:
    sound = speech("Good morning.")
    memo = encode(sound).data

    async def work(pool: WorkerPool) -> Pcm:
        with pytest.raises(NotAudio, match="no audio file"):
            await pool.run(AMPLE, decode_audible, b"nothing" * 100, 24_000, 60.0)
        return await pool.run(AMPLE, decode_audible, memo, 16_000, 60.0)

    decoded = with_pool(work)
    assert decoded.sample_rate == 16_000
    assert decoded.seconds == pytest.approx(sound.seconds, abs=0.1)


@pytest.mark.parametrize("job", [worker_jobs.killed_at_first, worker_jobs.stopped_at_first])
def test_a_job_whose_worker_is_killed_or_hangs_is_done_by_another(
    job: Callable[[str], int], tmp_path: Path
) -> None:
    limits = JobLimits(cpu_seconds=20.0, seconds=3.0, memory_bytes=AMPLE.memory_bytes)

    async def work(pool: WorkerPool) -> tuple[int, int, int]:
        first = await pool.run(AMPLE, worker_jobs.worker_pid)
        second = await pool.run(limits, job, str(tmp_path / "marker"))
        return first, second, await pool.run(AMPLE, worker_jobs.worker_pid)

    lost, other, following = with_pool(work)
    assert lost != other == following
    assert not is_running(lost)


def test_a_job_that_kills_every_worker_fails_and_the_next_job_does_not() -> None:
    async def work(pool: WorkerPool) -> int:
        with pytest.raises(WorkerFailed):
            await pool.run(AMPLE, worker_jobs.always_killed)
        return await pool.run(AMPLE, worker_jobs.allocates, 1)

    assert with_pool(work) == 1


def test_workers_killed_while_they_are_idle_cost_no_job() -> None:
    async def work(pool: WorkerPool) -> set[int]:
        jobs = (pool.run(AMPLE, worker_jobs.worker_pid) for _ in range(20))
        before = set(await asyncio.gather(*jobs))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_until, lambda: not any(map(is_running, before)))
        return before & {await pool.run(AMPLE, worker_jobs.worker_pid)}

    assert with_pool(work, size=2) == set()


def test_a_job_that_wants_too_much_memory_is_refused() -> None:
    limits = JobLimits(cpu_seconds=20.0, seconds=60.0, memory_bytes=128 * 2**20)

    async def work(pool: WorkerPool) -> int:
        with pytest.raises(AudioTooCostly, match="memory"):
            await pool.run(limits, worker_jobs.allocates, 256 * 2**20)
        return await pool.run(limits, worker_jobs.allocates, 32 * 2**20)

    assert with_pool(work) == 32 * 2**20


def test_a_job_that_computes_for_too_long_is_ended_and_not_tried_again(tmp_path: Path) -> None:
    limits = JobLimits(cpu_seconds=0.3, seconds=60.0, memory_bytes=AMPLE.memory_bytes)

    async def work(pool: WorkerPool) -> None:
        with pytest.raises(AudioTooCostly, match="time"):
            await pool.run(limits, worker_jobs.computes, str(tmp_path / "marker"))

    with_pool(work)
    assert (tmp_path / "marker").read_text() == "begun\n"


def test_an_unexpected_error_is_told_without_its_words() -> None:
    async def work(pool: WorkerPool) -> None:
        await pool.run(AMPLE, worker_jobs.fails_unexpectedly)

    with pytest.raises(WorkerFailed, match=r"LookupError in worker_jobs.py:\d+$"):
        with_pool(work)


def test_a_caller_that_gives_up_costs_no_worker(tmp_path: Path) -> None:
    async def work(pool: WorkerPool) -> tuple[int, int]:
        first = await pool.run(AMPLE, worker_jobs.worker_pid)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await pool.run(AMPLE, worker_jobs.waits_for, str(tmp_path / "marker"))
        (tmp_path / "marker").touch()
        return first, await pool.run(AMPLE, worker_jobs.worker_pid)

    first, second = with_pool(work)
    assert first == second


def test_closing_ends_workers_in_the_middle_of_a_job_and_fails_what_waits(tmp_path: Path) -> None:
    async def main() -> tuple[int, list[int | BaseException]]:
        pool = WorkerPool(1)
        pid = await pool.run(AMPLE, worker_jobs.worker_pid)
        jobs = [
            asyncio.create_task(pool.run(AMPLE, worker_jobs.waits_for, str(tmp_path / "never")))
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        await pool.aclose()
        return pid, await asyncio.gather(*jobs, return_exceptions=True)

    pid, results = asyncio.run(main())
    assert not is_running(pid)
    assert [type(result) for result in results] == [WorkerFailed] * 3


def test_workers_that_cannot_start_fail_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkerFailed):
        with_pool(lambda pool: pool.run(AMPLE, worker_jobs.worker_pid))


SERVICE = """
    import asyncio
    from app.audio import JobLimits, WorkerPool
    from tests import worker_jobs

    async def main():
        pool = WorkerPool(2)
        limits = JobLimits(60.0, 60.0, 192 * 2**20)
        busy = asyncio.create_task(pool.run(limits, worker_jobs.computes, {marker!r}))
        print(await pool.run(limits, worker_jobs.worker_pid), flush=True)
        print(*(worker._process.pid for worker in pool._workers), flush=True)
        await busy

    asyncio.run(main())
"""


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_process_that_started_them(tmp_path: Path, by: int) -> None:
    """One is in the middle of a job that never ends, one is idle."""
    marker = tmp_path / "marker"
    code = textwrap.dedent(SERVICE).format(marker=str(marker))
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout
        service.stdout.readline()
        workers = [int(pid) for pid in service.stdout.readline().split()]
        wait_until(marker.exists)
        assert len(workers) == 2
        assert all(map(is_running, workers))
        service.send_signal(by)
        wait_until(lambda: not any(map(is_running, workers)), seconds=2.0)


def test_workers_do_not_end_by_the_signals_that_hosts_send_to_every_process() -> None:
    async def work(pool: WorkerPool) -> tuple[int, int]:
        pid = await pool.run(AMPLE, worker_jobs.worker_pid)
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
        return pid, await pool.run(AMPLE, worker_jobs.worker_pid)

    first, second = with_pool(work)
    assert first == second


def test_a_worker_is_small_and_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINQ_API_V3_API_KEY", "secret")

    async def work(pool: WorkerPool) -> tuple[str, str]:
        pid = await pool.run(AMPLE, worker_jobs.worker_pid)
        return _read(f"/proc/{pid}/environ"), _read(f"/proc/{pid}/maps")

    environment, mapped = with_pool(work)
    assert "secret" not in environment
    for large in ("pydantic", "sqlalchemy", "psycopg", "_ssl."):
        assert large not in mapped


def _read(file: str) -> str:
    return Path(file).read_text()
