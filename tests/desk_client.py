"""A colleague at the console of a running bot, without a browser."""

from __future__ import annotations

import re
import uuid
from types import TracebackType
from typing import Self

import httpx

from tests.console import TOKEN, csrf_of
from tests.http_calls import NO_TLS


class DeskClient:
    """Logged in at a bot's address. Paths are of one chat's page."""

    def __init__(self, url: str, chat_id: str) -> None:
        self.path = f"/console/chats/{chat_id}"
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False, verify=NO_TLS)

    def __enter__(self) -> Self:
        page = self.http.get("/console").text
        data = {"csrf": csrf_of(page), "token": TOKEN, "next": "/console"}
        assert self.http.post("/console/login", data=data).status_code == 303
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def page(self) -> str:
        response = self.http.get(self.path)
        assert response.status_code == 200, response.text
        return response.text

    def fields(self) -> dict[str, str]:
        """What the hidden fields of the form for messages hold."""
        page = self.page()
        key = re.search(r'name="key" value="(\w+)"', page)
        assert key
        return {"csrf": csrf_of(page), "key": key[1]}

    def post(self, path: str, **fields: str) -> int:
        data = {"csrf": csrf_of(self.page()), **fields}
        return self.http.post(f"{self.path}/{path}", data=data).status_code

    def send(self, text: str, form: str) -> int:
        data = {**self.fields(), "text": text, "form": form}
        return self.http.post(f"{self.path}/memos", data=data).status_code

    def record(self, data: bytes, key: str = "") -> int:
        """Sends what was recorded. Returns the status of the response."""
        return self.record_with(csrf_of(self.page()), data, key or uuid.uuid4().hex)

    def record_with(self, token: str, data: bytes, key: str) -> int:
        """As `record`, from a page that was opened before: token is that of its forms."""
        headers = {"x-form-token": token, "content-type": "audio/webm"}
        path = f"{self.path}/recordings?key={key}"
        return self.http.post(path, content=data, headers=headers).status_code
