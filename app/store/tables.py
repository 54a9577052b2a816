"""The tables of our own, beside those of DBOS in the same database. Times are Unix seconds, UTC.

Some columns and tables keep the names under which older versions stored them, because a process of
the version before may still work on the database while this one starts. Code uses the new names.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

messages = Table(
    "memo_messages",
    metadata,
    # One row per message received, however often it is delivered: the key is what dedupes.
    Column("message_id", String(128), primary_key=True),
    Column("event_id", String(128), nullable=False),
    Column("chat_id", String(128), nullable=False),
    Column("sender", String(320), nullable=False),
    Column("service", String(32), nullable=False),
    Column("is_group", Boolean, nullable=False),
    Column("sent_at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    # waiting → answering → done, or ignored at once; `reason` says why.
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("answer_id", String(160)),
    # What is needed to answer; emptied once the answer is over.
    Column("payload", JSON),
    # Attachment ids of its voice memos, to be listened to; erased with the words.
    Column("audio", JSON(none_as_null=True)),
    Index("memo_messages_waiting", "chat_id", "state", "sent_at"),
    Index("memo_messages_answer", "answer_id"),
    Index("memo_messages_sender", "sender", "received_at"),
    Index("memo_messages_received", "received_at"),
)

answers = Table(
    "memo_answers",
    metadata,
    # The id is the id of the durable workflow.
    Column("answer_id", String(160), primary_key=True),
    Column("chat_id", String(128), nullable=False),
    Column("origin", String(16), nullable=False),
    # waiting, working, then one end: sent, silent, collected, refused, failed, uncertain.
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False, default=""),
    # The responder's own code for what it said, e.g. `rule:opening-hours`.
    Column("responder_code", String(64)),
    Column("detail", Text),
    # How often a process began it; also the token without which a run may store nothing more.
    Column("runs", Integer, nullable=False, default=0),
    # The last finished step and the run that finished it (`app/answers/checkpoints.py`). No words.
    Column("checkpoint", JSON),
    # What is said, and what of it did not fit into the memo; erased with the retention.
    Column("text", Text),
    Column("rest", Text),
    # What goes out in writing beside the memo, word for word; erased with the words.
    Column("written", Text),
    # What the memo says where that is not `text`, which then holds all that is in `written`, too.
    Column("spoken", Text),
    # For whoever takes the chat over after this answer: one line of what it is about.
    Column("summary", Text),
    Column("language", String(64)),
    Column("voice", String(128)),
    Column("reply_as", String(16)),
    Column("engine", String(32)),
    Column("seconds", Float),
    Column("bytes", Integer),
    Column("service", String(32)),
    # Where the memo and the text stand with Linq: queued, sent, delivered, read, failed.
    Column("memo_message_id", String(128)),
    Column("memo_status", String(32)),
    Column("text_message_id", String(128)),
    Column("text_status", String(32)),
    # What the person thinks of it, by tapback: 1 or -1.
    Column("rating", Integer),
    # Seconds spent per stage, e.g. {"compose": 0.01, "record": 0.2}.
    Column("timings", JSON),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("memo_answers_state", "state", "created_at"),
    Index("memo_answers_chat", "chat_id", "created_at"),
    Index("memo_answers_updated", "updated_at"),
    Index("memo_answers_memo", "memo_message_id"),
    Index("memo_answers_text", "text_message_id"),
)

sends = Table(
    "memo_sends",
    metadata,
    # One row per attempt to post a memo, written before the post: the intent.
    Column("send_id", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", String(160), ForeignKey("memo_answers.answer_id"), nullable=False),
    Column("chat_id", String(128), nullable=False),
    # What history and webhooks are searched for: attachment id, or the file name of a memo by URL.
    Column("needle", String(255), key="media_key", nullable=False),  # stored name
    Column("begun_at", Float, nullable=False),
    # open, accepted, not_sent (repeatable), refused, uncertain
    Column("outcome", String(16), nullable=False),
    Column("message_id", String(128)),
    Column("code", Integer),
    Column("closed_at", Float),
    Index("memo_sends_answer", "answer_id"),
    Index("memo_sends_needle", "media_key"),  # stored name
    Index("memo_sends_message", "message_id"),
)

chats = Table(
    "memo_chats",
    metadata,
    Column("chat_id", String(128), primary_key=True),
    Column("handle", String(320)),
    Column("reply_as", String(16)),
    Column("silent_until", Float),
    Column("noticed_at", Float),
    # Whether Linq keeps nothing of the chat, so that nothing of it is kept here either.
    Column("zero_retention", Boolean),
    # When the person began to type, and stopped, last.
    Column("typing_at", Float),
    Column("typed_until", Float),
    # Who has the chat until `silent_until`, where that is not the bot (`app/store/desk.py`).
    Column("desk_state", String(16)),
    Column("desk_reason", String(16)),
    # One line of what it is about, in the person's words; erased with the words.
    Column("desk_summary", Text),
    Column("desk_since", Float),
    # The answer that handed the chat over, so that it does so once.
    Column("desk_answer_id", String(160)),
    # Turns before this are no longer shown to responders.
    Column("history_from", Float),
    Column("updated_at", Float, nullable=False),
    Index("memo_chats_handle", "handle"),
    Index("memo_chats_desk", "desk_state", "silent_until"),
    Index("memo_chats_updated", "updated_at"),
)

turns = Table(
    "memo_turns",
    metadata,
    Column("turn_id", Integer, primary_key=True, autoincrement=True),
    Column("chat_id", String(128), nullable=False),
    # Unique per role and answer, so that a turn retold after a crash is not told twice.
    Column("answer_id", String(160), nullable=False),
    Column("role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index("memo_turns_chat", "chat_id", "at"),
    Index("memo_turns_answer", "answer_id", "role", unique=True),
)

colleague_messages = Table(
    "memo_colleague_messages",
    metadata,
    # Messages that somebody else sent from our line; their words are turns of the chat.
    Column("message_id", String(128), primary_key=True),
    Column("chat_id", String(128), nullable=False),
    Column("at", Float, nullable=False),
    Index("memo_colleague_messages_chat", "chat_id", "at"),
    Index("memo_colleague_messages_at", "at"),
)

recordings = Table(
    "memo_recordings",
    metadata,
    # What a colleague recorded, until it is sent.
    Column("answer_id", String(160), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
)

alerts = Table(
    "memo_alerts",
    metadata,
    # One row per alert that is to go out: of a hand-over, and its reminder.
    Column("alert_id", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("chat_id", String(128), nullable=False),
    Column("answer_id", String(160), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    # When it is over, and how: sent, dropped (nobody waits any more), failed.
    Column("ended_at", Float),
    Column("outcome", String(16)),
    Column("detail", Text),
    Index("memo_alerts_due", "ended_at", "due_at"),
    Index("memo_alerts_chat", "chat_id"),
)

pending_receipts = Table(
    "memo_news",  # stored name
    metadata,
    # Delivery receipts of messages that came before we knew them to be ours.
    Column("message_id", String(128), primary_key=True),
    Column("status", String(32), nullable=False),
    Column("at", Float, nullable=False),
)

clips = Table(
    "memo_clips",
    metadata,
    Column("clip_key", String(64), primary_key=True),
    Column("attachment_id", String(128), nullable=False),
    Column("engine", String(32), nullable=False),
    Column("language", String(64), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Index("memo_clips_created", "created_at"),
)

published = Table(
    "memo_published",
    metadata,
    # Memos that the bot serves itself (MEMO_DELIVERY=url), under an unguessable token.
    Column("token", String(64), primary_key=True),
    Column("answer_id", String(160), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("mime_type", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("expires_at", Float, nullable=False),
    Index("memo_published_expires", "expires_at"),
    Index("memo_published_answer", "answer_id"),
)

executors = Table(
    "memo_executors",
    metadata,
    # One row per process that answers; a silent one's answers are taken over by the others.
    Column("executor_id", String(128), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("beat_at", Float, nullable=False),
    Column("stopped_at", Float),
    Column("rescued_at", Float),
)

subscriptions = Table(
    "memo_subscriptions",
    metadata,
    # One row per address of ours that the bot has subscribed to Linq's webhooks.
    Column("address", String(512), primary_key=True),
    Column("subscription_id", String(128)),
    # The signing secret, sealed with a key derived from the API key, and the one before it.
    Column("secret", Text),
    Column("previous_secret", Text),
    Column("changed_at", Float),
    # The process that is at work on the subscription, and until when nobody else may be.
    Column("holder", String(128)),
    Column("held_until", Float),
)
