"""A YAML file whose every value knows its line.

Values are taken as they are written, so that `no` stays a language and 9:00 a time. Nothing of
YAML's own types is built.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from app.responders.rules.errors import Mistake, Mistakes, RulesError, closest, did_you_mean

MAX_BYTES = 1_000_000

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(file: Path) -> Entry:
    """The top of the file. Raises: RulesError when it cannot be read or is no YAML."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise RulesError(
            Mistake(file, 0, "a file that can be read", error.strerror or "none")
        ) from error
    if len(raw) > MAX_BYTES:
        raise RulesError(Mistake(file, 0, f"at most {MAX_BYTES} bytes", "a larger file"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise RulesError(
            Mistake(file, line, "text in UTF-8", f"byte 0x{raw[error.start]:02x}")
        ) from error
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        # What never ends is best looked for where it begins.
        endless = "end of stream" in (error.problem or "")
        mark = (endless and error.context_mark) or error.problem_mark
        line = mark.line + 1 if mark else 0
        raise RulesError(Mistake(file, line, *_in_plain_words(text, line, error))) from error
    except yaml.YAMLError as error:
        raise RulesError(Mistake(file, 0, "YAML", str(error).splitlines()[0])) from error
    except RecursionError as error:
        raise RulesError(Mistake(file, 0, "a few levels of indentation", "hundreds")) from error
    if node is None:
        raise RulesError(Mistake(file, 1, "rules", "an empty file"))
    return Entry(file, node, Mistakes())


@dataclass(frozen=True)
class Entry:
    """One value of the file. `mistakes` is one for the whole file."""

    file: Path
    node: yaml.Node
    mistakes: Mistakes

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_text(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and not self.is_nothing

    @property
    def is_nothing(self) -> bool:
        return (
            isinstance(self.node, yaml.ScalarNode)
            and self.node.tag == "tag:yaml.org,2002:null"
            and not self.node.style
        )

    def text(self, expected: str) -> str:
        """Raises: RulesError when this is no text, or an empty one."""
        if not self.is_text or not self.node.value.strip():
            raise self.error(expected)
        return str(self.node.value).strip()

    def items(self, expected: str) -> list[Entry]:
        """The items of a list. Raises: RulesError when this is none."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(expected)
        return [Entry(self.file, item, self.mistakes) for item in self.node.value]

    def pairs(self, expected: str) -> dict[str, tuple[Entry, Entry]]:
        """Key → (key, value). A key that stands twice is added to the mistakes.

        Raises: RulesError when this is no mapping.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(expected)
        found: dict[str, tuple[Entry, Entry]] = {}
        for key_node, value_node in self.node.value:
            key = Entry(self.file, key_node, self.mistakes)
            name = self.mistakes.attempt(partial(key.text, "a name in front of the colon"), "")
            if name in found:
                first = found[name][0].line
                key.wrong(f"{name!r} once", f"it again, after line {first}")
            elif name:
                found[name] = (key, Entry(self.file, value_node, self.mistakes))
        return found

    def fields(self, known: Collection[str], expected: str) -> dict[str, Entry]:
        """The known keys of a mapping. An unknown one is added to the mistakes.

        It is read as the one that was probably meant, so that nothing else seems to be missing.

        Raises: RulesError when this is no mapping.
        """
        pairs = self.pairs(expected)
        found = {name: value for name, (_, value) in pairs.items() if name in known}
        for name, (key, value) in pairs.items():
            if name not in known:
                guess = did_you_mean(name, known)
                key.wrong(f"one of {', '.join(known)}", f"{name!r}{guess}")
                meant = closest(name, known)
                if meant:
                    found.setdefault(meant, value)
        return found

    def wrong(self, expected: str, found: str | None = None) -> None:
        """Add a mistake, and read on."""
        self.mistakes.add(self.error(expected, found))

    def error(self, expected: str, found: str | None = None) -> RulesError:
        found = self._kind() if found is None else found
        return RulesError(Mistake(self.file, self.line, expected, found))

    def _kind(self) -> str:
        if self.is_nothing:
            return "nothing"
        if isinstance(self.node, yaml.ScalarNode):
            return repr(shortened(str(self.node.value)))
        return "a list" if self.is_list else "a mapping"


def _in_plain_words(text: str, line: int, error: yaml.MarkedYAMLError) -> tuple[str, str]:
    """What an owner has to change, of the mistakes that are made most."""
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    problem = error.problem or "something else"
    if "\t" in written[: len(written) - len(written.lstrip())] or "'\\t'" in problem:
        return "YAML: spaces at the beginning of the line", "a tab"
    if "mapping values are not allowed" in problem:
        return (
            "YAML: quotes around a text with a colon in it, as in answer: 'Note: we are closed'",
            repr(shortened(written.strip())),
        )
    if "found character" in problem and "cannot start any token" in problem:
        return "YAML: quotes around a text that begins with @, ` or %", repr(
            shortened(written.strip())
        )
    if "end of stream" in problem or "unexpected end" in problem:
        return "YAML: a closing quote or bracket for the one that is opened here", problem
    if "found undefined alias" in problem or "expected alphabetic" in problem:
        return "YAML: quotes around a text that begins with * or &", repr(
            shortened(written.strip())
        )
    if "expected <block end>" in problem or "could not find expected ':'" in problem:
        return (
            "YAML: a name and a colon here, as far to the right as those above it "
            "(or quotes around a text that goes on)",
            repr(shortened(written.strip())),
        )
    return "YAML", problem


def shortened(text: str, characters: int = 60) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"
