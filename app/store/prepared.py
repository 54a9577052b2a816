"""Statements that are built once: building one anew takes ten times as long as running it.

    @prepared
    def _of_chat(chat_id: Any) -> sa.Select[Any]:
        return sa.select(chats).where(chats.c.chat_id == chat_id)

    connection.execute(*_of_chat(chat_id))

The function is called once, with a placeholder for each of its parameters, so that it cannot
decide anything by their values; a list stands for what `in_` takes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

P = ParamSpec("P")
S = TypeVar("S", bound=sa.Executable)


def prepared(build: Callable[P, S]) -> Callable[P, tuple[S, dict[str, Any]]]:
    """A function of the same values, all positional, that returns the statement that `build` makes
    and these values: what `Connection.execute` takes."""
    # Not the bare names: those of columns are taken in updates.
    names = [f"given_{name}" for name in inspect.signature(build).parameters]

    @functools.cache
    def statement() -> S:
        build_with: Callable[..., S] = build
        return build_with(*map(sa.bindparam, names))

    @functools.wraps(build)
    def bound(*args: P.args, **kwargs: P.kwargs) -> tuple[S, dict[str, Any]]:
        assert not kwargs, "values of prepared statements are positional"
        return statement(), dict(zip(names, args, strict=True))

    return bound
