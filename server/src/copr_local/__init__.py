"""A Copr build service on one machine.

    from copr_local import LocalCopr

    with LocalCopr() as copr:
        print(copr.url, copr.config_path)

`copr-local serve` is the same from the command line, and `local_copr` the same as a pytest fixture.
"""

from .local_copr import LocalCopr, LocalCoprError

__all__ = ["LocalCopr", "LocalCoprError"]
