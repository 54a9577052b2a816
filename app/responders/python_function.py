"""The deployer's own Python function as a responder: `python:module:function`."""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import inspect
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from app.responders.guard import where_raised
from app.responders.protocol import Answer, Question, ResponderError
from app.settings import ConfigurationError

MAX_RUNNING = 32
"""Calls at the same time. A call that hangs is left behind; such calls must not pile up."""


class FunctionResponder:
    """Calls `function(question)`, which returns an Answer, a text, or None to stay silent.

    It runs away from the service's event loop, so that a function that blocks delays nothing but
    its own answers: a sync one in a thread of its own, an async one on a loop that all its calls
    share, so that it may keep sessions open between them.
    """

    def __init__(self, function: Callable[[Question], Any]) -> None:
        self._function = function
        self._is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            type(function).__call__
        )
        self._free = threading.BoundedSemaphore(MAX_RUNNING)
        self._loop: _LoopThread | None = None

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError when the function raises or returns something else."""
        if not self._free.acquire(blocking=False):
            raise ResponderError(f"{MAX_RUNNING} earlier calls have not come back")
        if self._is_async:
            self._loop = self._loop or _LoopThread()
            future = self._loop.submit(self._call_async(question))
            # Not in the coroutine: one that is cancelled before its first step never gets there.
            future.add_done_callback(lambda _: self._free.release())
        else:
            future = Future()
            # A thread of its own and a daemon: one that hangs must not hold up the end of the
            # process, as those of a ThreadPoolExecutor do.
            threading.Thread(
                target=contextvars.copy_context().run,
                args=(self._call, question, future),
                name="memo-function",
                daemon=True,
            ).start()
        return _answer(await asyncio.wrap_future(future))

    async def aclose(self) -> None:
        if self._loop is not None:
            await asyncio.to_thread(self._loop.close)
            self._loop = None

    def _call(self, question: Question, future: Future[Any]) -> None:
        future.set_running_or_notify_cancel()
        try:
            future.set_result(self._function(question))
        except BaseException as error:
            future.set_exception(_as_responder_error(error))
        finally:
            self._free.release()

    async def _call_async(self, question: Question) -> Any:
        try:
            return await self._function(question)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            raise _as_responder_error(error) from error


def load_function(target: str) -> Callable[[Question], Any]:
    """The function that `module:function` names; modules of the current directory are found too.

    Raises: ConfigurationError naming what is missing.
    """
    module_name, _, name = target.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"MEMO_RESPONDER=python:{target}: there is no module {error.name}. Start the service "
            f"in the directory that holds it ({os.getcwd()} was looked in), or install it."
        ) from error
    except Exception as error:
        raise ConfigurationError(
            f"MEMO_RESPONDER=python:{target}: importing {module_name} failed with "
            f"{where_raised(error)}: {error}"
        ) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise ConfigurationError(
            f"MEMO_RESPONDER=python:{target}: {module_name} has no function {name}. Define "
            f"`def {name}(question)` there, sync or async."
        )
    found: Callable[[Question], Any] = function
    return found


def _answer(value: object) -> Answer:
    if isinstance(value, Answer):
        return value
    if isinstance(value, str):
        return Answer(text=value, reason="python")
    if value is None:
        return Answer(silent=True, reason="python")
    if inspect.iscoroutine(value):
        value.close()
        raise ResponderError("the function gave a coroutine; declare it with `async def`")
    raise ResponderError(
        f"the function gave a {type(value).__name__}; expected an Answer, a str or None",
        reason="bad-answer",
    )


def _as_responder_error(error: BaseException) -> ResponderError:
    return error if isinstance(error, ResponderError) else ResponderError(where_raised(error))


class _LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="memo-function-loop", daemon=True
        )
        self._thread.start()

    def submit(self, coroutine: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._cancel_all)
        self._thread.join(timeout=2.0)
        if not self._thread.is_alive():  # else a call blocks it, and it ends with the process
            self._loop.close()

    def _cancel_all(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_soon(self._loop.stop)
