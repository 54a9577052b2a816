"""A sandbox for tests: the real thing over real HTTP, on a free port of 127.0.0.1."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

from app.sandbox import SandboxConfig, SandboxUvicorn
from tests.http_calls import NO_TLS

Json = dict[str, Any]


class SandboxServer:
    """Runs a sandbox under uvicorn in a thread; `with SandboxServer() as sandbox: ...`.

    `config` may be given whole; without it the retry pauses are short.
    """

    def __init__(self, config: SandboxConfig | None = None) -> None:
        self.config = config or SandboxConfig(retry_delays=(0.05, 0.1, 0.2, 0.4, 0.8))
        # With the protocol named, asyncio switches Nagle's algorithm off: 40 ms less per answer.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.api_base = f"{self.url}/api/partner"
        self.api_key = self.config.api_key
        self.secret = self.config.webhook_secret
        if self.config.public_url is None:
            self.config = dataclasses.replace(self.config, public_url=self.url)
        self._server = SandboxUvicorn(self.config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self.http = httpx.Client(
            base_url=self.url,
            timeout=30,
            trust_env=False,
            verify=NO_TLS,
            # Given up well before the server does so, which may be while a request is on its way.
            limits=httpx.Limits(keepalive_expiry=2.0),
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        self._thread.start()
        deadline = time.monotonic() + 60
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TimeoutError("the sandbox did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stops the server."""
        self.http.close()
        self._server.should_exit = True
        self._thread.join(timeout=60)
        self._socket.close()
        if self._thread.is_alive():
            raise TimeoutError("the sandbox did not stop")

    def point_at(self, url: str | None, secret: str | None = None) -> None:
        """Sends the webhooks to this address from now on."""
        self._post("/_sandbox/target", {"url": url, "secret": secret})

    def inbound(self, text: str | None = None, **options: Any) -> Json:
        """Somebody writes; see `app.sandbox.page.inbound`. `sender` stands for `from`."""
        if text is not None:
            options["text"] = text
        if "sender" in options:
            options["from"] = options.pop("sender")
        return self._post("/_sandbox/inbound", options)

    def outbound(self, chat: str, text: str | None = None, **options: Any) -> Json:
        """A colleague writes on the line, past the API; see `app.sandbox.page.outbound`."""
        return self._post("/_sandbox/outbound", {"chat": chat, "text": text, **options})

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A call of the API, with the right token unless `headers` say otherwise."""
        headers = {"Authorization": f"Bearer {self.api_key}"} | headers
        return self.http.request(method, f"/api/partner/v3{path}", json=body, headers=headers)

    def faults(self, faults: list[Json]) -> None:
        """Switches faults on; see `app.sandbox.faults.Fault`."""
        self._post("/_sandbox/faults", {"faults": faults})

    def clear_faults(self) -> None:
        """Switches every fault off."""
        self.http.delete("/_sandbox/faults").raise_for_status()

    def reset(self) -> None:
        """Back to the beginning; the webhook target stays."""
        self.http.post("/_sandbox/reset").raise_for_status()

    def state(self, *, chat: str | None = None, since: int = 0) -> Json:
        """What happened, in one chat or everywhere."""
        params: Json = {"since": since} if chat is None else {"since": since, "chat": chat}
        answer = self.http.get("/_sandbox/state", params=params)
        answer.raise_for_status()
        state: Json = answer.json()
        return state

    def counts(self) -> Json:
        """The state without what grows with every message: cheap to ask for again and again."""
        return self.state(since=10**9)

    def messages(self, chat: str) -> list[Json]:
        """The messages of one chat; none where there is no such chat yet."""
        answer = self.http.get("/_sandbox/state", params={"chat": chat})
        if answer.status_code == 404:
            return []
        answer.raise_for_status()
        messages: list[Json] = answer.json()["messages"]
        return messages

    def wait_for(self, predicate: Callable[[Json], Any], timeout: float = 60.0) -> Any:
        """The first true value of `predicate(state)`; fails after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        pause = 0.01
        while True:
            state = self.state()
            found = predicate(state)
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing came within {timeout} s; state: {state}")
            time.sleep(pause)
            pause = min(0.2, pause * 1.3)

    def _post(self, path: str, body: Json) -> Json:
        answer = self.http.post(path, json=body)
        answer.raise_for_status()
        result: Json = answer.json()
        return result
