"""The API for builders on other machines: they take steps, send logs and files, and say how a build ended.

farm.py      what the endpoints share: the service's side of builders elsewhere, and errors
claims.py    take a step, and get its source
results.py   send the log, which is also the sign of life, the files, and the end

The path of a claim has the build, the chroot (`srpm-builds` for the source step) and the number of the claim.
A builder that has lost its claim gets status 409 for everything, and must stop. It gets the same for claims
that it never had.
"""

from . import claims, results
from .farm import Farm, api, attach

__all__ = ["Farm", "api", "attach", "claims", "results"]
