"""Tells a shortage of this machine from a fault: it passes, and says nothing of the answer."""

from __future__ import annotations

import errno

_SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT})


def is_shortage(error: BaseException | None) -> bool:
    """Whether an error comes of open files, memory or disk space that ran out, by its causes."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, OSError) and error.errno in _SHORT:
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False
