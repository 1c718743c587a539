"""Alembic's migrations of PostgreSQL databases: a file for each version of the schema, in `versions/`."""
