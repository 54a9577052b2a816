"""Fixtures that several files of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.scripted_chat import ScriptedChat


@pytest.fixture(scope="module")
def running_chat() -> Iterator[ScriptedChat]:
    with ScriptedChat().running() as chat:
        yield chat


@pytest.fixture
def chat(running_chat: ScriptedChat) -> ScriptedChat:
    """A chat server whose replies the test gives."""
    running_chat.forget()
    return running_chat
