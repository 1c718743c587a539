"""API v2, the wire only, as the frontends of up to 2020 spoke it: JSON with links.

routes.py            the blueprint
root.py  projects.py  project_chroots.py  builds.py  build_tasks.py  mock_chroots.py    each its endpoints
query.py  body.py    what a request brings, and how it is checked
render.py            how the answer looks
errors.py            which status an error has

Who asks is found out as in API v1.
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
