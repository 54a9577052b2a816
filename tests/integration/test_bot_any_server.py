"""The sandbox is not special: the bot works with any server that speaks Linq's API.

This one is written from the API's description alone, shares nothing with the sandbox, and knows
only the calls that an answer needs.
"""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests import http_calls
from tests.bot import Bot
from tests.integration.responder_server import serving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHAT = str(uuid.uuid4())
NOW = "2026-11-20T09:00:00Z"


class SmallLinq:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.memos: list[str] = []
        self.base = ""
        self.app = Starlette(
            routes=[
                Route("/v3/attachments", self.declare, methods=["POST"]),
                Route("/put/{name}", self.put, methods=["PUT"]),
                Route("/v3/chats/{chat}/voicememo", self.memo, methods=["POST"]),
                Route("/v3/chats/{chat}/{rest}", self.quiet, methods=["POST", "DELETE"]),
                Route("/v3/phone_numbers", self.lines),
            ]
        )

    async def declare(self, request: Request) -> Response:
        asked = await request.json()
        assert request.headers["authorization"] == "Bearer any-token"
        name = str(uuid.uuid4())
        return JSONResponse(
            {
                "attachment_id": name,
                "upload_url": f"{self.base}/put/{name}",
                "download_url": f"{self.base}/get/{name}",
                "http_method": "PUT",
                "expires_at": NOW,
                "required_headers": {
                    "Content-Type": asked["content_type"],
                    "Content-Length": str(asked["size_bytes"]),
                },
            }
        )

    async def put(self, request: Request) -> Response:
        assert "authorization" not in request.headers
        self.files[request.path_params["name"]] = await request.body()
        return Response()

    async def memo(self, request: Request) -> Response:
        asked = await request.json()
        self.memos.append(asked["attachment_id"])
        handle = {"id": "h", "handle": "+13125550100", "service": "iMessage", "joined_at": NOW}
        return JSONResponse(
            {
                "voice_memo": {
                    "id": str(uuid.uuid4()),
                    "from": "+13125550100",
                    "to": ["+13125550177"],
                    "status": "queued",
                    "service": "iMessage",
                    "created_at": NOW,
                    "voice_memo": {
                        "id": asked["attachment_id"],
                        "url": f"{self.base}/get",
                        "filename": "memo.m4a",
                        "mime_type": "audio/x-m4a",
                        "size_bytes": 1,
                        "duration_ms": 1000,
                    },
                    "chat": {
                        "id": CHAT,
                        "handles": [handle],
                        "is_group": False,
                        "service": "iMessage",
                        "is_active": True,
                    },
                }
            },
            202,
        )

    async def quiet(self, _request: Request) -> Response:
        return Response(status_code=204)

    async def lines(self, _request: Request) -> Response:
        return JSONResponse({"phone_numbers": []})


def message(text: str) -> dict[str, Any]:
    return {
        "api_version": "v3",
        "webhook_version": "2026-02-03",
        "event_type": "message.received",
        "event_id": str(uuid.uuid4()),
        "created_at": datetime.now(UTC).isoformat(),
        "data": {
            "chat": {"id": CHAT, "is_group": False},
            "id": str(uuid.uuid4()),
            "direction": "inbound",
            "sender_handle": {"handle": "+13125550177", "is_me": False},
            "parts": [{"type": "text", "value": text}],
            "service": "iMessage",
        },
    }


def test_any_server_that_speaks_the_api_will_do(tmp_path: Path) -> None:
    linq = SmallLinq()
    with serving(linq.app) as base:
        linq.base = base
        environment = {
            "LINQ_API_V3_API_KEY": "any-token",
            "LINQ_API_V3_BASE_URL": base,
            "LINQ_WEBHOOK_SECRET": SECRET,
        }
        with Bot(None, f"sqlite:///{tmp_path / 'any.db'}", environment=environment) as bot:
            body = json.dumps(message("Is anybody there?"))
            signed = Webhook(SECRET).sign("msg_1", datetime.now(UTC), body)
            answer = http_calls.post(
                bot.webhook_url,
                content=body,
                headers={
                    "webhook-id": "msg_1",
                    "webhook-timestamp": str(int(time.time())),
                    "webhook-signature": signed,
                },
            )
            assert answer.status_code == 200
            deadline = time.monotonic() + 15
            while not linq.memos and time.monotonic() < deadline:
                time.sleep(0.02)
    assert len(linq.memos) == 1
    memo = linq.files[linq.memos[0]]
    assert memo[4:8] == b"ftyp"
    assert memo.index(b"moov") < memo.index(b"mdat"), "the index stands at the front"
