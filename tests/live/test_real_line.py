"""Against Linq itself: `LIVE_CHAT_ID=… pytest -m live` sends one memo to that chat."""

from __future__ import annotations

import os

import pytest

from app.linq.client import LinqClient
from app.settings import load_settings
from app.speech.synthesizer import Synthesizer

pytestmark = pytest.mark.live


async def _send(chat_id: str) -> str:
    settings = load_settings()
    linq = LinqClient(settings.linq_api_key.get_secret_value(), settings.linq_base_url)
    synthesizer = Synthesizer.from_settings(settings)
    try:
        request = await synthesizer.prepare("This is a test of the voice memo bot.")
        memo = (await synthesizer.synthesize(request)).memo
        attachment_id = await linq.upload(memo.data, f"memo.{memo.extension}", memo.mime_type)
        return (await linq.send_memo(chat_id, attachment_id=attachment_id)).message_id
    finally:
        await synthesizer.aclose()
        await linq.aclose()


def test_a_memo_reaches_a_real_chat() -> None:
    import asyncio

    assert asyncio.run(_send(os.environ["LIVE_CHAT_ID"]))
