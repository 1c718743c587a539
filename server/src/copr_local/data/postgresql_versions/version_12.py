"""Version 12 has the slots that builders offer by a message broker."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "12"
down_revision = "11"


def upgrade() -> None:
    """Add the offer of a builder."""
    op.add_column("builder", sa.Column("offer", JSONB()))
