"""The entry point of `python -m copr_local`, which is the same as `copr-local`."""

from .cli import main

main()
