"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "memo_answers",
        sa.Column("answer_id", sa.String(length=160), nullable=False),
        sa.Column("chat_id", sa.String(length=128), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("rest", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("voice", sa.String(length=128), nullable=True),
        sa.Column("reply_as", sa.String(length=16), nullable=True),
        sa.Column("engine", sa.String(length=32), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("service", sa.String(length=32), nullable=True),
        sa.Column("memo_message_id", sa.String(length=128), nullable=True),
        sa.Column("memo_status", sa.String(length=32), nullable=True),
        sa.Column("text_message_id", sa.String(length=128), nullable=True),
        sa.Column("text_status", sa.String(length=32), nullable=True),
        sa.Column("timings", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id"),
    )
    op.create_index("memo_answers_chat", "memo_answers", ["chat_id", "created_at"], unique=False)
    op.create_index("memo_answers_memo", "memo_answers", ["memo_message_id"], unique=False)
    op.create_index("memo_answers_state", "memo_answers", ["state", "created_at"], unique=False)
    op.create_index("memo_answers_text", "memo_answers", ["text_message_id"], unique=False)
    op.create_table(
        "memo_chats",
        sa.Column("chat_id", sa.String(length=128), nullable=False),
        sa.Column("handle", sa.String(length=320), nullable=True),
        sa.Column("reply_as", sa.String(length=16), nullable=True),
        sa.Column("silent_until", sa.Float(), nullable=True),
        sa.Column("noticed_at", sa.Float(), nullable=True),
        sa.Column("zero_retention", sa.Boolean(), nullable=True),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id"),
    )
    op.create_index("memo_chats_handle", "memo_chats", ["handle"], unique=False)
    op.create_table(
        "memo_clips",
        sa.Column("clip_key", sa.String(length=64), nullable=False),
        sa.Column("attachment_id", sa.String(length=128), nullable=False),
        sa.Column("engine", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("clip_key"),
    )
    op.create_index("memo_clips_created", "memo_clips", ["created_at"], unique=False)
    op.create_table(
        "memo_executors",
        sa.Column("executor_id", sa.String(length=128), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("beat_at", sa.Float(), nullable=False),
        sa.Column("stopped_at", sa.Float(), nullable=True),
        sa.Column("rescued_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("executor_id"),
    )
    op.create_table(
        "memo_messages",
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("chat_id", sa.String(length=128), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("answer_id", sa.String(length=160), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("memo_messages_answer", "memo_messages", ["answer_id"], unique=False)
    op.create_index("memo_messages_received", "memo_messages", ["received_at"], unique=False)
    op.create_index(
        "memo_messages_sender", "memo_messages", ["sender", "received_at"], unique=False
    )
    op.create_index(
        "memo_messages_waiting", "memo_messages", ["chat_id", "state", "sent_at"], unique=False
    )
    op.create_table(
        "memo_published",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("answer_id", sa.String(length=160), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("mime_type", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("memo_published_answer", "memo_published", ["answer_id"], unique=False)
    op.create_index("memo_published_expires", "memo_published", ["expires_at"], unique=False)
    op.create_table(
        "memo_turns",
        sa.Column("turn_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.String(length=128), nullable=False),
        sa.Column("answer_id", sa.String(length=160), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id"),
    )
    op.create_index("memo_turns_answer", "memo_turns", ["answer_id", "role"], unique=True)
    op.create_index("memo_turns_chat", "memo_turns", ["chat_id", "at"], unique=False)
    op.create_table(
        "memo_sends",
        sa.Column("send_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("answer_id", sa.String(length=160), nullable=False),
        sa.Column("chat_id", sa.String(length=128), nullable=False),
        sa.Column("needle", sa.String(length=255), nullable=False),  # stored name
        sa.Column("begun_at", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["memo_answers.answer_id"],
        ),
        sa.PrimaryKeyConstraint("send_id"),
    )
    op.create_index("memo_sends_answer", "memo_sends", ["answer_id"], unique=False)
    op.create_index("memo_sends_message", "memo_sends", ["message_id"], unique=False)
    op.create_index("memo_sends_needle", "memo_sends", ["needle"], unique=False)  # stored name
    op.create_table(
        "memo_news",
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
