"""A Copr build service on one machine.

    from copr_local import LocalCopr

    with LocalCopr() as copr:
        print(copr.url, copr.config_path)

On the command line, `copr-local serve` starts the same service. In pytest, the fixture `local_copr` does.
"""

from .local_copr import LocalCopr, LocalCoprError

__all__ = ["LocalCopr", "LocalCoprError"]
