"""API v3, the wire only: read the request, ask the rules, render the answer.

routes.py            the blueprint
projects.py  project_chroots.py  permissions.py  forks.py  webhooks.py
  packages.py  builds.py  build_creation.py  build_chroots.py
monitor.py  rpmrepo.py  general.py
                     one function for each endpoint
description.py  swagger.py  documentation.py
                     the API described, by itself
login.py             who asks
query.py  body.py    what the request brings
*_forms.py  fields.py  what its fields may be
render.py  build_config.py
                     how the answer looks
errors.py            which status an error has
"""

from . import (
    build_chroots,
    build_creation,
    builds,
    documentation,
    errors,
    forks,
    general,
    gssapi,
    monitor,
    packages,
    permissions,
    project_chroots,
    projects,
    rpmrepo,
    webhooks,
)
from .routes import PREFIX, api

__all__ = [
    "PREFIX",
    "api",
    "build_chroots",
    "build_creation",
    "builds",
    "documentation",
    "errors",
    "forks",
    "general",
    "gssapi",
    "monitor",
    "packages",
    "permissions",
    "project_chroots",
    "projects",
    "rpmrepo",
    "webhooks",
]
