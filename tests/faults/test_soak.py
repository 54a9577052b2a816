"""A short soak of `benchmarks.soak`, whose full length is run by hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak import soak
from benchmarks.soak_outcome import Plan
from tests.prepared_databases import new_sqlite


def test_nothing_is_lost_twice_or_out_of_order_on_sqlite(tmp_path: Path) -> None:
    plan = Plan(
        messages=40,
        chats=8,
        kills=10,
        worker_kills=10,
        database=new_sqlite(tmp_path / "soak.db"),
        seed=3,
        timeout=240,
    )
    outcome = soak(plan)
    assert outcome.good, str(outcome)
    assert outcome.kills.total() == 10
    assert outcome.worker_kills.total() > 5
    assert outcome.struck.total() > 20


def test_nor_on_postgres_with_a_process_that_never_comes_back(postgres_url: str) -> None:
    plan = Plan(
        messages=40,
        chats=8,
        kills=10,
        worker_kills=5,
        database=postgres_url,
        serves=2,
        workers=1,
        never_restart=1,
        seed=4,
        timeout=240,
    )
    outcome = soak(plan)
    assert outcome.good, str(outcome)
    assert outcome.kills.total() == 10
