"""An audio worker: a process that takes jobs from a socket until the service hangs up.

`python -m app.audio.worker FD MODULE…` imports the modules before the first job. It ends with the
service, however that ends: then the other end of the socket closes.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from importlib import import_module

from app.audio.worker_protocol import LENGTH, OUT_OF_MEMORY, JobLimits, Reply, Request, packed

_NICE = 5  # webhooks are answered first


def main() -> None:
    # Hosts send these to every process; the service decides when its workers end.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=int(sys.argv[1]))
    threading.Thread(target=_end_with_service, args=(connection,), daemon=True).start()
    os.nice(_NICE)
    for module in sys.argv[2:]:
        import_module(module)
    connection.sendall(packed(Reply()))
    while True:
        connection.sendall(packed(_reply(_received(connection))))


def _end_with_service(connection: socket.socket) -> None:
    poll = select.poll()
    poll.register(connection, 0)  # wakes for a hang-up only, so it never contends with a job
    poll.poll()
    os._exit(0)


def _received(connection: socket.socket) -> Request:
    (length,) = LENGTH.unpack(_exactly(connection, LENGTH.size))
    request = pickle.loads(_exactly(connection, length))  # noqa: S301  (from the service alone)
    assert isinstance(request, Request)
    return request


def _exactly(connection: socket.socket, count: int) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    while view:
        read = connection.recv_into(view)
        if not read:
            os._exit(0)
        view = view[read:]
    return data


def _reply(request: Request) -> Reply:
    _limit(request.limits)
    try:
        return Reply(request.job(*request.arguments))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # what else failed for want of memory is not known
    except Exception as error:
        if type(error).__module__.partition(".")[0] == "app":
            return Reply(error=error)
        place = traceback.extract_tb(error.__traceback__)[-1]
        name = os.path.basename(place.filename)
        return Reply(crashed=f"{type(error).__name__} in {name}:{place.lineno}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit(limits: JobLimits) -> None:
    """Past its processor time the process ends by SIGPROF; past its memory the job fails."""
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with suppress(OSError, ValueError):  # where the system has a lower one
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, hard))


if __name__ == "__main__":
    main()
