"""API v3: read the request, call the rules, render the response.

routes.py            the blueprint
projects.py  project_chroots.py  permissions.py  forks.py  webhooks.py
  packages.py  builds.py  build_creation.py  build_chroots.py
monitor.py  rpmrepo.py  general.py  gssapi.py
                     one function for each endpoint
description.py  swagger.py  documentation.py
                     the documentation of the API
login.py             authentication
query.py  body.py    the arguments and fields of a request
*_forms.py           the validation of fields
render.py  build_records.py  build_config.py
                     the JSON of responses
errors.py            the status of each error
as_of_2020.py        the API as it was in 2020
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
