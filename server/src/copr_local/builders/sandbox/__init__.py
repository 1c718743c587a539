"""Execution of untrusted programs: isolated, limited, and ended together with all their child processes."""
