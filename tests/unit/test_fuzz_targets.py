"""What `make fuzz` looks for with coverage as its guide, looked for briefly in every run."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

EXAMPLES = {"webhook": 100, "rules": 60, "speech": 60, "audio": 150}


@cache
def seeds_of(target: str) -> tuple[bytes, ...]:
    return tuple(seeds(target))


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_are_small_and_clean(target: str) -> None:
    assert sum(map(len, seeds_of(target))) < 150_000
    for seed in seeds_of(target):
        TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
def test_changed_seeds_are_clean(target: str) -> None:
    @settings(max_examples=EXAMPLES[target], deadline=None)
    @given(
        seed=st.sampled_from(seeds_of(target)),
        cut=st.tuples(st.floats(0, 1), st.integers(0, 40)),
        put=st.one_of(st.binary(max_size=12), st.text(max_size=8).map(str.encode)),
    )
    def changed(seed: bytes, cut: tuple[float, int], put: bytes) -> None:
        at = int(cut[0] * len(seed))
        TARGETS[target](seed[:at] + put + seed[at + cut[1] :])

    changed()
