"""Forms of API v1 as API v3 wants them: sources, options, switches, lists.

Rules: pure. A form is read as the frontend read it: a switch is true unless it is "" or "false", what is no
known field is the name of a chroot.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._typing import Any
from ..v3.calls import submit

Form = Mapping[str, Any]

#: Ways to say where a source is, and the method that submits a build from there.
SUBMISSIONS = {
    "scm": submit.create_from_scm,
    "pypi": submit.create_from_pypi,
    "rubygems": submit.create_from_rubygems,
    "custom": submit.create_from_custom,
}

#: API v3's name of a custom source's field, in its client's method.
CUSTOM = {"chroot": "script_chroot", "builddeps": "script_builddeps", "resultdir": "script_resultdir"}

#: Where scripts run that do not say where.
SCRIPT_CHROOT = "fedora-latest-x86_64"

#: Fields of a build's form that do not choose a chroot.
_BUILD_FIELDS = """
    username memory_reqs timeout background enable_net pkgs pypi_package_name pypi_package_version
    spec_template python_versions gem_name script chroot builddeps resultdir clone_url committish subdirectory
    spec scm_type srpm_build_method git_url git_directory git_branch tito_test scm_url scm_branch scm_subdir
    branch
"""


def is_true(value: Any) -> bool:
    """Whether a switch is on."""
    return str(value) not in ("", "false")


def switch(form: Form, name: str) -> bool | None:
    """A switch, or None where the form does not have it."""
    return is_true(form[name]) if name in form else None


def words(form: Form, name: str) -> list[str] | None:
    """A list, or None where the form does not have it."""
    return str(form[name]).split() if name in form else None


def chroots(form: Form, fields: str) -> list[str]:
    """The chroots that a form chooses; `fields`: the names of what else is in it."""
    others = fields.split()
    return [name for name, value in form.items() if name not in others and is_true(value)]


def build_options(form: Form, progress: Any = None) -> dict[str, Any]:
    """What API v3 calls the options of a build; it has none for memory."""
    options: dict[str, Any] = {}
    if chosen := chroots(form, _BUILD_FIELDS):
        options["chroots"] = chosen
    if form.get("timeout") not in (None, ""):
        options["timeout"] = _number(form["timeout"])
    if is_true(form.get("background", "")):
        options["background"] = True
    if "enable_net" in form:
        options["enable_net"] = is_true(form["enable_net"])
    if progress is not None:
        options["progress_callback"] = progress
    return options


def source(kind: str, form: Form) -> tuple[str, dict[str, Any]]:
    """API v3's kind of a source, and its parameters; `kind`: as in the paths of API v1."""
    if kind in ("tito", "git_and_tito"):
        method = "tito_test" if is_true(form.get("tito_test", "")) else "tito"
        return "scm", _scm(form, "git_url", "git_branch", "git_directory", method)
    if kind in ("mock", "mock_scm"):
        return "scm", _scm(form, "scm_url", "scm_branch", "scm_subdir", "rpkg")
    if kind == "distgit":
        return "scm", _scm(form, "clone_url", "branch", "", "rpkg")
    if kind == "scm":
        method = form.get("srpm_build_method", "rpkg")
        return "scm", _scm(form, "clone_url", "committish", "subdirectory", method)
    if kind == "pypi":
        versions = form.get("python_versions", [])
        return kind, {
            "pypi_package_name": form.get("pypi_package_name", ""),
            "pypi_package_version": form.get("pypi_package_version"),
            "spec_template": form.get("spec_template", ""),
            "python_versions": [_number(each) for each in versions],
        }
    if kind == "custom":
        return kind, {
            "script": _with_last_newline(form.get("script", "")),
            "chroot": form.get("chroot", SCRIPT_CHROOT),
            "builddeps": form.get("builddeps", ""),
            "resultdir": form.get("resultdir", ""),
        }
    return kind, {"gem_name": form.get("gem_name", "")}


def _scm(form: Form, url: str, committish: str, subdirectory: str, method: str) -> dict[str, Any]:
    return {
        "clone_url": form.get(url, ""),
        "committish": form.get(committish, ""),
        "subdirectory": form.get(subdirectory, ""),
        "spec": form.get("spec", ""),
        "scm_type": form.get("scm_type", "git"),
        "source_build_method": method,
    }


def _with_last_newline(script: str) -> str:
    """A script as API v1 keeps it."""
    return script if not script or script.endswith("\n") else f"{script}\n"


def _number(value: Any) -> Any:
    """A number as a number; what is none is for the service to refuse."""
    text = str(value)
    return int(text) if text.isdecimal() else value
