"""What goes out in writing beside a memo; it may be empty, for older processes work on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("memo_answers", sa.Column("written", sa.Text))
