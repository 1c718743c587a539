"""Carries builds out: takes steps from the queue, hands them to builders, and records their results."""
