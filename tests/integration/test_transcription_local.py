"""Hearing on this machine, with a stand-in for faster-whisper's model.

What is tested is the seam: that recordings reach the model as it takes them, and what becomes of
its answers. The real package and its models are not part of the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from app.settings import ConfigurationError, load_settings
from app.transcription import TranscriptionError, VoiceMemoTranscriber
from tests.integration.local_server import Reply, Server, running
from tests.integration.transcription import M4A, memo

STAND_IN = '''
    """As faster-whisper 1.2 has it: a model by name, and segments that are worked out lazily."""
    from types import SimpleNamespace

    class WhisperModel:
        def __init__(self, name, device="auto", compute_type="default"):
            assert (name, device, compute_type) == ("base", "cpu", "int8")

        def transcribe(self, audio, language=None, beam_size=5):
            assert audio.dtype == "float32" and abs(audio).max() <= 1
            seconds = len(audio) / 16_000
            def segments():
                yield SimpleNamespace(text=f" About {seconds:.0f} s,")
                if language == "xx":
                    raise RuntimeError("no such language")
                yield SimpleNamespace(text=f" in {language}.")
            return segments(), SimpleNamespace(language=language or "de")
'''


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def faster_whisper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "faster_whisper.py").write_text(dedent(STAND_IN), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("faster_whisper", None)


def hear(server: Server, language: str | None = None) -> tuple[str, str | None]:
    import asyncio

    async def main() -> tuple[str, str | None]:
        settings = load_settings(linq_base_url=server.address, transcribe_model="local:base")
        transcriber = VoiceMemoTranscriber.from_settings(settings)
        try:
            part = memo(server.reply("/a", Reply(body=M4A)))
            found = await transcriber.transcribe(part, language=language)
            return found.text, found.language
        finally:
            await transcriber.aclose()

    return asyncio.run(main())


@pytest.mark.usefixtures("faster_whisper")
def test_a_memo_is_heard_on_this_machine(server: Server) -> None:
    text, language = hear(server)
    assert text.startswith("About ")
    assert language == "de"
    assert hear(server, "pt-BR")[0].endswith("in pt.")


@pytest.mark.usefixtures("faster_whisper")
def test_what_the_model_cannot_do_is_a_failure_with_a_cause(server: Server) -> None:
    with pytest.raises(TranscriptionError) as caught:
        hear(server, "xx")
    assert (caught.value.kind, caught.value.retryable) == ("transcriber_failed", True)
    assert "RuntimeError" in str(caught.value)


@pytest.mark.skipif("faster_whisper" in sys.modules, reason="the extra is installed")
def test_without_the_extra_the_cure_is_named(server: Server) -> None:
    with pytest.raises(ConfigurationError, match=r"voicememo-bot\[hearing\]"):
        hear(server)
