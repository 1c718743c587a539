"""API v2, as the Copr frontends served it until 2020: JSON with links.

routes.py            the blueprint
root.py  projects.py  project_chroots.py  builds.py  build_tasks.py  mock_chroots.py    the endpoints
query.py  body.py    the parameters and the body of a request, with their checks
render.py            the JSON of responses
errors.py            the status and the JSON of errors

Authentication and the checks before deletions are the same in API v1: `wire/old_api_login.py` and
`wire/old_api_deletions.py`.
"""

from . import build_tasks, builds, errors, mock_chroots, project_chroots, projects, root
from .routes import PREFIX, api

__all__ = [
    "PREFIX",
    "api",
    "build_tasks",
    "builds",
    "errors",
    "mock_chroots",
    "project_chroots",
    "projects",
    "root",
]
