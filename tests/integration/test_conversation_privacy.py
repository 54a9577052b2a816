"""What is kept of people's words, where, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import choices
from string import ascii_lowercase

import pytest
import sqlalchemy as sa

from app.audio import encode
from app.store.database import Database
from tests.commands import run
from tests.harness import BotHarness, person
from tests.integration.audio_files import tone
from tests.integration.chat_server import ChatServer

RECORDING = encode(tone(), "m4a").data


@pytest.fixture(scope="module")
def transcriber() -> Iterator[ChatServer]:
    with ChatServer().running() as server:
        yield server


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, transcriber: ChatServer) -> Iterator[BotHarness]:
    with BotHarness(
        tmp_path_factory.mktemp("privacy"),
        MEMO_TRANSCRIBE_BASE_URL=transcriber.url,
        MEMO_MAX_SECONDS="5",
        MEMO_RETENTION_DAYS="7",
    ) as bot:
        yield bot


@dataclass
class Secret:
    """A chat with words of its own, which stand nowhere else. Echo puts them into its answers."""

    bot: BotHarness
    transcriber: ChatServer
    chat: str

    @property
    def spoken(self) -> str:
        return f"zanzibar{self.chat}"

    @property
    def written(self) -> str:
        return f"xylophone{self.chat}"

    def speak(self, **options: bool) -> str:
        """Sends a voice memo. Returns the id of the message."""
        self.transcriber.heard = f"Tell me about {self.spoken}"
        return self.bot.record(RECORDING, "a.m4a", "audio/x-m4a", self.chat, **options)

    def converse(self, **options: bool) -> None:
        """A question, a voice memo, an answer too long for its memo, and one that fails."""
        self.bot.ask(f"What is a {self.written}?", self.chat, **options)
        self.bot.over(self.speak(**options))
        long = f"This about the {self.written} is long. " * 12
        self.bot.ask(f"{long} https://example.org/{self.written}", self.chat, **options)
        fault = {"kind": "status", "status": 400, "code": 1005}
        refusing = [{**fault, "endpoint": name} for name in ("voicememo", "messages_send")]
        self.bot.sandbox.faults(refusing)
        assert self.bot.ask(f"No {self.written}?", self.chat, **options).state == "failed"

    def tables(self) -> set[str]:
        """The tables, ours and the durable engine's, in which one of the words stands."""
        return tables_with(self.bot.database, self.spoken, self.written)


@pytest.fixture
def secret(bot: BotHarness, transcriber: ChatServer, request: pytest.FixtureRequest) -> Secret:
    return Secret(bot, transcriber, "".join(choices(ascii_lowercase, k=4)))


def tables_with(database: Database, *words: str) -> set[str]:
    def search(connection: sa.Connection) -> set[str]:
        found = set()
        for name in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')):
                if any(word in str(value) for value in row for word in words):
                    found.add(name)
        return found

    return database.write_sync(search)


def files_with(bot: BotHarness, *words: str) -> list[str]:
    """The database's files in which one of `words` stands."""
    # Whoever closes a file that SQLite has open in the same process takes its locks away.
    bot.database.engine.dispose()
    bot.ledger.close()
    folder = Path(str(bot.database.engine.url.database)).parent
    return [
        file.name
        for file in folder.iterdir()
        if any(word.encode() in file.read_bytes() for word in words)
    ]


def test_of_a_zero_retention_chat_nothing_is_left_once_its_answers_are_over(
    bot: BotHarness, secret: Secret
) -> None:
    secret.converse(zero_retention=True)
    assert len(bot.memos(secret.chat)) == 3
    assert len(bot.sent(secret.chat)) == 4
    assert secret.tables() == set()
    assert files_with(bot, secret.written, secret.spoken) == []
    assert bot.turns(secret.chat) == []
    assert secret.written not in bot.bot.log


def test_of_other_chats_the_durable_engine_keeps_no_words_either(secret: Secret) -> None:
    secret.converse()
    kept = secret.tables()
    assert {"memo_turns", "memo_answers"} <= kept
    assert kept <= {"memo_turns", "memo_answers", "memo_messages"}  # the failed one waits


def test_when_a_line_ceases_to_keep_anything_the_chat_is_forgotten(
    bot: BotHarness, secret: Secret
) -> None:
    bot.ask(f"What is a {secret.written}?", secret.chat)
    assert bot.turns(secret.chat) != []
    bot.ask("And now?", secret.chat, zero_retention=True)
    assert bot.turns(secret.chat) == []


@pytest.mark.parametrize("point", ["compose.kept", "send.posted"])
def test_a_crash_in_a_zero_retention_chat_leaves_nothing_behind(
    bot: BotHarness, secret: Secret, tmp_path: Path, point: str
) -> None:
    bot.restart(TEST_KILL_AT=point, TEST_KILL_ONCE=str(tmp_path / "killed"))
    message = secret.speak(zero_retention=True)
    bot.bot.wait()
    # Not even while the answer is in progress.
    assert secret.tables() == set()
    assert files_with(bot, secret.spoken) == []
    bot.bot.start()
    # Nothing can tell whether a memo went out, so it is not sent again.
    assert bot.over(message).state == ("uncertain" if point == "send.posted" else "sent")
    assert len(bot.sent(secret.chat)) == 1
    assert secret.tables() == set()


def test_a_person_is_forgotten_on_request_and_nobody_else(bot: BotHarness, secret: Secret) -> None:
    secret.converse()
    bot.ask("Remember the marimba", "somebody else")
    assert files_with(bot, secret.written) != []
    done = run("forget", person(secret.chat), environment={"DATABASE_URL": bot.database_url})
    assert done.returncode == 0, done.stderr
    assert "Forgotten" in done.stdout
    assert secret.tables() == set()
    assert files_with(bot, secret.written, secret.spoken) == []
    assert tables_with(bot.database, person(secret.chat)) == set()
    assert bot.turns(secret.chat) == []
    assert bot.turns("somebody else")[0] == ("user", "Remember the marimba")
    assert bot.ask("Hello again", secret.chat).state == "sent"


def test_words_are_erased_from_tables_and_files_when_their_time_has_come(
    bot: BotHarness, secret: Secret
) -> None:
    secret.converse()
    assert files_with(bot, secret.written) != []
    bot.restart(MEMO_RETENTION_DAYS="0.000001")
    bot.wait(lambda: secret.tables() == set())
    bot.bot.stop()
    assert files_with(bot, secret.written, secret.spoken) == []
    bot.restart(MEMO_RETENTION_DAYS="7")
    assert bot.ask("Are you still there?", secret.chat).state == "sent"
