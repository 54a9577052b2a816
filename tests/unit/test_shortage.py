"""What ran out on this machine is waited for; anything else is a fault."""

from __future__ import annotations

import errno

import pytest

from app.answers.shortage import is_shortage


def caused_by(cause: BaseException) -> Exception:
    try:
        raise ValueError("outer") from cause
    except ValueError as error:
        return error


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOSPC, errno.ENOMEM])
def test_files_disk_and_memory_that_ran_out_are_a_shortage(number: int) -> None:
    assert is_shortage(OSError(number, "none left"))
    assert is_shortage(caused_by(OSError(number, "none left")))


def test_other_errors_are_none() -> None:
    assert not is_shortage(FileNotFoundError(errno.ENOENT, "not there"))
    assert not is_shortage(ValueError("wrong"))
    loop = ValueError("its own cause")
    loop.__cause__ = loop
    assert not is_shortage(loop)
