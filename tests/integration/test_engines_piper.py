"""The piper engine with a tiny voice made here: it hums, for as long as the words have phonemes.

Skipped where the optional extra `piper`, or onnx to make the voice with, is not installed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.audio import Pcm, silent
from app.speech.engines.piper import Piper
from app.speech.errors import EngineError
from app.speech.plan import SpeechPlan
from tests.audio_workers import spoken_by

pytest.importorskip("piper", reason="the optional extra piper is not installed")
onnx = pytest.importorskip("onnx", reason="onnx, to make a voice with, is not installed")

HELLO = "Hello, we are open today until half past six."
RATE = 22_050
A_PHONEME = 900  # samples


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with Piper's inputs and output: phoneme ids in, a tone of their length out."""
    node, tensor, kind = onnx.helper.make_node, onnx.helper.make_tensor, onnx.TensorProto
    graph = onnx.helper.make_graph(
        [
            node("Shape", ["input"], ["shape"], start=1),
            node("Mul", ["shape", "length"], ["lengths"]),
            node("Squeeze", ["lengths"], ["samples"]),
            node("Range", ["zero", "samples", "one"], ["steps"]),
            node("Cast", ["steps"], ["time"], to=kind.FLOAT),
            node("Mul", ["time", "pitch"], ["phase"]),
            node("Sin", ["phase"], ["tone"]),
            node("Unsqueeze", ["tone", "axes"], ["output"]),
        ],
        "hum",
        [
            onnx.helper.make_tensor_value_info("input", kind.INT64, [1, "phonemes"]),
            onnx.helper.make_tensor_value_info("input_lengths", kind.INT64, [1]),
            onnx.helper.make_tensor_value_info("scales", kind.FLOAT, [3]),
        ],
        [onnx.helper.make_tensor_value_info("output", kind.FLOAT, [1, 1, "samples"])],
        [
            tensor("length", kind.INT64, [1], [A_PHONEME]),
            tensor("zero", kind.INT64, [], [0]),
            tensor("one", kind.INT64, [], [1]),
            tensor("pitch", kind.FLOAT, [], [0.06]),
            tensor("axes", kind.INT64, [2], [0, 1]),
        ],
    )
    opset = onnx.helper.make_opsetid("", 17)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9)
    file = tmp_path_factory.mktemp("piper") / "hum.onnx"
    file.write_bytes(model.SerializeToString())
    letters = "_^$ abcdefghijklmnopqrstuvwxyzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒʔˈˌːθᵻ.,!?"
    description = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "en-us"},
        "unsupported_language": {"code": "en_US"},
        "num_symbols": len(letters),
        "num_speakers": 1,
        "phoneme_type": "espeak",
        "phoneme_id_map": {letter: [index] for index, letter in enumerate(letters)},
    }
    Path(f"{file}.json").write_text(json.dumps(description), "utf-8")
    return file


def say(engine: Piper, text: str = HELLO, language: str = "en") -> list[Pcm]:
    return spoken_by(engine, SpeechPlan.of_text(text, language).chunks(engine.max_chars))


def test_a_voice_file_speaks(voice: Path) -> None:
    engine = Piper(voice)
    assert engine.unavailable_reason() is None
    [sound] = say(engine)
    assert sound.sample_rate == RATE
    assert 1 < sound.seconds < 8
    assert not silent(sound)
    [longer] = say(engine, f"{HELLO} {HELLO}")
    assert longer.seconds > 1.7 * sound.seconds


def test_a_voice_speaks_its_own_language_only(voice: Path) -> None:
    engine = Piper(voice)
    assert engine.supports_language("en-GB")
    assert not engine.supports_language("de")
    with pytest.raises(EngineError) as caught:
        say(engine, "Guten Morgen, wir haben geöffnet.", "de")
    assert caught.value.kind == "unsupported_language"


def test_double_brackets_are_not_read_as_phonemes(voice: Path) -> None:
    [sound] = say(Piper(voice), "This is [[not a list of phonemes]] at all, it is a text.")
    assert sound.seconds > 1


def test_a_file_that_is_no_voice_is_told_so(voice: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.onnx"
    file.write_bytes(b"no model")
    Path(f"{file}.json").write_bytes(Path(f"{voice}.json").read_bytes())
    with pytest.raises(EngineError) as caught:
        say(Piper(file))
    assert caught.value.kind == "configuration"


def test_missing_files_are_named(voice: Path, tmp_path: Path) -> None:
    assert Piper(tmp_path / "no.onnx").unavailable_reason() == (
        f"MEMO_PIPER_VOICE: there is no file {tmp_path / 'no.onnx'}"
    )
    alone = tmp_path / "alone.onnx"
    alone.write_bytes(voice.read_bytes())
    assert Piper(alone).unavailable_reason() == f"MEMO_PIPER_VOICE: there is no file {alone}.json"


def test_a_folder_has_a_voice_for_each_language(voice: Path, tmp_path: Path) -> None:
    for name, code in (("a", "en_US"), ("b", "en_GB"), ("c", "de_DE")):
        (tmp_path / f"{name}.onnx").write_bytes(voice.read_bytes())
        description = json.loads(Path(f"{voice}.json").read_text("utf-8"))
        description["language"] = {"code": code}
        (tmp_path / f"{name}.onnx.json").write_text(json.dumps(description), "utf-8")
    (tmp_path / "half.onnx").write_bytes(b"no description yet")
    engine = Piper(tmp_path)
    assert engine.unavailable_reason() is None
    assert [engine.supports_language(tag) for tag in ("en-GB", "de-AT", "fr")] == [
        True,
        True,
        False,
    ]
    for language in ("en-GB", "de", "en-US", "de"):
        [sound] = say(engine, language=language)
        assert not silent(sound)


def test_an_empty_folder_is_told_so(tmp_path: Path) -> None:
    assert "no voice" in str(Piper(tmp_path).unavailable_reason())
