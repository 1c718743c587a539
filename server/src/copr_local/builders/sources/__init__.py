"""Makes a source RPM of what was submitted: one module for each source type, and what they share."""
