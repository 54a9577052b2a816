"""From files to chunks: one a heading, a paragraph of plain text, or a question of a CSV file."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.responders.knowledge.errors import KnowledgeError
from app.responders.lexicon.words import words

MAX_FILES = 500
MAX_FILE_BYTES = 1_000_000
MAX_CHUNKS = 10_000
MAX_CHUNK_CHARACTERS = 1_500
MAX_SLUG_CHARACTERS = 40
SUFFIXES = (".md", ".markdown", ".txt", ".csv")

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_FENCE = re.compile(r"\s*(```|~~~)")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_QUESTIONS = {"question", "questions", "frage", "pregunta", "domanda", "pergunta", "vraag", "q"}


@dataclass(frozen=True)
class Chunk:
    """A piece of knowledge that can be spoken as an answer."""

    id: str
    """File and section, such as `faq/delivery.md#returns`."""
    title: str
    """The heading, or the question."""
    text: str
    parents: str = ""
    """The headings above it, and the name of the file: they tell the topic."""

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.title}\n{self.text}".encode()).hexdigest()


def read_folder(folder: Path) -> tuple[Chunk, ...]:
    """All chunks, in the order of the files' names. Raises: KnowledgeError."""
    if not folder.is_dir():
        raise KnowledgeError(folder, "a folder", "none")
    found: list[Chunk] = []
    for file in files_in(folder):
        found += _read(folder, file)
        if len(found) > MAX_CHUNKS:
            raise KnowledgeError(folder, f"at most {MAX_CHUNKS} sections", "more")
    if not found:
        raise KnowledgeError(folder, f"files that end in {', '.join(SUFFIXES)}", "none with a text")
    return tuple(_numbered(found))


def files_in(folder: Path) -> list[Path]:
    """The files that are read, sorted; hidden ones are not. Raises: KnowledgeError."""
    root = folder.resolve()
    found = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and file.is_file()
        and file.resolve().is_relative_to(root)  # no link leads out of the folder
    )
    if len(found) > MAX_FILES:
        raise KnowledgeError(folder, f"at most {MAX_FILES} files", str(len(found)))
    return found


def _read(folder: Path, file: Path) -> Iterator[Chunk]:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise KnowledgeError(file, "a file that can be read", error.strerror or "none") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(file, "text in UTF-8", f"byte 0x{raw[error.start]:02x}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise KnowledgeError(file, f"at most {MAX_FILE_BYTES} bytes", "a larger file")
    name = file.relative_to(folder).as_posix()
    kind = file.suffix.lower()
    chunks = _pairs(name, text) if kind == ".csv" else _sections(name, text, kind)
    for chunk in chunks:
        yield from _bounded(chunk)


def _sections(name: str, text: str, kind: str) -> Iterator[Chunk]:
    stem = Path(name).stem.replace("-", " ").replace("_", " ")
    path: list[tuple[int, str]] = []
    body: list[str] = []
    fenced = False

    def section() -> Iterator[Chunk]:
        content = "\n".join(body).strip()
        if not content:
            return
        if path:
            # The first heading is the title of the whole file.
            own = [title for _, title in path[1:]] or [path[0][1]]
            above = " ".join((stem, *(title for _, title in path[:-1])))
            slug = "/".join(slug_of(title) for title in own)
            yield Chunk(f"{name}#{slug}", path[-1][1], content, above)
            return
        for number, paragraph in enumerate(_PARAGRAPHS.split(content), 1):
            first, _, rest = paragraph.strip().partition("\n")
            title = first.strip() if rest and len(first) < 80 else ""
            yield Chunk(
                f"{name}#{slug_of(title) or number}", title, rest.strip() or paragraph.strip(), stem
            )

    for line in text.replace("\r\n", "\n").split("\n"):
        fenced ^= bool(_FENCE.match(line))
        match = None if fenced or kind == ".txt" else _HEADING.fullmatch(line.strip())
        if not match:
            body.append(line)
            continue
        yield from section()
        body = []
        level = len(match.group(1))
        path = [one for one in path if one[0] < level] + [(level, match.group(2))]
    yield from section()


def _pairs(name: str, text: str) -> Iterator[Chunk]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    if rows and rows[0][0].strip().lower() in _QUESTIONS:
        rows = rows[1:]
    for number, row in enumerate(rows, 1):
        question, answer = (row[0].strip(), row[1].strip()) if len(row) > 1 else ("", "")
        if question and answer:
            yield Chunk(f"{name}#{slug_of(question) or number}", question, answer)


def slug_of(title: str) -> str:
    """`After a keratin treatment` → `after-a-keratin-treatment`; without accents."""
    slug = "-".join(word.text for word in words(title))
    slug = "".join(character for character in slug if character.isascii())
    return slug[:MAX_SLUG_CHARACTERS].strip("-")


def _bounded(chunk: Chunk) -> Iterator[Chunk]:
    """The chunk, in pieces of whole paragraphs where it is long."""
    pieces: list[str] = [""]
    for paragraph in _PARAGRAPHS.split(chunk.text):
        if pieces[-1] and len(pieces[-1]) + len(paragraph) > MAX_CHUNK_CHARACTERS:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]}\n\n{paragraph}".strip()
    for piece in pieces:
        yield replace(chunk, text=piece)


def _numbered(chunks: list[Chunk]) -> Iterator[Chunk]:
    """Those of one name told apart: `#returns`, `#returns-2`."""
    seen: Counter[str] = Counter()
    for chunk in chunks:
        seen[chunk.id] += 1
        count = seen[chunk.id]
        yield replace(chunk, id=f"{chunk.id}-{count}") if count > 1 else chunk
