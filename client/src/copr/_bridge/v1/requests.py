"""The forms of API v1's requests, converted for API v3: sources, options, switches, lists.

Rules: sends nothing. A form is read as the old frontend did: a switch is on unless it is "" or "false", and
an unknown field is the name of a chroot.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..._typing import Any
from ...v3.calls import submit

Form = Mapping[str, Any]

#: The kinds of sources in API v3, and the calls that submit a build of them.
SUBMISSIONS = {
    "scm": submit.create_from_scm,
    "pypi": submit.create_from_pypi,
    "rubygems": submit.create_from_rubygems,
    "custom": submit.create_from_custom,
}

#: Fields of a custom source, and the parameters of API v3's call.
CUSTOM = {"chroot": "script_chroot", "builddeps": "script_builddeps", "resultdir": "script_resultdir"}

#: The chroot for scripts that name none.
SCRIPT_CHROOT = "fedora-latest-x86_64"

#: The fields of a build's form; every other field is the name of a chroot.
_BUILD_FIELDS = """
    username memory_reqs timeout background enable_net pkgs pypi_package_name pypi_package_version
    spec_template python_versions gem_name script chroot builddeps resultdir clone_url committish subdirectory
    spec scm_type srpm_build_method git_url git_directory git_branch tito_test scm_url scm_branch scm_subdir
    branch
"""


def is_true(value: Any) -> bool:
    """Return True if a switch is on."""
    return str(value) not in ("", "false")


def switch(form: Form, name: str) -> bool | None:
    """Return a switch, or None if the form does not have it."""
    return is_true(form[name]) if name in form else None


def words(form: Form, name: str) -> list[str] | None:
    """Return a list of words, or None if the form does not have it."""
    return str(form[name]).split() if name in form else None


def chroots(form: Form, fields: str) -> list[str]:
    """Return the chroots that a form selects; `fields`: names of its fields that are not chroots."""
    others = fields.split()
    return [name for name, value in form.items() if name not in others and is_true(value)]


def build_options(form: Form, progress: Any = None) -> dict[str, Any]:
    """Return the build options for API v3, which has no option for memory."""
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
    """Return the kind of a source in API v3, and its parameters; `kind`: as in the paths of API v1."""
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
    """Return a script as API v1 stores it."""
    return script if not script or script.endswith("\n") else f"{script}\n"


def _number(value: Any) -> Any:
    """Return a number as an int, and anything else as it is, for the service to reject."""
    text = str(value)
    return int(text) if text.isdecimal() else value
