"""The HTTP server: waitress, large request bodies on disk, and the faults that tests inject."""
