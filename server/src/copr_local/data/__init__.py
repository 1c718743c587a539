"""What is stored: the database, its migrations, the data folder, and copies of both."""
