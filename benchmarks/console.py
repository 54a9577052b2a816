"""Server time of each page of the console, with 2 000 chats and 10 000 answers.

One chat in twenty waits for a person or has one, and colleagues have written in one in ten.

    python -m benchmarks.console [--database-url URL]

Pages are asked for in this process, so that nothing but the server's own work is measured: its
processor time, since the machine may be busy otherwise, and the time that passed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from app.store import desk
from tests.console import ConsoleClient, store_exchange

CHATS, ANSWERS, ROUNDS = 2_000, 10_000, 7
LIMIT = 0.2  # seconds
WORDS = ("bicycle", "delivery", "unicycle", "weekend", "parking", "invoice", "battery", "return")
PAGES = (
    "/console",
    "/console?state=failed",
    "/console?state=waiting",
    "/console?q=battery+unicycle",
    "/console?q=nowhere",
    "/console?q=0042",
    "/console/chats/chat-42",
    "/console/questions",
    "/console/health",
)


def fill(connection: sa.Connection) -> None:
    """Exchanges of two weeks, one in fifty failed, one in ten not known, one in forty wrong."""
    began = time.time() - 13 * 86_400
    for number in range(ANSWERS):
        first, second = WORDS[number % 8], WORDS[number * 7 // 8 % 8]
        changes: dict[str, object] = {
            "created_at": began + number * 110,
            "question": f"Hello, a question on the {first} and the {second} of order {number}",
            "text": f"The {first} is fine, and so is the {second}; we have looked at it. " * 3,
        }
        if number % 50 == 0:
            changes |= {"state": "failed", "reason": "text_not_sent"}
        if number % 10 == 0:
            changes["responder_code"] = "rule:default"
        if number % 40 == 3:
            changes["rating"] = -1
        if number % 30 == 7:
            changes["summary"] = f"Wants to talk about order {number}"
        store_exchange(connection, number, number * 37 % CHATS, **changes)
    for chat in range(0, CHATS, 10):
        wrote = f"message-{chat}"
        desk.colleague_wrote(
            connection, f"chat-{chat}", wrote, "I am on it.", now=began + chat, seconds=60
        )
    for chat in range(0, CHATS, 20):
        plan = desk.HandOverPlan("asked", "Wants to talk to somebody", 86_400)
        desk.hand_over(connection, f"chat-{chat}", f"answer-{chat}", plan, now=time.time())
        if chat % 40:
            desk.take(connection, f"chat-{chat}", now=time.time(), seconds=1_800)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url")
    url = parser.parse_args().database_url
    with tempfile.TemporaryDirectory() as folder:
        console = ConsoleClient.on(url or f"sqlite:///{Path(folder) / 'console.db'}")
        console.database.write_sync(fill)
        console.log_in()
        for path in PAGES:
            worked, passed = [], []
            for _ in range(ROUNDS):
                started, began = time.process_time(), time.perf_counter()
                size = len(console.get(path))
                worked.append(time.process_time() - started)
                passed.append(time.perf_counter() - began)
            verdict = "ok" if max(worked) < LIMIT else "too slow"
            print(
                f"{path:30} processor: median {median(worked) * 1000:4.0f} ms, "
                f"first {worked[0] * 1000:4.0f} ms; passed: median {median(passed) * 1000:4.0f} ms"
                f"; {len(console.statements)} statements, {size / 1000:.0f} kB  {verdict}"
            )
        console.close()


if __name__ == "__main__":
    main()
