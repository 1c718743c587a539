"""Version 9 has messages about builds that are not sent yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "9"
down_revision = "8"


def upgrade() -> None:
    """Add the table of messages."""
    op.create_table(
        "outgoing_message",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("sent_on", sa.BigInteger(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
    )
