"""People at the desk: who has a chat, what they wrote and recorded, alerts, ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("memo_chats", sa.Column("desk_state", sa.String(16)))
    op.add_column("memo_chats", sa.Column("desk_reason", sa.String(16)))
    op.add_column("memo_chats", sa.Column("desk_summary", sa.Text))
    op.add_column("memo_chats", sa.Column("desk_since", sa.Float))
    op.add_column("memo_chats", sa.Column("desk_answer_id", sa.String(160)))
    op.add_column("memo_chats", sa.Column("history_from", sa.Float))
    op.create_index("memo_chats_desk", "memo_chats", ["desk_state", "silent_until"])
    op.create_index("memo_chats_updated", "memo_chats", ["updated_at"])
    op.add_column("memo_answers", sa.Column("rating", sa.Integer))
    op.add_column("memo_answers", sa.Column("summary", sa.Text))
    op.create_table(
        "memo_colleague_messages",
        sa.Column("message_id", sa.String(128), primary_key=True),
        sa.Column("chat_id", sa.String(128), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("memo_colleague_messages_chat", "memo_colleague_messages", ["chat_id", "at"])
    op.create_index("memo_colleague_messages_at", "memo_colleague_messages", ["at"])
    op.create_table(
        "memo_recordings",
        sa.Column("answer_id", sa.String(160), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "memo_alerts",
        sa.Column("alert_id", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("chat_id", sa.String(128), nullable=False),
        sa.Column("answer_id", sa.String(160), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("outcome", sa.String(16)),
        sa.Column("detail", sa.Text),
    )
    op.create_index("memo_alerts_due", "memo_alerts", ["ended_at", "due_at"])
    op.create_index("memo_alerts_chat", "memo_alerts", ["chat_id"])
