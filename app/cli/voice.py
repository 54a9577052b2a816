"""`say`, `voices`, `warm`: the voice without messages."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from app.cli.context import opened_database, settings_of_command
from app.cli.files import check_writable, read_lines, write_bytes
from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from app.settings import Format, Settings
    from app.speech.synthesizer import SynthesizedMemo

FORMATS = ("m4a", "mp3", "aac", "caf", "wav", "aiff", "amr")


@click.command()
@click.argument("text")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.",
)
@click.option("--voice", help="A voice that the engine knows.")
@click.option("--language", help="Language of the text, e.g. fr; detected if not given.")
@click.option(
    "--format",
    "audio_format",
    type=click.Choice(FORMATS),
    help="Audio format; if not given that of the file's name, else MEMO_FORMAT.",
)
def say(
    text: str,
    output: Path,
    voice: str | None,
    language: str | None,
    audio_format: Format | None,
) -> None:
    """Speak TEXT into a memo file, without Linq."""
    audio_format = audio_format or _format_of(output)
    check_writable(output)
    settings = settings_of_command()
    settings.require_encrypted_keys()
    started = time.perf_counter()
    made = asyncio.run(_synthesize(settings, text, voice, language, audio_format))
    write_bytes(output, made.memo.data)
    memo = made.memo
    for failure in made.failures:
        click.echo(f"passed over {failure}", err=True)
    click.echo(
        f"{output}: {memo.codec}, {memo.sample_rate} Hz, {memo.channels} channel, "
        f"{memo.seconds:.2f} s, {memo.loudness:.1f} LUFS, {len(memo.data)} bytes; "
        f"engine {made.engine}, language {made.language}, "
        f"{time.perf_counter() - started:.2f} s of work"
    )
    if made.rest:
        left = len(made.rest)
        click.echo(f"left for a text, because it would be too long: {left} characters")


def _format_of(file: Path) -> Format | None:
    """The audio format that the name of a file asks for, or None without a suffix."""
    suffix = file.suffix.lower().removeprefix(".")
    audio_format = {"aif": "aiff"}.get(suffix, suffix)
    if audio_format and audio_format not in FORMATS:
        raise click.BadParameter(
            f"{file.name} ends in no format known here ({', '.join(FORMATS)}); "
            "end it in one of them, or give --format",
            param_hint="-o",
        )
    return cast("Format", audio_format) if audio_format else None


async def _synthesize(
    settings: Settings,
    text: str,
    voice: str | None,
    language: str | None,
    audio_format: Format | None,
) -> SynthesizedMemo:
    from app.speech.errors import VoiceError
    from app.speech.synthesizer import Synthesizer

    synthesizer = Synthesizer.from_settings(settings)
    try:
        request = await synthesizer.prepare(
            text, language=language, voice=voice, format=audio_format
        )
        return await synthesizer.synthesize(request)
    except VoiceError as error:
        raise click.ClickException(f"Nothing synthesized: {error}") from error
    finally:
        await synthesizer.aclose()


@click.group(invoke_without_command=True)
@click.option("--check", is_flag=True, help="Let each one speak a word, to see that it can.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def voices(context: click.Context, check: bool, as_json: bool) -> None:
    """List all voice engines, which of them are tried, and why one cannot be used here."""
    if context.invoked_subcommand is None:
        _list_engines(check, as_json)


@voices.command("get")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder; if not given that of MEMO_PIPER_VOICE, else voices beside the database.",
)
@click.option("--catalogue", help="Another address than that of Piper's voices.")
def get_voice(name: str, into: Path | None, catalogue: str | None) -> None:
    """Fetch NAME, such as de_DE-thorsten-medium, for the engine piper."""
    from app.speech.piper_voices import CATALOGUE, VoiceNotFetched, fetch_voice
    from app.state_folder import voices_folder

    set_folder = settings_of_command().piper_voice
    folder = into or (set_folder if set_folder and set_folder.is_dir() else voices_folder())
    try:
        voice = asyncio.run(fetch_voice(name, folder, catalogue or CATALOGUE, click.echo))
    except VoiceNotFetched as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{voice.file}: {voice.bytes / 1e6:.1f} MB, checked")
    click.echo(voice.licence or "Its model card names no licence: ask before you use it.")
    if not set_folder or folder != set_folder:
        click.echo(f"Use it with MEMO_VOICES=piper,… and MEMO_PIPER_VOICE={folder}")


def _list_engines(check: bool, as_json: bool) -> None:
    from app.diagnosis.engines import engine_states
    from app.settings import ENGINES

    settings = settings_of_command()
    states = asyncio.run(engine_states(settings, speak=ENGINES if check else ()))
    if as_json:
        print_json([vars(state) for state in states])
        return
    print_table(
        ("engine", "tried", "usable here", "why not"),
        (
            (
                state.name,
                f"{state.place}." if state.place else "no: not in MEMO_VOICES",
                "yes" if state.usable else "no",
                state.reason,
            )
            for state in states
        ),
    )
    if not check:
        click.echo("Whether a service answers is tried by --check.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def warm(file: Path) -> None:
    """Synthesize and upload each line of FILE beforehand, so that it answers at once."""
    from app.requirements import require_key
    from app.settings import ConfigurationError

    lines = read_lines(file)
    settings = settings_of_command()
    require_key(settings)
    if settings.delivery != "attachment":
        raise ConfigurationError("warm needs MEMO_DELIVERY=attachment: only uploads are kept.")
    sys.exit(asyncio.run(_warm(settings, lines)))


async def _warm(settings: Settings, lines: list[str]) -> int:
    """Record and upload the lines one after the other. Returns the exit code."""
    from app.answers.memo_maker import MemoMaker, UploadFailed
    from app.linq.client import LinqClient
    from app.speech.errors import VoiceError
    from app.speech.synthesizer import Synthesizer

    failed = 0
    with opened_database(settings) as database:
        linq = LinqClient(settings.linq_api_key.get_secret_value(), settings.linq_base_url)
        synthesizer = Synthesizer.from_settings(settings)
        maker = MemoMaker(settings, database, linq, synthesizer)
        try:
            for number, line in enumerate(lines, start=1):
                try:
                    memo = await maker.warm(line)
                except (VoiceError, UploadFailed) as error:
                    failed += 1
                    click.echo(f"{number}: {error}", err=True)
                    continue
                how = "known already" if memo.reused else f"synthesized by {memo.engine}"
                click.echo(f"{number}: {how}, {memo.seconds:.1f} s, language {memo.language}")
        finally:
            await synthesizer.aclose()
            await linq.aclose()
    return 1 if failed else 0
