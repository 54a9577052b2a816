"""What every call has in common: the token, the counters, the faults, the trace, the envelope."""

from __future__ import annotations

import asyncio
import hmac
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.sandbox.api.errors import ApiError, error_response
from app.sandbox.connection import abort_connection, wait_for_disconnect
from app.sandbox.faults import Fault
from app.sandbox.sandbox import Sandbox
from app.sandbox.state import State

log = structlog.get_logger()

_MAX_HANG_SECONDS = 600.0
_USUAL_CODES = {
    400: 1005,
    401: 2004,
    403: 2027,
    404: 2001,
    409: 2009,
    413: 5001,
    422: 4005,
    429: 1007,
    503: 4004,
    504: 3005,
}
_AFTER_ACCEPTING = ("drop_after", "accept_then_500", "accept_then_hang", "accept_then_garbage")


@dataclass
class Call:
    """One call. Its trace id is also that of the webhooks it causes.

    `state` is the sandbox's memory when the call came: a reset does not mix old calls into it.
    """

    sandbox: Sandbox
    request: Request
    fault: Fault | None = None
    trace_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.state = self.sandbox.state

    def has_fault(self, kind: str) -> bool:
        """Whether a fault of this kind applies to the call."""
        return self.fault is not None and self.fault.kind == kind


Handler = Callable[[Call], Awaitable[Response]]


class Endpoint:
    """An ASGI application for the call `name`; `handler` raises ApiError to refuse."""

    def __init__(self, name: str, handler: Handler) -> None:
        self.name = name
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        sandbox: Sandbox = request.app.state.sandbox
        if not sandbox.base_url:
            sandbox.base_url = str(request.base_url).rstrip("/")
        sandbox.state.calls[self.name] += 1
        call = Call(sandbox, request, self.fault_for(request))
        if call.has_fault("drop_before"):
            return await abort_connection(request)
        if call.has_fault("hang"):
            return await self._hang(call)
        if call.fault is not None and call.fault.kind == "garbage":
            return await _garbage(call.fault)(scope, receive, send)
        response = await self._answer(call)
        if call.fault is not None and call.fault.kind in _AFTER_ACCEPTING:
            if response.status_code >= 400:
                call.fault.triggered -= 1  # Nothing was accepted: it waits for a call that is.
            elif call.fault.kind == "accept_then_500":
                response = error_response(ApiError(3006), call.trace_id)
            elif call.fault.kind == "drop_after":
                return await abort_connection(request)
            elif call.fault.kind == "accept_then_garbage":
                response = _garbage(call.fault)
            else:
                return await self._hang(call)
        response.headers["X-Trace-ID"] = call.trace_id
        await response(scope, receive, send)

    async def authorize(self, call: Call) -> None:
        """Raises ApiError without the right bearer token."""
        scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
        expected = call.sandbox.config.api_key.encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), expected):
            raise ApiError(2004)

    async def _answer(self, call: Call) -> Response:
        try:
            await self.authorize(call)
            await _apply_fault(call)
            return await self._handler(call)
        except ApiError as error:
            call.state.refusals[f"{self.name} {error.status}/{error.code}"] += 1
            return error_response(error, call.trace_id)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:
            log.exception("sandbox endpoint failed", endpoint=self.name)
            return error_response(ApiError(3006), call.trace_id)

    def fault_for(self, request: Request) -> Fault | None:
        """The fault that applies to this call, if any."""
        sandbox: Sandbox = request.app.state.sandbox
        return sandbox.faults.trigger(self.name, chat_id=request.path_params.get("chat_id"))

    async def _hang(self, call: Call) -> None:
        """Never answers; ends with the client, with the sandbox or after the fault's seconds."""
        seconds = call.fault.seconds if call.fault else None
        try:
            async with asyncio.timeout(_MAX_HANG_SECONDS if seconds is None else seconds):
                await wait_for_disconnect(call.request, call.sandbox.closing)
        except TimeoutError:
            pass
        await abort_connection(call.request)


def _garbage(fault: Fault) -> Response:
    return Response(fault.body, media_type="application/json")


def _fault_error(fault: Fault) -> ApiError:
    """The error that a status fault asks for; a 429 always says how long to wait."""
    code = fault.code or _USUAL_CODES.get(fault.status or 500, 3006)
    error = ApiError(code, fault.message, status=fault.status, retry_after=fault.retry_after)
    if error.status == 429 and error.retry_after is None:
        error.retry_after = 1
    return error


class OpenEndpoint(Endpoint):
    """A call that needs no token: its URL is signed, public, or the sandbox's own control."""

    async def authorize(self, call: Call) -> None:
        """Asks for no token."""


class ControlEndpoint(OpenEndpoint):
    """A control call: no token, and no fault ever applies to it."""

    def fault_for(self, _: Request) -> Fault | None:
        """None."""
        return None


async def _apply_fault(call: Call) -> None:
    """Delays or refuses the call when a fault wants it."""
    fault = call.fault
    if fault is None:
        return
    if fault.kind == "delay":
        await asyncio.sleep(1.0 if fault.seconds is None else fault.seconds)
    elif fault.kind == "status":
        raise _fault_error(fault)
    elif fault.kind == "not_ready" and fault.endpoint != "upload":
        raise ApiError(2007)
