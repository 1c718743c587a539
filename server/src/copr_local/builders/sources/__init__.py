"""Makes a source RPM from a submitted source: one module for each source type, and shared modules."""
