"""Names of files and operations on files that several packages need. Imports nothing else of `copr_local`."""
