"""What the documents say of the repository is so: files, names, rooms, settings, examples."""

from __future__ import annotations

import asyncio
import re
import textwrap
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.audio.pcm import Pcm
from app.cli.commands import voicememo
from app.responders.protocol import Question
from app.settings import Settings
from app.speech.engine_runner import EngineRunner
from app.speech.engines.protocol import Utterance
from docs import licences, settings_page

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    "README.md", "CONTRIBUTING.md", "SECURITY.md",
    *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")
            if "knowledge" not in page.parts),
)  # fmt: skip

_PATH = re.compile(r"(?<![\w/.-])(?:app|tests|docs|benchmarks|\.ci)/[\w./-]*\w/?")
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_NAME_IN_FILE = re.compile(r"`(\w+)` in `(app/[\w/.]+\.py)`|`(app/[\w/.]+\.py)` \(`(\w+)`")
_VARIABLE = re.compile(r"\bMEMO_[A-Z_]*[A-Z]\b(?!_)")


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def variables() -> set[str]:
    aliases = (field.validation_alias for field in Settings.model_fields.values())
    return {name for alias in aliases for name in re.findall(_VARIABLE, str(alias))}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_mentioned_exists(document: str) -> None:
    text = text_of(document)
    paths = {path for path in _PATH.findall(text) if "NAME" not in path}
    paths |= {str(Path(document).parent / target) for target in _LINK.findall(text)}
    missing = {path for path in paths if not (ROOT / path).exists()}
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_name_that_is_said_to_be_in_a_file_is_there(document: str) -> None:
    for name, file, other_file, other_name in _NAME_IN_FILE.findall(text_of(document)):
        source = text_of(file or other_file)
        assert re.search(rf"\b{name or other_name}\b", source), (name or other_name, file)


def test_the_picture_of_the_rooms_is_the_import_contract() -> None:
    drawn = re.findall(r"```rooms\n(.*?)```", text_of("docs/architecture.md"), re.DOTALL)[0]
    rooms = [re.split(r"\s{2,}", line)[0] for line in drawn.splitlines()]
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    assert rooms == [layer.replace("app.", "") for layer in layers]


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md", "app.json"])
def test_every_variable_that_is_mentioned_is_a_setting(document: str) -> None:
    assert set(_VARIABLE.findall(text_of(document))) <= variables()


def test_the_example_file_has_every_memo_variable_and_no_other() -> None:
    lines = text_of(".env.example").splitlines()
    given = {line.partition("=")[0] for line in lines if line.startswith("MEMO_")}
    assert given == variables()


def test_every_command_is_documented() -> None:
    told = text_of("README.md") + text_of("docs/operating.md")
    missing = [
        name for name in voicememo.commands if not re.search(rf"(`|voicememo ){name}\b", told)
    ]
    assert not missing


def test_the_page_of_settings_is_what_the_settings_are() -> None:
    assert text_of("docs/settings.md") == settings_page.page(), "python -m docs.settings_page"


def test_every_dependency_is_listed_with_its_licence() -> None:
    listed = re.findall(r"^\| ([\w.-]+) \| \S", text_of("docs/licences.md"), re.M)
    assert set(licences.pinned()) <= set(listed), "python -m docs.licences"


# The examples of CONTRIBUTING.md ------------------------------------------------------------


def example(beginning: str) -> dict[str, Any]:
    """The names that the example with this first line defines."""
    blocks = re.findall(r"```python\n(.*?)```", text_of("CONTRIBUTING.md"), re.DOTALL)
    [code] = [block for block in map(textwrap.dedent, blocks) if block.startswith(beginning)]
    names: dict[str, Any] = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    return names


def test_the_responder_of_the_guide_answers() -> None:
    responder = example('"""The responder that')["LengthResponder"]()
    question = Question("Are you open?", "c", "m", "+15550100", datetime(2026, 11, 20, tzinfo=UTC))
    assert asyncio.run(responder.answer(question)).text == "You sent 3 words."


def test_the_engine_of_the_guide_has_all_that_an_engine_needs_and_speaks() -> None:
    engine = example('"""beeps: a tone for each word. Needs')["Beeps"]()
    EngineRunner(engine)
    assert engine.unavailable_reason() is None
    assert engine.supports_language("en")
    assert not engine.supports_voice("alloy")
    sound = asyncio.run(engine.speak(Utterance("Hello you", "en")))
    assert isinstance(sound, Pcm)
    assert sound.seconds == pytest.approx(1.0)
    asyncio.run(engine.aclose())
