"""API v1, as the Copr frontends served it until 2020: form fields in, JSON out.

routes.py            the blueprint
general.py  projects.py  forks.py  chroots.py  packages.py  monitor.py  builds.py  build_creation.py
                     one function for each endpoint
forms.py             the fields of a request, and how their texts become values
*_forms.py           the fields of each kind of request, with their checks
render.py  package_render.py    the JSON of responses
errors.py            the status and the JSON of errors

Authentication and the checks before deletions are the same in API v2: `wire/old_api_login.py` and
`wire/old_api_deletions.py`.
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
