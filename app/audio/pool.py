"""The pool of audio workers: small processes that work on samples beside the event loop.

Beside a busy Python thread PyAV gets the interpreter lock back only every 5 ms, hundreds of times
a memo; and foreign audio may take a process down. Workers run at nice 5 and end with the process
that started them.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ParamSpec, TypeVar

import structlog

from app.audio.pcm import AudioTooCostly, WorkerFailed
from app.audio.worker_process import (
    Spawn,
    WorkerLost,
    WorkerProcess,
    spawn_worker,
    worker_count,
)
from app.audio.worker_protocol import OUT_OF_MEMORY, JobLimits, Request, packed, unpacked_reply

log = structlog.get_logger()
P = ParamSpec("P")
T = TypeVar("T")

_ATTEMPTS = 2
_PRELOAD = ("app.audio.encoding", "app.audio.tidying")
_LIMITS_REACHED: dict[int | None, str] = {
    -signal.SIGPROF: "takes too much processor time",
    OUT_OF_MEMORY: "takes too much memory",
}


class WorkerPool:
    """Runs jobs in up to `size` processes; used from one event loop.

    Nothing is started before `start` or the first job, and neither waits for a process to be
    ready: a job waits for the first one that is. Further ones are started when more jobs wait than
    processes are starting; they stay.
    """

    def __init__(
        self,
        size: int | None = None,
        *,
        preload: Sequence[str] = (),
        spawn: Spawn = spawn_worker,
    ) -> None:
        """size: as many as cores where None, and no more than the memory is enough for.

        preload: modules that workers import before their first job. spawn: starts a worker.
        """
        self._spawn = spawn
        self.size = size or worker_count()
        self._preload = (*_PRELOAD, *preload)
        self._workers: set[WorkerProcess] = set()
        # The last used first: while there is little to do, the others stay small.
        self._idle: asyncio.LifoQueue[WorkerProcess] = asyncio.LifoQueue()
        self._starting = self._waiting = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def start(self) -> None:
        """Start the first process, without waiting for it."""
        if not self._workers:
            self._start_one()

    async def run(
        self, limits: JobLimits, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What `job`, a function of a module, returns for `args` in a worker.

        A job whose worker is killed or hangs is run once more, in another. When the caller is
        cancelled, the worker finishes the job all the same.

        Raises: AudioTooCostly past the limits, WorkerFailed, and what the job raises.
        """
        assert not kwargs, "arguments of jobs are positional"
        request = packed(Request(job, args, limits))
        for _ in range(_ATTEMPTS):
            answer = await self._asked(request, limits.seconds)
            try:
                if isinstance(answer, WorkerLost):
                    raise answer
                reply = unpacked_reply(answer)
            except (WorkerLost, pickle.UnpicklingError) as error:
                lost = error
                if (reached := _LIMITS_REACHED.get(getattr(error, "status", None))) is not None:
                    raise AudioTooCostly(f"the audio {reached}") from error
                if not self._is_closed:
                    log.warning("audio worker lost", job=job.__name__, cause=str(error))
                continue
            if reply.error is not None:
                raise reply.error
            if reply.crashed:
                raise WorkerFailed(f"{job.__name__} failed: {reply.crashed}")
            value: T = reply.value
            return value
        raise WorkerFailed(f"audio workers failed: {lost}") from lost

    async def aclose(self) -> None:
        """End the processes, also in the middle of a job."""
        self._is_closed = True
        await asyncio.gather(*(worker.aclose() for worker in self._workers))
        await asyncio.gather(*self._tasks)
        self._workers.clear()
        self._idle.put_nowait(WorkerProcess(()))  # for those that wait, one after the other

    async def _asked(self, request: bytes, seconds: float) -> bytes | WorkerLost:
        worker = await self._next_idle()
        while worker.has_ended and not self._is_closed:  # killed while it was idle
            self._replace(worker)
            self._keep(worker.aclose())
            worker = await self._next_idle()
        if self._is_closed:
            self._idle.put_nowait(worker)
            raise WorkerFailed("the audio workers are stopped")
        answer: asyncio.Future[bytes | WorkerLost] = asyncio.get_running_loop().create_future()
        self._keep(self._ask(worker, request, seconds, answer))
        return await asyncio.shield(answer)

    async def _next_idle(self) -> WorkerProcess:
        self._waiting += 1
        try:
            if self._waiting > self._idle.qsize() + self._starting:
                self._start_another()
            return await self._idle.get()
        finally:
            self._waiting -= 1

    async def _ask(
        self,
        worker: WorkerProcess,
        request: bytes,
        seconds: float,
        answer: asyncio.Future[bytes | WorkerLost],
    ) -> None:
        """Let `worker` answer, then have it, or another one in its place, idle again."""
        try:
            answer.set_result(await worker.ask(request, seconds))
            self._idle.put_nowait(worker)
        except WorkerLost as error:
            answer.set_result(error)
            self._replace(worker)

    def _replace(self, worker: WorkerProcess) -> None:
        if not self._is_closed:
            self._workers.discard(worker)
            self._start_one()

    def _start_another(self) -> None:
        if len(self._workers) < self.size and not self._is_closed:
            self._start_one()

    def _start_one(self) -> None:
        worker = WorkerProcess(self._preload, self._spawn)
        self._workers.add(worker)
        self._starting += 1
        self._keep(self._started(worker))

    async def _started(self, worker: WorkerProcess) -> None:
        try:
            if not self._is_closed:
                await worker.start()
        except WorkerLost as error:
            if not self._is_closed:
                log.error("audio worker does not start", cause=str(error))
        finally:
            self._starting -= 1
        # One that did not start fails the next job, whereupon another is started.
        self._idle.put_nowait(worker)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
