"""Messages about builds: their form on the wire, those that a test reads, and those that a broker gets."""
