"""Files that a command is told to write or to read."""

from __future__ import annotations

import os
from pathlib import Path

import click


def check_writable(file: Path) -> None:
    """Say that a file cannot be written before the work for it is done.

    Raises: click.ClickException.
    """
    folder = file.parent
    if not folder.is_dir():
        raise click.ClickException(f"{file} cannot be written: there is no folder {folder}.")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise click.ClickException(f"{file} cannot be written: check the rights of it.")


def write_bytes(file: Path, data: bytes) -> None:
    """Raises: click.ClickException."""
    try:
        file.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error


def read_lines(file: Path) -> list[str]:
    """The lines of a text without blank ones and without comments (#).

    Raises: click.ClickException.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{file} is not text in UTF-8 (byte {error.start + 1})."
        ) from error
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
