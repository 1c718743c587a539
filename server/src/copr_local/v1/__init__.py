"""API v1, the wire only, as the frontends of up to 2020 spoke it: forms in, JSON out.

routes.py            the blueprint
general.py  projects.py  forks.py  chroots.py  packages.py  monitor.py  builds.py  build_creation.py
                     one function for each endpoint
login.py             who asks; API v2 asks the same
forms.py             what a request brings, and how texts become values
*_forms.py           what its fields may be
deletions.py         what may be deleted
render.py  package_render.py    how the answer looks
errors.py            which status an error has
"""

from . import build_creation, builds, chroots, errors, forks, general, monitor, packages, projects
from .routes import PREFIX, api

__all__ = [
    "PREFIX",
    "api",
    "build_creation",
    "builds",
    "chroots",
    "errors",
    "forks",
    "general",
    "monitor",
    "packages",
    "projects",
]
