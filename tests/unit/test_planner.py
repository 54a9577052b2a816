"""What needs a memory and a clock: limits, hand-overs, stops, languages, turns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from app.answers.claims import Claim, claim_answer
from app.answers.composer import Composer
from app.answers.delivery import Delivery
from app.answers.memo_maker import MemoMaker
from app.answers.outcome import AnswerOutcome, finish_answer
from app.answers.planner import MOST_DEATHS_COMPOSING, MOST_DEATHS_IN_STEP, AnswerPlanner
from app.answers.renewal import MOST_RENEWALS, QuestionOutdated, Renewal
from app.answers.reply import ReplyPlan, ReplySender
from app.answers.timing import Timing
from app.answers.typing_indicator import TypingIndicators
from app.answers.workflow import MOST_RUNS
from app.linq.client import LinqClient
from app.linq.events import InboundMessage, Part
from app.policy import Limits
from app.responders.protocol import Answer, Question
from app.settings import Settings, load_settings
from app.speech.synthesizer import Synthesizer
from app.store import chat_context, conversations, ledger, messages, retention, transitions
from app.store import desk as who
from app.store.database import Database
from app.store.ledger import AnswerRecord, State
from app.store.sealing import Sealer
from app.store.tables import answers
from app.store.transitions import AnswerLost, Run
from app.telemetry import Metrics
from app.transcription import VoiceMemoTranscriber

WINDOW = 600.0
SEALER = Sealer("key")
LIMIT = 3


@dataclass
class Scripted:
    """A responder that says what it is told to, and keeps what it was asked."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """What happens while it works out one answer after the other."""
    answer_: Answer = field(default_factory=lambda: Answer("Fine.", language="en", reason="ok"))
    questions: list[Question] = field(default_factory=list)

    async def answer(self, question: Question) -> Answer:
        self.questions.append(question)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return self.answer_

    async def aclose(self) -> None: ...


class Desk:
    """The composer on a real database, with a clock that the test sets."""

    def __init__(self, database_url: str, **settings: Any) -> None:
        self.settings: Settings = load_settings(sender_limit=LIMIT, **settings)
        self.database = Database(database_url)
        self.database.migrate()
        self.responder = Scripted()
        self.later = 0.0
        self._count = 0
        self._runner = asyncio.Runner()
        self._runner.run(self._open())

    async def _open(self) -> None:
        self._linq = LinqClient("key", "http://127.0.0.1:1")
        self._transcriber = VoiceMemoTranscriber(None)
        self._synthesizer = Synthesizer.from_settings(self.settings)
        self._typing = TypingIndicators(self._linq, 60.0)
        composer = Composer(self.settings, self._linq, self._transcriber, self.responder)
        metrics = Metrics()
        sender = ReplySender(
            self.database,
            MemoMaker(self.settings, self.database, self._linq, self._synthesizer),
            Delivery(self.database, self._linq, Timing()),
            SEALER,
            metrics,
            Renewal(SEALER, collects=True),
        )
        limits = Limits.per_sender(LIMIT, WINDOW)
        self._planner = AnswerPlanner(
            self.database,
            composer,
            sender,
            limits,
            SEALER,
            metrics,
            Renewal(SEALER, collects=True),
            now=self.now,
        )

    def close(self) -> None:
        for part in (self._typing, self._linq, self._transcriber, self._synthesizer):
            self._runner.run(part.aclose())
        self._runner.close()
        self.database.close()

    def now(self) -> float:
        return time.time() + self.later

    def accept(
        self, text: str, chat: str = "chat", *, ignore: str | None = None, **changes: Any
    ) -> InboundMessage:
        """A message comes in."""
        self._count += 1
        message = InboundMessage(
            event_id="event",
            message_id=f"m{self._count}",
            chat_id=chat,
            sender="+13125550177",
            parts=(Part("text", text=text),),
            sent_at=datetime.fromtimestamp(self.now(), UTC),
        )
        message = replace(message, **changes)
        self.database.write_sync(
            lambda c: messages.accept(
                c, message, ignore=ignore, sealer=SEALER, enqueue=lambda *_: None
            )
        )
        return message

    def say(
        self, *texts: str, chat: str = "chat", state: State = "sent", **changes: Any
    ) -> AnswerRecord:
        """Messages come in and are answered together; the answer ends in `state`."""
        for text in texts:
            message = self.accept(text, chat, **changes)
        return self.answer(message, state)

    def answer(self, message: InboundMessage, state: State = "sent") -> AnswerRecord:
        """What waits in the chat of `message` is answered, under the name of this message."""
        answer_id = f"answer:{message.message_id}"
        plan, run = self.plan(answer_id)
        if isinstance(plan, AnswerOutcome):
            return self.database.write_sync(
                lambda c: finish_answer(c, run, message.chat_id, plan, None, self.now())
            )
        outcome = AnswerOutcome(state if plan.composed.forms else "silent", plan.composed.reason)

        def finish(connection: sa.Connection) -> AnswerRecord:
            connection.execute(
                answers.update()
                .where(answers.c.answer_id == answer_id, answers.c.language.is_(None))
                .where(answers.c.text.is_not(None))
                .values(language="en")
            )
            return finish_answer(connection, run, message.chat_id, outcome, plan.update, self.now())

        return self.database.write_sync(finish)

    def plan(
        self, answer_id: str, *, tries: int = 0, renewals: int = 0
    ) -> tuple[ReplyPlan | AnswerOutcome, Run]:
        """Begin a run of an answer and work out what it is to be.

        tries: how often this process has begun it before.
        """
        found = self.claim(answer_id)
        assert found is not None
        claim = found.after(tries, renewals)

        async def main() -> ReplyPlan | AnswerOutcome:
            async with self._typing.during(claim.record.chat_id) as typing:
                return await self._planner.plan(claim, typing)

        return self._runner.run(main()), claim.run

    def claim(self, answer_id: str) -> Claim | None:
        return self.database.write_sync(
            lambda c: claim_answer(
                c, answer_id, SEALER, collect=True, window_seconds=WINDOW, now=self.now()
            )
        )

    def age(self, answer_id: str, seconds: float) -> None:
        """Make an answer older."""
        made_older = (
            answers.update()
            .where(answers.c.answer_id == answer_id)
            .values(created_at=answers.c.created_at - seconds)
        )
        self.database.write_sync(lambda c: c.execute(made_older))

    def state(self, chat: str = "chat") -> tuple[str | None, str, str]:
        """Who has the chat, why, and what it is about."""
        found = self.database.read_sync(lambda c: who.of_chat(c, chat, self.now()))
        return found.state, found.reason, found.summary

    def take(self, seconds: float, chat: str = "chat") -> None:
        self.database.write_sync(lambda c: who.take(c, chat, now=self.now(), seconds=seconds))

    def give_back(self, chat: str = "chat") -> None:
        assert self.database.write_sync(lambda c: who.give_back(c, chat, self.now()))

    def turns(self, chat: str = "chat") -> list[tuple[str, str]]:
        history = self.database.read_sync(lambda c: conversations.history(c, chat))
        return [(turn.role, turn.text) for turn in history]


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    desk = Desk(sqlite_url)
    yield desk
    desk.close()


@pytest.fixture
def any_desk(database_url: str) -> Iterator[Desk]:
    """On either kind of database."""
    desk = Desk(database_url)
    yield desk
    desk.close()


# Limits -------------------------------------------------------------------------------------


def test_after_the_limit_comes_one_notice_then_silence_and_later_answers_again(desk: Desk) -> None:
    reasons = [desk.say(f"Message {number}").reason for number in range(LIMIT)]
    assert reasons == ["answer"] * LIMIT
    notice, silence = desk.say("One more"), desk.say("And one more")
    assert (notice.state, notice.reason) == ("sent", "limited")
    assert "Please give me a few minutes" in (notice.text or "")
    assert (silence.state, silence.reason, silence.text) == ("silent", "limited", None)
    desk.later = WINDOW - 60
    assert desk.say("Still too early").state == "silent"
    desk.later = WINDOW + 1
    assert desk.say("Now?").reason == "answer"


def test_it_is_answers_that_are_counted_and_not_messages(any_desk: Desk) -> None:
    assert any_desk.say("Several", "quick", "messages", "at once").reason == "answer"
    for _ in range(LIMIT):
        any_desk.accept("STOP", ignore="opt_out", sent_at=datetime(2026, 1, 1, tzinfo=UTC))
        any_desk.say("This one fails", state="failed")
    assert [any_desk.say(f"Message {number}").reason for number in range(LIMIT - 1)] == [
        "answer"
    ] * 2
    assert any_desk.say("Too many").reason == "limited"


def test_who_goes_on_writing_while_limited_is_not_limited_for_ever(desk: Desk) -> None:
    for number in range(LIMIT + 5):
        desk.say(f"Message {number}")
    desk.later = WINDOW + 1
    assert desk.say("Hello again").reason == "answer"


def test_a_notice_that_did_not_go_out_is_given_again(desk: Desk) -> None:
    for number in range(LIMIT):
        desk.say(f"Message {number}")
    assert desk.say("Too many", state="failed").reason == "limited"
    assert desk.say("Too many").state == "sent"
    assert desk.say("Too many").state == "silent"


def test_the_notice_itself_counts_for_no_limit(desk: Desk) -> None:
    answered = [desk.say(f"Message {number}").answer_id for number in range(LIMIT)]
    assert desk.say("Too many").reason == "limited"
    for answer_id in answered:
        desk.age(answer_id, WINDOW + 1)
    assert [desk.say(f"Message {number}").reason for number in range(LIMIT)] == ["answer"] * LIMIT


def test_people_without_a_handle_do_not_share_a_limit(desk: Desk) -> None:
    for number in range(LIMIT + 2):
        assert desk.say("Hello", chat=f"chat {number}", sender="").reason == "answer"


# Hand-over ----------------------------------------------------------------------------------


def test_a_chat_handed_over_is_silent_for_the_set_time(desk: Desk) -> None:
    desk.responder.answer_ = Answer("A colleague will call you.", hand_over_seconds=7200)
    assert desk.say("A person, please").state == "sent"
    desk.later = 7100
    assert (desk.say("Hello?").reason, desk.say("Anybody?").state) == ("hand_over", "silent")
    assert desk.say("Hello", chat="another").state == "sent"
    desk.later = 7300
    assert desk.say("Hello?").state == "sent"


def test_the_answer_that_hands_over_is_given_even_if_the_process_dies_before(desk: Desk) -> None:
    """Composing again, as after a crash, does not find the chat handed over already."""
    desk.responder.answer_ = Answer("A colleague will call you.", hand_over_seconds=7200)
    message = desk.accept("A person, please")
    for _ in range(2):
        plan, _ = desk.plan("answer:m1")
        assert isinstance(plan, ReplyPlan)
        assert plan.composed.forms == ("voice",)
    assert len(desk.responder.questions) == 1
    assert desk.answer(message).state == "sent"
    assert desk.state() == ("waiting", "other", "A person, please")


def test_what_is_said_while_a_person_is_waited_for_is_kept_and_not_answered(desk: Desk) -> None:
    desk.responder.answer_ = Answer("A colleague will call you.", hand_over_seconds=7200)
    desk.say("A person, please")
    assert desk.say("Hello?").reason == "hand_over"
    assert desk.turns() == [("user", "Hello?")], "what was said before does not count any more"


def test_a_chat_that_a_person_has_taken_is_not_made_to_wait(desk: Desk) -> None:
    desk.responder.answer_ = Answer("A colleague will call you.", hand_over_seconds=7200)
    message = desk.accept("A person, please")
    desk.plan("answer:m1")
    desk.take(seconds=600)
    assert desk.answer(message).state == "sent"
    assert desk.state() == ("person", "taken", "")
    desk.later = 700
    assert desk.state() == (None, "", "")


def test_a_chat_given_back_begins_afresh(desk: Desk) -> None:
    desk.responder.answer_ = Answer("A colleague will call you.", hand_over_seconds=7200)
    desk.say("A person, please")
    desk.give_back()
    desk.responder.answer_ = Answer("Fine.")
    assert desk.say("Hello").reason == "answer"
    assert desk.responder.questions[-1].history == ()
    assert desk.state() == (None, "", "")


# Deaths -------------------------------------------------------------------------------------


def test_what_kills_its_process_again_and_again_before_it_is_composed_gets_an_apology(
    desk: Desk,
) -> None:
    message = desk.accept("Poison")
    answer_id = f"answer:{message.message_id}"
    for _ in range(MOST_DEATHS_COMPOSING):
        assert desk.claim(answer_id) is not None  # and dies
    plan, _ = desk.plan(answer_id)
    assert isinstance(plan, ReplyPlan)
    assert (plan.composed.forms, plan.composed.reason) == (("text",), "cannot_answer")
    assert desk.responder.questions == []


def test_what_kills_its_process_again_and_again_while_it_is_spoken_is_written(desk: Desk) -> None:
    message = desk.accept("Hello")
    answer_id = f"answer:{message.message_id}"
    first, _ = desk.plan(answer_id)
    assert isinstance(first, ReplyPlan)
    assert first.composed.forms == ("voice",)
    for _ in range(MOST_DEATHS_IN_STEP - 1):
        assert desk.claim(answer_id) is not None  # and dies
    plan, _ = desk.plan(answer_id)
    assert isinstance(plan, ReplyPlan)
    assert (plan.composed.forms, plan.text) == (("text",), "Fine.")
    assert len(desk.responder.questions) == 1


def test_a_process_that_tries_again_has_not_died_of_the_answer(desk: Desk) -> None:
    """As long as a disk is full or files have run out, one process may begin it very often."""
    message = desk.accept("Hello")
    answer_id = f"answer:{message.message_id}"
    for _ in range(2 * MOST_RUNS):
        found = desk.claim(answer_id)
    assert found is not None
    assert found.lives > MOST_RUNS
    assert found.after(2 * MOST_RUNS - 1, 0).lives == 1
    plan, _ = desk.plan(answer_id, tries=2 * MOST_RUNS)
    assert isinstance(plan, ReplyPlan)
    assert (plan.composed.forms, plan.text) == (("voice",), "Fine.")


# Stops --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["opt_out", "asked_to_stop"])
def test_who_asks_to_stop_meanwhile_gets_no_answer(desk: Desk, reason: str) -> None:
    message = desk.accept("Are you open?")
    desk.accept("stop", ignore=reason)
    answer = desk.answer(message)
    assert (answer.state, answer.reason) == ("silent", reason)
    assert desk.responder.questions == []


def test_what_is_asked_after_a_stop_is_answered_and_what_was_asked_before_is_not(
    any_desk: Desk,
) -> None:
    any_desk.accept("Before")
    any_desk.accept("STOP", ignore="opt_out")
    assert any_desk.answer(any_desk.accept("After")).state == "sent"
    assert [one.text for one in any_desk.responder.questions] == ["After"]


def test_a_stop_in_another_chat_or_by_another_person_does_not_count(desk: Desk) -> None:
    message = desk.accept("Are you open?")
    desk.accept("STOP", "another chat", ignore="opt_out")
    desk.accept("STOP", ignore="opt_out", sender="+13125550188")
    assert desk.answer(message).state == "sent"


def test_a_stop_while_the_memo_is_made_is_known_before_it_is_sent(any_desk: Desk) -> None:
    message = any_desk.accept("Are you open?")
    answer_id = f"answer:{message.message_id}"
    any_desk.claim(answer_id)
    assert any_desk.database.read_sync(lambda c: chat_context.all_stopped(c, answer_id)) is None
    any_desk.accept("Stop!", ignore="asked_to_stop")
    assert (
        any_desk.database.read_sync(lambda c: chat_context.all_stopped(c, answer_id))
        == "asked_to_stop"
    )


# Languages ----------------------------------------------------------------------------------


def photo(**changes: Any) -> dict[str, Any]:
    return {"parts": (Part("media", filename="IMG_1.heic"),), **changes}


@pytest.mark.parametrize(
    ("before", "language"),
    [("Wie lange dauert die Lieferung bei Ihnen?", "de"), ("¿Cuánto cuesta el envío?", "es")],
)
def test_the_bot_speaks_the_language_that_the_person_wrote(
    desk: Desk, before: str, language: str
) -> None:
    desk.responder.answer_ = Answer("OK.")
    desk.say(before)
    told = desk.say("", **photo())
    assert (told.reason, told.language) == ("cannot_see", language)


def test_the_bot_speaks_the_language_in_which_the_person_was_answered(any_desk: Desk) -> None:
    any_desk.responder.answer_ = Answer("1234", language="nl")
    any_desk.say("42")
    assert any_desk.say("", **photo()).language == "nl"


def test_a_set_language_wins(sqlite_url: str) -> None:
    desk = Desk(sqlite_url, language="fr")
    desk.say("How long does the delivery take, please?")
    assert desk.say("", **photo()).language == "fr"
    desk.close()


def test_a_stranger_who_wrote_nothing_is_spoken_to_in_english(desk: Desk) -> None:
    assert desk.say("", **photo()).language == "en"


# Turns --------------------------------------------------------------------------------------


def test_only_what_went_out_is_remembered_as_said(desk: Desk) -> None:
    desk.say("First")
    desk.say("Second", state="failed")
    desk.responder.answer_ = Answer(silent=True)
    desk.say("Third")
    assert desk.turns() == [
        ("user", "First"),
        ("assistant", "Fine."),
        ("user", "Second"),
        ("user", "Third"),
    ]


def test_what_is_said_about_the_bot_is_no_turn(desk: Desk) -> None:
    for text in ("text please", "/reset"):
        desk.say(text)
    desk.say("", **photo())
    assert desk.turns() == []


def test_a_chat_remembers_a_bounded_number_of_turns(any_desk: Desk) -> None:
    answered = conversations.KEPT_TURNS // 2 + 5
    any_desk.say("In another chat", chat="another")
    for number in range(answered):
        any_desk.later += 2 * WINDOW
        any_desk.say(f"Message {number}")
    kept = any_desk.database.read_sync(lambda c: conversations.history(c, "chat"))
    assert len(kept) == conversations.KEPT_TURNS
    assert (kept[0].text, kept[-2].text) == ("Message 5", f"Message {answered - 1}")
    assert any_desk.turns("another") == [("user", "In another chat"), ("assistant", "Fine.")]


def test_a_zero_retention_chat_is_answered_but_not_remembered(desk: Desk) -> None:
    desk.database.write_sync(lambda c: conversations.keep_nothing(c, "chat", zero_retention=True))
    done = desk.say("My secret", zero_retention=True)
    assert (done.state, done.text) == ("sent", None)
    assert desk.turns() == []
    assert desk.database.read_sync(lambda c: messages.claimed(c, done.answer_id, SEALER)) == []


def test_a_failed_answer_of_a_zero_retention_chat_cannot_be_repeated(any_desk: Desk) -> None:
    any_desk.database.write_sync(
        lambda c: conversations.keep_nothing(c, "chat", zero_retention=True)
    )
    lost = any_desk.say("My secret", state="failed", zero_retention=True)
    kept = any_desk.say("Hello", chat="usual", state="failed")
    assert any_desk.database.write_sync(lambda c: ledger.reopen(c, lost.answer_id)) is None
    assert any_desk.database.write_sync(lambda c: ledger.reopen(c, kept.answer_id)) is not None


# Forgetting ---------------------------------------------------------------------------------


def test_who_is_forgotten_is_forgotten_in_every_chat_and_nobody_else(any_desk: Desk) -> None:
    anna, ben = "+1 (312) 555-0177", "+13125550188"
    any_desk.say("Anna's secret", chat="with Anna", sender="+13125550177")
    any_desk.say("Anna in the group", chat="group", is_group=True, sender="+13125550177")
    any_desk.say("Ben in the group", chat="group", is_group=True, sender=ben)
    any_desk.database.write_sync(
        lambda c: ledger.open_answer(c, "memo:1", "with Anna", "api", text="Unasked", state="sent")
    )
    answer_ids = any_desk.database.write_sync(lambda c: retention.forget_handle(c, anna))
    assert len(answer_ids) == 3
    assert any_desk.turns("with Anna") == []
    assert any_desk.turns("group") == [("user", "Ben in the group"), ("assistant", "Fine.")]
    kept = {
        one.answer_id: one.text for one in any_desk.database.read_sync(ledger.recent) if one.text
    }
    assert list(kept.values()) == ["Fine."]
    assert not kept.keys() & set(answer_ids)
    assert any_desk.database.write_sync(lambda c: retention.forget_handle(c, anna)) == []


def test_words_go_first_and_rows_later(any_desk: Desk) -> None:
    any_desk.say("An old question")
    failed = any_desk.say("One that failed", state="failed")
    waiting = any_desk.accept("One that waits")
    any_desk.database.write_sync(lambda c: retention.erase_words(c, before=time.time() + 1))
    assert any_desk.turns() == []
    assert any_desk.database.write_sync(lambda c: ledger.reopen(c, failed.answer_id)) is None
    assert len(any_desk.database.read_sync(ledger.recent)) == 3
    assert any_desk.answer(waiting).state == "sent"
    any_desk.database.write_sync(lambda c: retention.delete_rows(c, before=time.time() + 1))
    assert any_desk.database.read_sync(ledger.recent) == []


def test_who_is_forgotten_during_an_answer_leaves_nothing_waiting(any_desk: Desk) -> None:
    message = any_desk.accept("My secret")
    waiting = any_desk.accept("Another one", chat="another")
    claim = any_desk.claim(f"answer:{message.message_id}")
    assert claim is not None
    any_desk.database.write_sync(lambda c: retention.forget_handle(c, message.sender))
    assert any_desk.database.read_sync(ledger.oldest_waiting) == 0
    with pytest.raises(AnswerLost):
        any_desk.database.write_sync(lambda c: transitions.check(c, claim.run))
    assert any_desk.claim(f"answer:{waiting.message_id}") is None
    assert any_desk.say("Hello again").state == "sent"


# Newer messages -----------------------------------------------------------------------------


def test_what_comes_while_an_answer_is_composed_is_taken_in_at_most_twice(any_desk: Desk) -> None:
    first = any_desk.accept("Cake for Saturday")
    any_desk.responder.meanwhile = [
        partial(any_desk.accept, text) for text in ("sorry, for Sunday", "and two", "and three")
    ]
    for number in range(MOST_RENEWALS):
        with pytest.raises(QuestionOutdated):
            any_desk.plan("answer:m1", renewals=number)
    plan, _ = any_desk.plan("answer:m1", renewals=MOST_RENEWALS)
    assert isinstance(plan, ReplyPlan)
    assert [one.text for one in any_desk.responder.questions] == [
        "Cake for Saturday",
        "Cake for Saturday\nsorry, for Sunday",
        "Cake for Saturday\nsorry, for Sunday\nand two",
    ]
    assert plan.update.question == "Cake for Saturday\nsorry, for Sunday\nand two"
    claim = any_desk.claim("answer:m4")
    assert claim is not None
    assert [one.message_id for one in claim.messages] == ["m4"], "it gets an answer of its own"
    assert first.message_id == "m1"


def test_a_claim_that_was_stored_unheard_is_noticed_when_it_is_made_again(any_desk: Desk) -> None:
    any_desk.accept("Cake for Saturday")
    claim = any_desk.claim("answer:m1")
    assert claim is not None
    any_desk.accept("sorry, for Sunday")
    renewal = Renewal(SEALER, collects=False)
    for _ in range(2):
        found = any_desk.database.write_sync(lambda c: renewal.outdates(c, claim))
        assert isinstance(found, QuestionOutdated)
    again = any_desk.claim("answer:m1")
    assert again is not None
    assert [one.message_id for one in again.messages] == ["m1", "m2"]
    assert again.finished is None


def test_a_run_that_was_taken_over_claims_nothing(any_desk: Desk) -> None:
    any_desk.accept("Cake for Saturday")
    claim = any_desk.claim("answer:m1")
    assert claim is not None
    any_desk.claim("answer:m1")
    any_desk.accept("sorry, for Sunday")
    renewal = Renewal(SEALER, collects=False)
    with pytest.raises(AnswerLost):
        any_desk.database.write_sync(lambda c: renewal.outdates(c, claim))
    later = any_desk.claim("answer:m2")
    assert later is not None
    assert [one.message_id for one in later.messages] == ["m2"]
