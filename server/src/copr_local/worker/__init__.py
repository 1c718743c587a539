"""The worker: takes steps from the queue, runs builders for them, and records the results."""
