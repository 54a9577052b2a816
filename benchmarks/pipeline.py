"""The whole path, in turns with the naive pipeline: `python -m benchmarks.pipeline [--json]`.

Every message has words that were never said before, and comes from another process than the one
that measures. Exits with 1 where an aim is missed. Machines are noisy: what counts is the ratio to
the rival of the same run. Ratios differ by a tenth between runs, percentiles in ms by far more.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from app.audio import decode
from benchmarks.figures import Figure, commit, median_and_worst, percentile, report
from benchmarks.load import Message, Sent, send
from benchmarks.rivals import Rival, bot, naive, slow_models
from benchmarks.words import new_words
from tests import http_calls

RATES = (5, 10, 20)
"""Messages a second; one a second is idle."""
AIMS = {5: 0.5, 10: 0.5}
SHORTEST_MEMO = 4.0  # seconds


@dataclass(frozen=True)
class Amounts:
    """How much is sent. rounds: how often both take turns."""

    rounds: int = 2
    idle: int = 10
    per_rate: int = 20
    saturating: int = 40
    in_one_chat: int = 8
    busy_seconds: int = 5
    slow: int = 8
    streamed: int = 5


class Texts:
    """Words for messages, never the same twice."""

    def __init__(self) -> None:
        self._numbers = itertools.count(100)

    def new(self) -> str:
        return new_words(next(self._numbers))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--commit", action="store_true", help="keep the ratios in ratios.json")
    options = parser.parse_args()
    amounts, texts = Amounts(), Texts()
    figures = []
    for part in (streamed, slow_voice, offline):
        for figure in part(amounts, texts):
            figures.append(figure)
            print(f"{figure.name}: {figure.value:.3g} {figure.note}", file=sys.stderr, flush=True)
    if options.commit:
        commit(figures)
    return report(figures, options.json)


def offline(amounts: Amounts, texts: Texts) -> Iterator[Figure]:
    """Both with espeak."""
    with bot({"MEMO_VOICES": "espeak"}) as ours, naive({}) as theirs:
        ours.warm_up()
        theirs.warm_up()
        time.sleep(3)
        yield Figure("memory at rest, all processes (PSS)", ours.memory_mb(), "MB", at_most=220)
        taken, said = in_turns(ours, theirs, amounts.idle, texts)
        yield _ratio("turnaround, idle, espeak", taken, at_most=0.45)
        again = [Message(n, ours.webhook_url, text) for n, text in enumerate(said[:6])]
        taken[ours] = turnarounds(ours, again)
        yield _ratio("turnaround, idle, the same words again", taken)
        yield from at_rates(ours, theirs, amounts, texts)
        yield from saturated(ours, theirs, amounts, texts)
        yield from in_one_chat(ours, theirs, amounts, texts)
        for rival in (ours, theirs):
            seconds = decode(rival.last_memo()).seconds
            if seconds < SHORTEST_MEMO:
                raise RuntimeError(f"{rival.name}: a memo of {seconds:.1f} s")


def slow_voice(amounts: Amounts, texts: Texts) -> Iterator[Figure]:
    """Both with a speech server that takes 300 ms for each request."""
    with (
        slow_models() as url,
        bot(_speech(url)) as ours,
        naive({"SPEECH_BASE_URL": f"{url}/v1"}) as theirs,
    ):
        ours.warm_up()
        theirs.warm_up()
        taken, _ = in_turns(ours, theirs, amounts.slow, texts)
        yield _ratio("turnaround, idle, speech server of 300 ms", taken, at_most=0.7)


def streamed(amounts: Amounts, texts: Texts) -> Iterator[Figure]:
    """A language model that writes for 3 s, and the speech server."""
    with slow_models() as url:
        model = {
            "MEMO_RESPONDER": "openai",
            "MEMO_CHAT_BASE_URL": f"{url}/v1",
            "MEMO_CHAT_MODEL": "local",
        }
        with bot(_speech(url) | model) as ours:
            plan = [
                Message(4.5 * number, ours.webhook_url, texts.new())
                for number in range(amounts.streamed + 1)
            ]
            send(plan)
            ours.wait_for(len(plan))
            memos = ours.memos()
            ends = http_calls.get(f"{url}/ends", timeout=30).json()
        after = [memos[one.chat_id][0] - _end_of(one.text, ends) for one in plan[1:]]
        yield Figure(
            "memo after the end of a streamed model, with the speech server",
            statistics.median(after),
            "s",
            at_most=0.6,
            note=median_and_worst(after),
        )


def at_rates(ours: Rival, theirs: Rival, amounts: Amounts, texts: Texts) -> Iterator[Figure]:
    for rate in RATES:
        taken: dict[Rival, list[float]] = {ours: [], theirs: []}
        for _ in range(amounts.rounds):
            for rival in taken:
                plan = [
                    Message(number / rate, rival.webhook_url, texts.new())
                    for number in range(amounts.per_rate)
                ]
                taken[rival] += turnarounds(rival, plan)
        yield _ratio(f"turnaround p50 at {rate} a second", taken, at_most=AIMS.get(rate))


def saturated(ours: Rival, theirs: Rival, amounts: Amounts, texts: Texts) -> Iterator[Figure]:
    """All at once, each in a chat of its own; then 50 a second, which is more than can be done."""
    speeds: dict[Rival, list[float]] = {ours: [], theirs: []}
    costs: dict[Rival, float] = {ours: 0.0, theirs: 0.0}
    for _ in range(amounts.rounds):
        for rival in speeds:
            plan = [Message(0, rival.webhook_url, texts.new()) for _ in range(amounts.saturating)]
            before = rival.cpu_seconds()
            speeds[rival].append(len(plan) / max(turnarounds(rival, plan)))
            costs[rival] += (rival.cpu_seconds() - before) / len(plan) / amounts.rounds
    fast, slow = (statistics.median(speeds[rival]) for rival in (ours, theirs))
    note = f"{fast:.1f} to {slow:.1f} memos a second"
    yield Figure("throughput, saturated", fast / slow, at_least=4.0, ratio=True, note=note)
    yield Figure(
        "CPU an answer, saturated, all processes",
        costs[ours] * 1000,
        "ms",
        at_most=65,
        note=f"naive {costs[theirs] * 1000:.0f} ms",
    )
    count = 50 * amounts.busy_seconds
    plan = [Message(number / 50, ours.webhook_url, texts.new()) for number in range(count)]
    wanted = ours.count() + count
    sent = send(plan)
    peak = 0.0
    while ours.count() < wanted:
        peak = max(peak, ours.memory_mb())
        time.sleep(0.5)
    yield Figure(
        "acknowledgement p99 at 50 a second while answering",
        _worst_acknowledgement(sent),
        "ms",
        at_most=50,
        note=f"p50 {statistics.median(one.acknowledged for one in sent) * 1000:.0f} ms of {count}",
    )
    yield Figure("memory at work, all processes (PSS)", peak, "MB", at_most=320)


def in_one_chat(ours: Rival, theirs: Rival, amounts: Amounts, texts: Texts) -> Iterator[Figure]:
    """All at once in one chat, where ours answers in order, one after the other."""
    taken = {}
    for rival in (ours, theirs):
        chat_id = str(uuid.uuid4())
        plan = [
            Message(0, rival.webhook_url, texts.new(), chat_id) for _ in range(amounts.in_one_chat)
        ]
        taken[rival] = [max(turnarounds(rival, plan))]
    yield _ratio(f"{amounts.in_one_chat} at once in one chat, until the last memo", taken)


def in_turns(
    ours: Rival, theirs: Rival, count: int, texts: Texts
) -> tuple[dict[Rival, list[float]], list[str]]:
    """Seconds that each took for the same words, one at a time; and the words."""
    said = [texts.new() for _ in range(count)]
    plan = [
        Message(2.0 * number + offset, rival.webhook_url, text)
        for number, text in enumerate(said)
        for offset, rival in ((0.0, ours), (1.0, theirs))
    ]
    sent = send(plan)
    taken: dict[Rival, list[float]] = {}
    for rival in (ours, theirs):
        rival.wait_for(_already(rival, plan) + count)
        memos = rival.memos()
        taken[rival] = [
            memos[message.chat_id][0] - one.sent_at
            for message, one in zip(plan, sent, strict=True)
            if message.url == rival.webhook_url
        ]
    return taken, said


def turnarounds(rival: Rival, plan: list[Message]) -> list[float]:
    """Seconds from each webhook to its memo's acceptance."""
    before = rival.count()
    sent = send(plan)
    rival.wait_for(before + len(plan))
    accepted = {chat_id: iter(times) for chat_id, times in rival.memos().items()}
    return [
        next(accepted[message.chat_id]) - one.sent_at
        for message, one in zip(plan, sent, strict=True)
    ]


def _already(rival: Rival, plan: list[Message]) -> int:
    """How many memos there are of other messages than those of a plan."""
    chats = {message.chat_id for message in plan}
    return sum(len(times) for chat_id, times in rival.memos().items() if chat_id not in chats)


def _ratio(name: str, taken: dict[Rival, list[float]], *, at_most: float | None = None) -> Figure:
    ours, theirs = (statistics.median(times) for times in taken.values())
    note = "; ".join(f"{rival.name} {median_and_worst(times)}" for rival, times in taken.items())
    return Figure(name, ours / theirs, at_most=at_most, ratio=True, note=note)


def _worst_acknowledgement(sent: list[Sent]) -> float:
    return percentile([one.acknowledged for one in sent], 0.99) * 1000


def _end_of(text: str, ends: dict[str, float]) -> float:
    return next(at for question, at in ends.items() if text in question)


def _speech(url: str) -> dict[str, str]:
    return {
        "MEMO_VOICES": "openai",
        "MEMO_SPEECH_BASE_URL": f"{url}/v1",
        "MEMO_SPEECH_MODEL": "local",
        "MEMO_SPEECH_VOICE": "local",
    }


if __name__ == "__main__":
    sys.exit(main())
