"""Version 8 has builders on other machines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "8"
down_revision = "7"


def upgrade() -> None:
    """Add the table of builders, and which builder has a claim."""
    op.create_table(
        "builder",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("arches", JSONB(), nullable=False),
        sa.Column("chroots", JSONB(), nullable=False),
        sa.Column("is_drained", sa.Boolean(), nullable=False),
        sa.Column("heard_on", sa.BigInteger()),
    )
    for table in ("build", "build_chroot"):
        op.add_column(table, sa.Column("builder", sa.String()))
