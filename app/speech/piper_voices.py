"""Fetches voices for Piper from its own catalogue: checked, and whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.bounded_body import UnreadableBody, bounded_body
from app.settings import is_https_or_loopback
from app.tls import tls_context

CATALOGUE = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
"""Where `voices.json` lies, and the files it names."""

_CATALOGUE_BYTES = 5_000_000
_CARD_BYTES = 200_000
_MOST_BYTES = 300_000_000  # of one file; the largest voices have 120 MB
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_FILE = re.compile(r"[\w-]+(?:/[\w-]+){1,6}/([\w-]{1,100}\.onnx(?:\.json)?|MODEL_CARD)", re.ASCII)
_LICENCE = re.compile(r"licen[sc]e", re.IGNORECASE)


class VoiceNotFetched(Exception):
    """A voice was not fetched, and nothing of it was left; the message says what to do."""


@dataclass(frozen=True)
class FetchedVoice:
    """A voice that was fetched. `licence` is what its model card says of it, "" if nothing."""

    file: Path
    bytes: int
    licence: str


@dataclass(frozen=True)
class _File:
    path: str
    name: str
    size: int
    md5: str


async def fetch_voice(
    name: str, folder: Path, catalogue: str = CATALOGUE, said: Callable[[str], None] = print
) -> FetchedVoice:
    """Fetch the voice `name`, such as `de_DE-thorsten-medium`, into `folder`.

    said: told what is being fetched. Raises: VoiceNotFetched.
    """
    if not is_https_or_loopback(catalogue):
        raise VoiceNotFetched(f"{catalogue} must be an https:// address")
    async with httpx.AsyncClient(
        follow_redirects=True, timeout=_TIMEOUT, verify=tls_context()
    ) as http:
        listed = await _catalogue(http, catalogue)
        files = _files(listed, name)
        card = next((file for file in files if file.name == "MODEL_CARD"), None)
        licence = _licence(await _text(http, f"{catalogue}/{card.path}")) if card else ""
        wanted = [file for file in files if file is not card]
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as part:
                for file in wanted:
                    said(f"{file.name}: {file.size / 1e6:.1f} MB")
                    await _download(http, f"{catalogue}/{file.path}", file, Path(part, file.name))
                # The description first: a voice counts once both are there.
                for file in sorted(wanted, key=lambda one: one.name, reverse=True):
                    os.replace(Path(part, file.name), folder / file.name)
        except OSError as error:
            raise VoiceNotFetched(f"{folder} cannot be written: {error.strerror}") from error
    model = next(file.name for file in wanted if file.name.endswith(".onnx"))
    return FetchedVoice(folder / model, sum(file.size for file in wanted), licence)


async def _catalogue(http: httpx.AsyncClient, base: str) -> Mapping[str, Any]:
    body = await _body(http, f"{base}/voices.json", _CATALOGUE_BYTES)
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise VoiceNotFetched(f"{base}/voices.json is no catalogue") from error
    if not isinstance(listed, dict):
        raise VoiceNotFetched(f"{base}/voices.json is no catalogue")
    return listed


def _files(listed: Mapping[str, Any], name: str) -> list[_File]:
    """The model, its description and its card. Raises: VoiceNotFetched."""
    entry = listed.get(name)
    if not isinstance(entry, dict) or not isinstance(entry.get("files"), dict):
        prefix = name.partition("-")[0].partition("_")[0].lower()
        alike = sorted(key for key in listed if key.lower().startswith(prefix))[:12]
        raise VoiceNotFetched(
            f"the catalogue has no voice {name!r}"
            + (f"; of this language it has {', '.join(alike)}" if alike and prefix else "")
        )
    found = []
    for path, facts in entry["files"].items():
        match = _FILE.fullmatch(str(path))
        size = facts.get("size_bytes") if isinstance(facts, dict) else None
        md5 = facts.get("md5_digest") if isinstance(facts, dict) else None
        if not match or not isinstance(size, int) or not isinstance(md5, str):
            raise VoiceNotFetched(f"the catalogue's entry of {name!r} cannot be read")
        if not 0 < size <= _MOST_BYTES:
            raise VoiceNotFetched(f"{match[1]} would have {size} bytes")
        found.append(_File(str(path), match[1], size, md5))
    endings = sorted(file.name.removeprefix(name) for file in found if file.name != "MODEL_CARD")
    if endings != [".onnx", ".onnx.json"]:
        raise VoiceNotFetched(f"the catalogue's entry of {name!r} is no whole voice")
    return found


async def _download(http: httpx.AsyncClient, url: str, file: _File, target: Path) -> None:
    """Stream `url` into `target`. Raises: VoiceNotFetched unless size and checksum agree."""
    digest = hashlib.md5(usedforsecurity=False)  # what the catalogue has
    size = 0
    try:
        async with http.stream("GET", url) as response:
            _check(response, url)
            with target.open("wb") as out:
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > file.size:
                        break
                    digest.update(chunk)
                    out.write(chunk)
    except httpx.HTTPError as error:
        raise VoiceNotFetched(f"{url} was not fetched: {type(error).__name__}") from error
    if size != file.size or digest.hexdigest() != file.md5:
        raise VoiceNotFetched(f"{file.name} is not what the catalogue says: try again later")


async def _text(http: httpx.AsyncClient, url: str) -> str:
    return (await _body(http, url, _CARD_BYTES)).decode("utf-8", "replace")


async def _body(http: httpx.AsyncClient, url: str, limit: int) -> bytes:
    try:
        async with http.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
            _check(response, url)
            return await bounded_body(response, limit)
    except (httpx.HTTPError, UnreadableBody) as error:
        raise VoiceNotFetched(f"{url} was not fetched: {type(error).__name__}") from error


def _check(response: httpx.Response, url: str) -> None:
    if not is_https_or_loopback(str(response.url)):
        raise VoiceNotFetched(f"{url} leads to an address without https://")
    if response.status_code != 200:
        raise VoiceNotFetched(f"{url} was not fetched: status {response.status_code}")


def _licence(card: str) -> str:
    """The lines of a model card that speak of the licence."""
    lines = (line.strip(" *#\t") for line in card.splitlines())
    return "; ".join(line[:200] for line in lines if _LICENCE.search(line))[:500]
