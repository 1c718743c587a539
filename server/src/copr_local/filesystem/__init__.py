"""Names of files and operations on them that several rooms need. Imports nothing else of this package."""
