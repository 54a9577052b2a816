"""Behind LiteLLM, a real proxy of the protocol, with answers that it makes up itself.

The proxy and what it needs take 700 MB, so that it is none of the test requirements. Install it
anywhere (`pip install "litellm[proxy]"`) and name its program in `LITELLM`, or have it on the path.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from app.responders.factory import build_responder
from app.responders.protocol import Answer, Draft, Question, ResponderError, Turn
from app.settings import load_settings

PROGRAM = os.environ.get("LITELLM") or shutil.which("litellm")
START_SECONDS = 110.0

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(PROGRAM is None, reason="no litellm proxy: LITELLM names its program"),
    pytest.mark.timeout(180),
]

CONFIG = """\
model_list:
  - model_name: local
    litellm_params: {model: openai/gpt-4o, api_key: none, mock_response: Ten years.}
  - model_name: busy
    litellm_params: {model: openai/gpt-4o, api_key: none, mock_response: litellm.RateLimitError}
  - model_name: small
    litellm_params:
      {model: openai/gpt-4o, api_key: none, mock_response: litellm.ContextWindowExceededError}
litellm_settings: {num_retries: 0}
router_settings: {num_retries: 0, disable_cooldowns: true}
"""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("litellm")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "LITELLM_TELEMETRY": "False",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    }
    assert PROGRAM
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/health/liveliness", process, folder / "log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError(f"the proxy did not start: {log.read_text(errors='replace')[-500:]}")


def ask(
    proxy: str, model: str, history: tuple[Turn, ...] = (), draft: Draft | None = None
) -> Answer:
    async def once() -> Answer:
        responder = build_responder(
            load_settings(responder="openai", chat_base_url=proxy, chat_model=model, _env_file=None)
        )
        now = datetime(2026, 11, 19, 10, tzinfo=UTC)
        question = Question(
            "How long is the warranty?", "c", "m", "s", now, history, "de", draft=draft
        )
        try:
            return await responder.answer(question)
        finally:
            await responder.aclose()

    return asyncio.run(once())


def test_an_answer_comes_through_with_tools_in_the_request(proxy: str) -> None:
    answer = ask(proxy, "local")
    assert (answer.text, answer.reason) == ("Ten years.", "openai")


def test_an_answer_is_streamed(proxy: str) -> None:
    drafts: list[str] = []
    answer = ask(proxy, "local", draft=drafts.append)
    assert answer.text == "Ten years."
    assert len(drafts) > 1
    assert drafts[-1] == "Ten years."


@pytest.mark.parametrize(
    ("model", "status"), [("busy", "429"), ("small", "400"), ("no-such-model", "400")]
)
def test_a_refusal_of_the_proxy_is_an_apology(proxy: str, model: str, status: str) -> None:
    history = (Turn("user", "x" * 3_000, datetime(2026, 11, 19, 9, tzinfo=UTC)),)
    with pytest.raises(ResponderError, match=f"the chat server answered {status}") as caught:
        ask(proxy, model, history)
    assert caught.value.apology.startswith("Tut mir leid")
