"""The stored data: the database and its migrations, the data folder, and backups of both."""
