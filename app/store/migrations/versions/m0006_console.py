"""What the console looks up: changes by their time, and voice memos that people sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_index("memo_answers_updated", "memo_answers", ["updated_at"])
    op.add_column("memo_messages", sa.Column("audio", sa.JSON))
