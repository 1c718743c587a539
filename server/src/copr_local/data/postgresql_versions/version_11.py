"""Version 11 has the id of the data folder that the database belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "11"
down_revision = "10"


def upgrade() -> None:
    """Add the column; the next start stores the id."""
    op.add_column("commit_number", sa.Column("data_folder", sa.Text()))
