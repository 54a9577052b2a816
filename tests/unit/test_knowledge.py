"""A folder of knowledge: its chunks, what is found in it, how sure, and when it changes."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.responders.knowledge.chunks import Chunk, read_folder
from app.responders.knowledge.errors import KnowledgeError
from app.responders.knowledge.responder import KnowledgeResponder
from app.responders.knowledge.search import KnowledgeIndex
from app.responders.protocol import Answer, Question, Turn

NOW = datetime(2026, 11, 19, 10, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stay").mkdir()
    (tmp_path / "stay" / "rooms.md").write_text(
        "# Rooms\n\nTwelve rooms look at the lake.\n\n"
        "## Cots\nA cot for a baby is free. Ask when you book.\n\n"
        "## Sauna\n### Towels\nTowels for the sauna are at the desk.\n\n"
        "```\n# no heading\n```\n",
        encoding="utf-8",
    )
    (tmp_path / "fragen.csv").write_text(
        "Frage;Antwort\nDarf mein Hund mit ins Restaurant?;Hunde sind auf der Terrasse erlaubt.\n",
        encoding="utf-8",
    )
    (tmp_path / "notes.txt").write_text(
        "Boats\nYou can rent boats at the pier.\n\nBring swimwear.\n", encoding="utf-8"
    )
    (tmp_path / ".hidden.md").write_text("# Secret\nNothing.\n", encoding="utf-8")
    return tmp_path


def ask(responder: KnowledgeResponder, text: str, *history: Turn) -> Answer | None:
    question = Question(text, "c", "m", "s", NOW, history=history)
    return asyncio.run(responder.find(question))


def test_a_chunk_a_heading_a_paragraph_a_question(folder: Path) -> None:
    chunks = {chunk.id: chunk for chunk in read_folder(folder)}
    assert list(chunks) == [
        "fragen.csv#darf-mein-hund-mit-ins-restaurant",
        "notes.txt#boats",
        "notes.txt#2",
        "stay/rooms.md#rooms",
        "stay/rooms.md#cots",
        "stay/rooms.md#sauna/towels",
    ]
    assert chunks["stay/rooms.md#cots"].text == "A cot for a baby is free. Ask when you book."
    assert chunks["notes.txt#boats"].text == "You can rent boats at the pier."


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("do you have a cot for my baby", "en", "stay/rooms.md#cots"),
        ("where are the towls for the sauna", "en", "stay/rooms.md#sauna/towels"),
        ("can we rent a boat", "en", "notes.txt#boats"),
        ("darf der hund ins restaurant", "de", "fragen.csv#darf-mein-hund-mit-ins-restaurant"),
        ("who won the match", "en", None),
        ("is there a cinema in town", "en", None),
        ("hello", "en", None),
        ("", None, None),
    ],
)
def test_only_what_is_clearly_meant_is_sure(
    folder: Path, text: str, language: str | None, found: str | None
) -> None:
    sure = KnowledgeIndex(read_folder(folder)).search(text, language).sure
    assert (sure.chunk.id if sure else None) == found


def test_two_sections_that_fit_alike_are_not_sure() -> None:
    index = KnowledgeIndex(
        [Chunk("a#1", "Boats", "Boats are at the pier."), Chunk("a#2", "Boats", "Boats are blue.")]
    )
    assert index.search("what about the boats", "en").sure is None


def test_an_answer_names_its_source_and_the_rest_of_a_long_one_is_written(folder: Path) -> None:
    (folder / "long.md").write_text(
        "# Fishing\n" + "Fish swim in the lake. " * 60, encoding="utf-8"
    )
    responder = KnowledgeResponder(folder)
    answer = ask(responder, "what about fishing")
    assert answer is not None
    assert answer.reason == "knowledge:long.md#fishing"
    assert 0 < len(answer.text) <= 900
    assert answer.text.endswith(".")
    assert answer.written.startswith("Fish swim")


def test_what_may_be_meant_is_asked_for_once(folder: Path) -> None:
    responder = KnowledgeResponder(folder)
    text = "cot wifi minibar"
    asked = ask(responder, text)
    if asked is None:
        text = "cot minibar"
        asked = ask(responder, text)
    assert asked is not None
    assert asked.text == "Is your question about “Cots”?"
    said = (Turn("user", text, NOW), Turn("assistant", asked.text, NOW))
    yes = ask(responder, "yes", *said)
    assert yes is not None
    assert yes.reason == "knowledge:stay/rooms.md#cots"
    assert ask(responder, text, *said) is None


def test_a_changed_file_is_in_force_within_a_second_and_a_broken_one_never(folder: Path) -> None:
    clock = [100.0]
    responder = KnowledgeResponder(folder, monotonic=lambda: clock[0])
    file = folder / "stay" / "rooms.md"
    file.write_text("# Rooms\n\n## Cots\nA cot is five euros.\n", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    clock[0] += 1
    answer = ask(responder, "do you have a cot")
    assert answer is not None
    assert answer.text == "A cot is five euros."
    file.write_bytes(b"\xff\xfe\xff")
    clock[0] += 1
    with capture_logs() as logs:
        answer = ask(responder, "do you have a cot")
        clock[0] += 1
        ask(responder, "do you have a cot")
    assert answer is not None
    assert answer.text == "A cot is five euros."
    assert [log["log_level"] for log in logs] == ["warning"]


def test_a_thousand_sections_are_searched_in_milliseconds() -> None:
    chunks = [
        Chunk(f"f.md#{n}", f"Topic number{n}", f"All about thing{n}, its price and its colour.")
        for n in range(1_000)
    ]
    index = KnowledgeIndex(chunks)
    index.search("warm up", "en")
    began = time.process_time()
    for number in range(20):
        found = index.search(f"what does thing{number} cost and which colour", "en")
        assert found.found[0].chunk.id == f"f.md#{number}"
    # Under five milliseconds each on an idle machine; the bound leaves room for a slow one.
    assert (time.process_time() - began) / 20 < 0.05


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.md", b"\xff", "text in UTF-8"),
        ("a.md", b"#" * 1_000_001, "at most 1000000 bytes"),
        ("a.pdf", b"%PDF", "files that end in"),
        ("a.md", b"", "files that end in"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(KnowledgeError, match=expected):
        read_folder(tmp_path)


def test_no_link_leads_out_of_the_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("# Secret\nNothing.\n", encoding="utf-8")
    (folder / "link.md").symlink_to(outside)
    assert not [chunk for chunk in read_folder(folder) if chunk.title == "Secret"]


@given(st.text(max_size=200))
def test_any_text_can_be_searched_for(text: str) -> None:
    _index().search(text, None)


@cache
def _index() -> KnowledgeIndex:
    return KnowledgeIndex([Chunk("a#1", "Boats", 'Boats "are" AND at NEAR(the pier)*.')])
