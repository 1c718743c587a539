"""Runs programs that are not trusted: isolated, limited, and ended together with all their children."""
