"""Version 10 has ids in the indexes of the queue, in whose order the next step is looked for."""

from alembic import op

revision = "10"
down_revision = "9"


def upgrade() -> None:
    """Create both indexes again with the id."""
    op.drop_index("build_by_source_state")
    op.create_index(
        "build_by_source_state", "build", ["source_state", "is_background", "project_id", "batch_id", "id"]
    )
    op.drop_index("turn_by_number")
    op.create_index("turn_by_number", "turn", ["number", "id"])
