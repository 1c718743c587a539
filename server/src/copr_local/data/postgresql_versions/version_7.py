"""Version 7, the first one that PostgreSQL databases have. New databases are made from the models."""

revision = "7"
down_revision = None
