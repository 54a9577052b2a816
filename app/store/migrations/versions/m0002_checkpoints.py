"""Checkpoints of answers, and the responder's own code.

Only columns that may be empty are added, so that a process of the version before goes on working
on the same database during a deploy.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("memo_answers", sa.Column("checkpoint", sa.JSON))
    op.add_column("memo_answers", sa.Column("responder_code", sa.String(64)))
