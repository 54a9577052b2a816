"""A budget of bytes is never overdrawn, and everybody gets a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transcription.byte_budget import ByteBudget


def held_together(total: int, sizes: Sequence[int]) -> tuple[int, list[int]]:
    """The most that was held at once, and the order in which the sizes got their turn."""

    async def main() -> tuple[int, list[int]]:
        budget, held, most = ByteBudget(total), 0, 0
        order: list[int] = []

        async def hold(index: int, size: int) -> None:
            nonlocal held, most
            async with budget.reserve(size):
                order.append(index)
                held += min(size, total)
                most = max(most, held)
                for _ in range(3):
                    await asyncio.sleep(0)
                held -= min(size, total)

        await asyncio.gather(*(hold(index, size) for index, size in enumerate(sizes)))
        return most, order

    return asyncio.run(main())


@given(st.lists(st.integers(0, 30), max_size=20))
def test_no_more_is_held_than_there_is_and_nobody_is_overtaken(sizes: list[int]) -> None:
    most, order = held_together(20, sizes)
    assert most <= 20
    assert order == list(range(len(sizes)))


def test_what_fits_is_held_at_the_same_time() -> None:
    assert held_together(20, [5, 5, 5, 5])[0] == 20


@pytest.mark.parametrize("waiting", [True, False])
def test_who_gives_up_leaves_nothing_reserved(waiting: bool) -> None:
    async def main() -> None:
        budget = ByteBudget(10)

        async def hold() -> None:
            async with budget.reserve(10):
                await asyncio.Event().wait()

        first, second = asyncio.create_task(hold()), asyncio.create_task(hold())
        await asyncio.sleep(0)
        given_up = [second, first] if waiting else [first, second]
        for task in given_up:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5), budget.reserve(10):
            pass

    asyncio.run(main())
