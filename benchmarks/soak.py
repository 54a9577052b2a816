"""Messages while processes are killed and everything goes wrong, then an audit of the sandbox.

    python -m benchmarks.soak --messages 300 --chats 40 --kills 50 --faults 0.1
    python -m benchmarks.soak --database postgres --serves 2 --workers 1 --never-restart 1

Processes get SIGKILL at random moments and at random named points of an answer; their audio workers
get SIGKILL, or SIGSTOP as if they hung. Exits with 1 and
the offending messages, with what ledger and logs say of them, if any message was lost, answered
twice, or answered out of order; see `tests.faults.audit` for what that means.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from app.sandbox import SandboxConfig
from benchmarks.soak_outcome import Outcome, Plan, turnarounds
from tests.audio_worker_faults import send, worker_pids
from tests.balancer import Balancer
from tests.bot import Bot
from tests.faults.audit import audit
from tests.faults.counting_voice import WORD
from tests.faults.counting_voice import __file__ as counting_voice
from tests.faults.fault_matrix import everything
from tests.faults.points import STORIES
from tests.ledger import Ledger
from tests.postgres import PostgresServer, find_postgres
from tests.sandbox_server import SandboxServer

POINTS = (*STORIES["memo"], *STORIES["text"])


class Soak:
    """One soak: sandbox, database, router and processes, all on this machine."""

    def __init__(self, plan: Plan, database_url: str, folder: Path) -> None:
        self._plan = plan
        self._kill_file = folder / "kill-at"
        self._url = database_url
        self._random = random.Random(plan.seed)
        self._ledger = Ledger(database_url)
        self._bots: list[Bot] = []
        self._away: list[Bot] = []
        self._kills: Counter[str] = Counter()
        self._worker_kills: Counter[str] = Counter()
        self._stopped_workers: list[int] = []
        self._said: Counter[str] = Counter()
        self._sandbox = SandboxServer(
            SandboxConfig(retry_delays=(0.1, 0.2, 0.4, *(0.8,) * 200), rate_limit=None)
        )

    def run(self) -> Outcome:
        plan = self._plan
        with ExitStack() as stack:
            stack.enter_context(self._sandbox)
            stack.callback(self._kill_all)
            commands = ["serve"] * plan.serves + ["worker"] * plan.workers
            self._bots = [self._bot(command) for command in commands]
            balancer = stack.enter_context(Balancer(self._serving))
            self._sandbox.point_at(f"http://127.0.0.1:{balancer.port}/webhooks/linq")
            for bot in self._bots:
                bot.start()
            if plan.faults:
                self._sandbox.faults(everything(plan.faults, plan.seed))
            began = time.monotonic()
            deadline = began + plan.timeout
            for number in range(plan.kills):
                self._say_until(round(plan.messages * (number + 1) / (plan.kills + 1)))
                if time.monotonic() < deadline:
                    self._kill_workers(number)
                    self._kill_one(number)
            self._say_until(plan.messages)
            finished = self._wait_until_over(deadline)
            return self._outcome(finished, time.monotonic() - began)

    def _bot(self, command: str) -> Bot:
        line = f"{sys.executable} -I -S {counting_voice} {{text_file}} {{output}}"
        environment = {
            "MEMO_VOICES": "command",
            "MEMO_VOICE_COMMAND": line,
            "TEST_KILL_FILE": str(self._kill_file),
            "TEST_POST_SECONDS": "2",
            "TEST_HISTORY_LAG_SECONDS": "1",
        }
        return Bot(self._sandbox, self._url, command=command, environment=environment)

    def _serving(self) -> list[int]:
        """The ports of the web processes, in whatever order."""
        ports = [bot.port for bot in self._bots if bot.command == "serve"]
        return random.sample(ports, len(ports))

    def _say_until(self, total: int) -> None:
        """Let people write, a few at a time, until so many messages are out."""
        while (so_far := self._said.total()) < total:
            # The first messages open all chats.
            chat = so_far if so_far < self._plan.chats else self._random.randrange(self._plan.chats)
            name = f"chat {chat}"
            self._said[name] += 1
            self._sandbox.inbound(
                f"In {name}: {f'{WORD} ' * self._said[name]}",
                chat=name,
                sender=f"+1312556{chat:04}",
            )
            time.sleep(self._random.expovariate(1 / 0.02))

    def _kill_one(self, number: int) -> None:
        """One process dies, at a random moment or at a named point, and comes back."""
        alive = [bot for bot in self._bots if bot not in self._away]
        point = self._random.choice(POINTS) if self._random.random() < 0.5 else ""
        bot = self._killed_at(point, alive) if point else None
        if bot is None:
            time.sleep(self._random.uniform(0.0, 0.6))
            bot, point = self._random.choice(alive), "moment"
            bot.kill()
        self._kills[point] += 1
        due = number >= self._plan.kills // 2 and len(self._away) < self._plan.never_restart
        if due and self._leaves_a_door(bot):
            self._away.append(bot)
        else:
            bot.start()

    def _kill_workers(self, number: int) -> None:
        """Audio workers of some process are killed or hang, their share at a time."""
        due = round(self._plan.worker_kills * (number + 1) / self._plan.kills)
        while self._worker_kills.total() < due:
            pids = [pid for bot in self._bots for pid in self._workers_of(bot)]
            if not pids:  # the next process has not started any yet
                return
            pid = self._random.choice(pids)
            hangs = self._worker_kills.total() % 5 == 4
            if send(pid, signal.SIGSTOP if hangs else signal.SIGKILL):
                self._worker_kills["stopped" if hangs else "killed"] += 1
                self._stopped_workers += [pid] * hangs
            time.sleep(self._random.uniform(0.0, 0.1))

    def _workers_of(self, bot: Bot) -> list[int]:
        if bot.process is None or bot.process.poll() is not None:
            return []
        return [pid for pid in worker_pids(bot) if pid not in self._stopped_workers]

    def _killed_at(self, point: str, alive: list[Bot]) -> Bot | None:
        """The process that was first at a point and died there; None if none came by."""
        written = self._kill_file.with_suffix(".new")
        written.write_text(point)
        written.rename(self._kill_file)
        deadline = time.monotonic() + 5
        while True:
            for bot in alive:
                if bot.process and bot.process.poll() is not None:
                    return bot
            if time.monotonic() > deadline:
                try:
                    self._kill_file.unlink()
                except FileNotFoundError:
                    deadline += 5  # somebody has taken it and is about to die
                else:
                    return None
            time.sleep(0.02)

    def _leaves_a_door(self, bot: Bot) -> bool:
        """Whether some other process still takes webhooks in."""
        gone = [*self._away, bot]
        return any(one.command == "serve" for one in self._bots if one not in gone)

    def _wait_until_over(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            if not self._ledger.underway() and len(self._ledger.answers()) == self._said.total():
                # What webhooks tell at the very end may ask for a text instead of a memo.
                told = not self._sandbox.counts()["deliveries_underway"]
                if told and not self._ledger.queued():
                    return True
            time.sleep(0.3)
        return False

    def _outcome(self, finished: bool, elapsed: float) -> Outcome:
        state = self._sandbox.state()
        answers = self._ledger.answers()
        result = Outcome(
            plan=self._plan,
            audit=audit(state),
            finished=finished,
            kills=self._kills,
            worker_kills=self._worker_kills,
            struck=Counter(
                {
                    f"{one['endpoint']} {one['kind']} {one['status'] or ''}": one["triggered"]
                    for one in state["faults"]
                    if one["triggered"]
                }
            ),
            states=Counter(answer.state for answer in answers),
            elapsed=elapsed,
            turnarounds=turnarounds(state),
            most_runs=max((answer.runs for answer in answers), default=0),
        )
        for offence in result.audit.offences[:20]:
            result.evidence += [str(offence), *self._evidence(offence.message_id or "")]
        for answer in answers:
            if answer.state in ("failed", "uncertain"):
                result.evidence.append(f"{answer.state}: {answer.reason}: {answer.detail}")
                result.evidence += self._evidence(answer.answer_id.removeprefix("answer:"))
        return result

    def _evidence(self, message_id: str) -> list[str]:
        """What the ledger and the logs say of a message."""
        if not message_id:
            return []
        found = self._ledger.find(message_id)
        if found is None:
            return ["  the ledger does not know it"]
        lines = [f"  {found}"]
        lines += [f"  {one}" for one in self._ledger.sends(found.answer_id)]
        for number, bot in enumerate(self._bots):
            for line in bot.log.splitlines():
                if message_id in line or found.answer_id in line:
                    lines.append(f"  {bot.command} {number}: {line[:400]}")
        return lines

    def _kill_all(self) -> None:
        for bot in self._bots:
            if bot.process:
                bot.kill()
        for pid in self._stopped_workers:  # one that stands still does not notice
            send(pid, signal.SIGKILL)


def soak(plan: Plan) -> Outcome:
    """Run a soak on the database it names: `sqlite`, `postgres` or an address."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        url = plan.database
        if plan.database == "sqlite":
            url = f"sqlite:///{folder / 'soak.db'}"
        elif plan.database == "postgres":
            programs = find_postgres()
            if programs is None:
                raise SystemExit("PostgreSQL's server programs (initdb, pg_ctl) are not installed")
            server = stack.enter_context(PostgresServer(programs, folder))
            url = server.new_database()
        return Soak(plan, url, folder).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, default in vars(Plan()).items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=type(default), default=default, metavar="X"
        )
    outcome = soak(Plan(**vars(parser.parse_args())))
    print(outcome)
    sys.exit(0 if outcome.good else 1)


if __name__ == "__main__":
    main()
