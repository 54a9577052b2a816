"""A bot that does what a test tells it to, over Linq's API; it shares nothing with the real one."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx
from standardwebhooks import Webhook

from tests import http_calls
from tests.sandbox_audio import tone
from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

Json = dict[str, Any]


class ScriptedBot:
    """Receives the webhooks of a sandbox; answers only when asked."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self._sandbox = sandbox
        self._webhook = Webhook(sandbox.secret)
        self.receiver = WebhookReceiver()
        self._seen = 0
        self._http = httpx.Client(
            base_url=f"{sandbox.api_base}/v3/",
            headers={"Authorization": f"Bearer {sandbox.api_key}"},
            trust_env=False,
            verify=http_calls.NO_TLS,
        )

    def __enter__(self) -> Self:
        self.receiver.__enter__()
        self._sandbox.point_at(self.receiver.url)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.receiver.__exit__(kind, error, trace)
        self._http.close()

    def next_message(self) -> Json:
        """The data of the next message.received, its signature verified."""
        self._seen += 1
        delivery = self.receiver.wait_for(self._seen)[self._seen - 1]
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        self._webhook.verify(delivery.body, headers)
        data: Json = delivery.event["data"]
        return data

    def type(self, chat_id: str) -> None:
        """Shows the typing indicator."""
        self._post(f"chats/{chat_id}/typing")

    def read(self, chat_id: str) -> None:
        """Marks the chat as read."""
        self._post(f"chats/{chat_id}/read")

    def send_text(self, chat_id: str, text: str) -> None:
        """Answers with a text."""
        self._post(f"chats/{chat_id}/messages", {"message": {"parts": [_text(text)]}})

    def send_memo(self, chat_id: str, *, seconds: float = 1.0, ending: str = "m4a") -> str:
        """Answers with a voice memo, a tone; returns the id of its attachment."""
        audio = tone(ending, seconds)
        types = {"m4a": "audio/x-m4a", "caf": "audio/x-caf"}
        declared = self._post(
            "attachments",
            {
                "filename": f"memo.{ending}",
                "content_type": types[ending],
                "size_bytes": len(audio),
            },
        )
        headers = declared["required_headers"]
        http_calls.put(declared["upload_url"], content=audio, headers=headers).raise_for_status()
        attachment_id: str = declared["attachment_id"]
        self._post(f"chats/{chat_id}/voicememo", {"attachment_id": attachment_id})
        return attachment_id

    def _post(self, path: str, body: Json | None = None) -> Json:
        answer = self._http.post(path, json=body)
        answer.raise_for_status()
        data: Json = answer.json() if answer.content else {}
        return data


def _text(value: str) -> Json:
    return {"type": "text", "value": value}
