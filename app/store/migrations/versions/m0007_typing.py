"""When people type; empty where an older process works on."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("memo_chats", sa.Column("typing_at", sa.Float))
    op.add_column("memo_chats", sa.Column("typed_until", sa.Float))
