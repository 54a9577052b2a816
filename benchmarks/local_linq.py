"""A local Linq that costs little: `python -m benchmarks.local_linq PORT WEBHOOK_URL`.

It takes memos as Linq does, keeps when each was accepted, and sends the three receipts that follow
a memo. It checks less than the sandbox, which decodes every memo and would be half of the load.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from contextlib import suppress

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks.local_events import LINE, headers, receipt

RECEIPTS = ("sent", "delivered", "read")


class LocalLinq:
    """The calls that a bot makes to answer, and `/memos`, which tells what came of them."""

    def __init__(self, address: str, webhook_url: str) -> None:
        self._address = address
        self._webhook_url = webhook_url
        self._memos: list[tuple[str, float]] = []
        self._last = b""
        self._client = httpx.AsyncClient(timeout=30, trust_env=False)
        self._receipts: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        api = "/api/partner/v3"
        return Starlette(
            routes=[
                Route(f"{api}/phone_numbers", self.lines),
                Route(f"{api}/attachments", self.declare, methods=["POST"]),
                Route("/uploads/{attachment_id}", self.upload, methods=["PUT"]),
                Route(f"{api}/chats/{{chat_id}}/typing", self.nothing, methods=["POST", "DELETE"]),
                Route(f"{api}/chats/{{chat_id}}/voicememo", self.post_memo, methods=["POST"]),
                Route("/memos", self.memos),
                Route("/count", self.count),
                Route("/last", self.last),
            ]
        )

    async def lines(self, _request: Request) -> Response:
        return JSONResponse({"phone_numbers": [{"phone_number": LINE}]})

    async def nothing(self, _request: Request) -> Response:
        return Response(status_code=204)

    async def declare(self, request: Request) -> Response:
        declared = await request.json()
        attachment_id = str(uuid.uuid4())
        return JSONResponse(
            {
                "attachment_id": attachment_id,
                "upload_url": f"{self._address}/uploads/{attachment_id}",
                "http_method": "PUT",
                "required_headers": {"Content-Type": declared["content_type"]},
            }
        )

    async def upload(self, request: Request) -> Response:
        self._last = await request.body()
        return Response()

    async def post_memo(self, request: Request) -> Response:
        posted = await request.json()
        chat_id, message_id = request.path_params["chat_id"], str(uuid.uuid4())
        self._memos.append((chat_id, time.monotonic()))
        task = asyncio.create_task(self._confirm(chat_id, message_id, posted["attachment_id"]))
        self._receipts.add(task)
        task.add_done_callback(self._receipts.discard)
        memo = {"id": message_id, "status": "queued", "service": "iMessage"}
        return JSONResponse({"voice_memo": memo}, status_code=202)

    async def _confirm(self, chat_id: str, message_id: str, attachment_id: str) -> None:
        for kind in RECEIPTS:
            body = receipt(kind, chat_id, message_id, attachment_id)
            with suppress(httpx.TransportError):  # who is measured may have ended
                await self._client.post(self._webhook_url, content=body, headers=headers(body))

    async def memos(self, _request: Request) -> Response:
        """Chat and moment (`time.monotonic`, the same in all processes) of each memo."""
        return JSONResponse(self._memos)

    async def count(self, _request: Request) -> Response:
        return JSONResponse(len(self._memos))

    async def last(self, _request: Request) -> Response:
        """The file that was uploaded last."""
        return Response(self._last)


def main() -> None:
    port, webhook_url = int(sys.argv[1]), sys.argv[2]
    app = LocalLinq(f"http://127.0.0.1:{port}", webhook_url).app()
    uvicorn.run(app, port=port, log_level="error")


if __name__ == "__main__":
    main()
