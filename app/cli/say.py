"""`voicememo say` and `voicememo voices`: the voice without Linq."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.settings import Format, Settings
from app.speech.errors import VoiceError
from app.speech.synthesizer import Synthesizer


async def say(
    settings: Settings,
    text: str,
    output: Path,
    *,
    voice: str | None,
    language: str | None,
    format: Format | None,
) -> int:
    """Speak `text` into the file `output` and tell what came of it. Returns the exit code."""
    started = time.perf_counter()
    synthesizer = Synthesizer.from_settings(settings)
    try:
        request = await synthesizer.prepare(text, language=language, voice=voice, format=format)
        made = await synthesizer.synthesize(request)
    except VoiceError as error:
        click.echo(f"Nothing recorded: {error}", err=True)
        return 1
    finally:
        await synthesizer.aclose()
    memo = made.memo
    try:
        await asyncio.to_thread(output.write_bytes, memo.data)
    except OSError as error:
        click.echo(f"{output} cannot be written: {error.strerror}", err=True)
        return 1
    for failure in made.failures:
        click.echo(f"passed over {failure}", err=True)
    click.echo(
        f"{output}: {memo.codec}, {memo.sample_rate} Hz, {memo.channels} channel, "
        f"{memo.seconds:.2f} s, {memo.loudness:.1f} LUFS, {len(memo.data)} bytes; "
        f"engine {made.engine}, language {made.language}, "
        f"{time.perf_counter() - started:.2f} s of work"
    )
    if made.rest:
        click.echo(f"left for a text, because it would be too long: {len(made.rest)} characters")
    return 0


def list_voices(settings: Settings) -> None:
    """Print the engines in the order they are tried."""
    table = Table("engine", "usable here", "why not")
    for status in Synthesizer.from_settings(settings).engines():
        table.add_row(status.name, "yes" if status.usable else "no", status.reason)
    Console().print(table)
