"""What a memo says, where that is not all of its answer; empty where an older process works on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("memo_answers", sa.Column("spoken", sa.Text))
