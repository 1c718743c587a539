"""The HTTP server: waitress, which keeps large request bodies on disk and carries out injected faults."""
