"""A router as hosts have it: one address in front of several web processes, some of them down."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Balancer:
    """Passes every connection on to the first of `ports()` that takes it; `with Balancer(...)`."""

    def __init__(self, ports: Callable[[], list[int]], tls: ssl.SSLContext | None = None) -> None:
        """tls: what it encrypts with towards its clients; the processes get plain HTTP."""
        self._ports = ports
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _close(self) -> None:
        for listener in self._server.sockets:
            self._loop.remove_reader(listener.fileno())
        # What was accepted has to reach the server before it closes, and its task to begin before
        # it is cancelled: else asyncio leaves the connection open.
        await _some_rounds()
        self._server.close()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
        await _some_rounds()  # in which the loop lets go what was closed

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._tls:
                # Here and not by the server, so that a handshake that never ends is ours to close.
                await writer.start_tls(self._tls)
            await self._pass_on(reader, writer)
        except (asyncio.CancelledError, OSError):
            pass  # the test is over, or the client gone
        finally:
            with contextlib.suppress(asyncio.CancelledError):
                await _close(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in self._ports():
            try:
                there, back = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            copies = {
                asyncio.ensure_future(_copy(reader, back)),
                asyncio.ensure_future(_copy(there, writer)),
            }
            try:
                await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for copy in copies:
                    copy.cancel()
                await asyncio.gather(*copies, return_exceptions=True)
                await _close(back)
            return


async def _some_rounds() -> None:
    """More than the loop takes to let a connection in, or to let it go."""
    for _ in range(10):
        await asyncio.sleep(0)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        async with asyncio.timeout(1):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        pass
    finally:
        writer.transport.abort()  # whoever is on the other side may stand still


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
