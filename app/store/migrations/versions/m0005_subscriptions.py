"""The bot's own webhook subscription, of which older processes know nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "memo_subscriptions",
        sa.Column("address", sa.String(512), primary_key=True),
        sa.Column("subscription_id", sa.String(128)),
        sa.Column("secret", sa.Text),
        sa.Column("previous_secret", sa.Text),
        sa.Column("changed_at", sa.Float),
        sa.Column("holder", sa.String(128)),
        sa.Column("held_until", sa.Float),
    )
