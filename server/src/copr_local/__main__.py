"""`python -m copr_local` is `copr-local`."""

from .cli import main

main()
