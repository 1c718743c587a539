"""Responses of API v1, made from records of API v3.

Rules: sends nothing. Names and types are those of API v1, as recorded from services that had it. A field that
API v3 does not show is None.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from ..._typing import Any
from .. import API_V3
from .. import v3_of_2020 as early

Document = dict[str, Any]

#: Parameters of sources that API v1 did not know.
_LATER_PARAMETERS = frozenset({"spec_generator", "repos"})

#: Parameters of sources that API v1 had under another name.
_OLD_NAMES = {"source_build_method": "srpm_build_method"}

#: Fields of a package's build that API v1 showed and API v3 does not.
_NOT_SHOWN = """
    batch_id built_packages canceled copr_dir_id enable_net fail_type memory_reqs module_id package_id repos
    resubmitted_from_id scm_object_id scm_object_type scm_object_url source_json source_status source_type
    srpm_url timeout update_callback user_id
"""


def refusal(message: str | None, data: Mapping[str, Any]) -> Document:
    """Return the document of an error response."""
    return {"output": "notok", "error": message}


def done(**fields: Any) -> Document:
    """Return the document of a success, with some fields."""
    return {"output": "ok", **fields}


def project(record: Any) -> Document:
    """Return a project as listings show it."""
    return {
        "name": record.name,
        "additional_repos": " ".join(record.additional_repos),
        "yum_repos": record.chroot_repos,
        "description": record.description,
        "instructions": record.instructions,
        "persistent": record.persistent,
        "unlisted_on_hp": record.unlisted_on_hp,
        "auto_prune": record.auto_prune,
    }


def project_detail(record: Any, builds: Sequence[Any], successes: Sequence[Any]) -> Document:
    """Return one project; `builds`, `successes`: its newest build and its newest successful one, if any."""
    return done(
        detail={
            **project(record),
            "yum_repos": record.chroot_repos if builds else {},
            "last_modified": successes[0].ended_on if successes else None,
            "auto_createrepo": not record.devel_mode,
            "use_bootstrap_container": early.uses_bootstrap(record),
        }
    )


def project_found(record: Any) -> Document:
    """Return a project as searches show it."""
    return {"username": record.ownername, "coprname": record.name, "description": record.description}


def project_changed(record: Any) -> Document:
    """Return a project after a change."""
    return done(
        description=record.description,
        instructions=record.instructions,
        repos=" ".join(record.additional_repos),
        chroots=list(record.chroot_repos),
    )


def buildroot_packages(settings: Any) -> Document:
    """Return the packages that are installed in a chroot before each build."""
    return done(buildroot_pkgs=" ".join(settings.additional_packages))


def chroot(settings: Any, project_id: int) -> Document:
    """Return the settings of a project's chroot."""
    return {
        "mock_chroot": settings.mock_chroot,
        "copr_id": project_id,
        "buildroot_pkgs": " ".join(settings.additional_packages),
        "repos": " ".join(settings.additional_repos),
        "comps_name": settings.comps_name,
        "with_opts": " ".join(settings.with_opts),
        "without_opts": " ".join(settings.without_opts),
    }


def build_config(owner: str, name: str, chroot: str, config: Any, project: Any) -> Document:
    """Return the configuration of builds in a project's chroot."""
    return done(
        build_config={
            "project_id": f"{owner.replace('@', 'group_')}-{name}",
            "chroot": chroot,
            "additional_packages": config.additional_packages,
            "repos": [
                {"id": each.id, "name": each.name, "baseurl": each.baseurl, "url": each.baseurl}
                for each in config.repos
            ],
            "use_bootstrap_container": early.uses_bootstrap(project),
            "with_opts": config.with_opts,
            "without_opts": config.without_opts,
        }
    )


def build(record: Any, chroots: Sequence[Any], config: Any, packages: Mapping[str, Any]) -> Document:
    """Return one build; `config`: its source, or None; `packages`: what it built, by chroot."""
    return done(
        status=record.state,
        project=record.projectname,
        project_dirname=record.project_dirname,
        owner=record.ownername,
        results=record.repo_url,
        built_pkgs=_built_packages(packages) or None,
        src_version=record.source_package.version,
        src_pkg=(config.source_dict.get("url", "") if config else record.source_package.url) or "",
        chroots={each.name: early.state(each, record) for each in chroots},
        results_by_chroot={each.name: each.result_url for each in chroots},
        submitted_on=record.submitted_on,
        started_on=record.started_on,
        ended_on=record.ended_on,
        submitted_by=record.submitter,
    )


def submitted(project_name: str, builds: Iterable[Any], response: Any) -> Document:
    """Return new builds; `response`: the response of API v3, which has the URL of the service."""
    service = str(getattr(response, "url", "")).partition(API_V3)[0]
    pages = "".join(f"\n  {service}/coprs/build/{each.id}/" for each in builds)
    return done(ids=[each.id for each in builds], message=f"Build was added to {project_name}:{pages}")


def package(record: Any, project_id: int) -> Document:
    """Return a package, without its builds."""
    parameters = {
        _OLD_NAMES.get(name, name): "" if value is None else value
        for name, value in record.source_dict.items()
        if name not in _LATER_PARAMETERS
    }
    return {
        "id": record.id,
        "name": record.name,
        "copr_id": project_id,
        "copr_dir_id": None,
        "source_type": record.source_type,
        "source_json": json.dumps(parameters),
        "webhook_rebuild": record.auto_rebuild,
        "enable_net": False,
        "max_builds": None,
        "chroot_blacklist_raw": None,
    }


def package_build(record: Any) -> Document:
    """Return a build as packages show it."""
    return {
        **dict.fromkeys(_NOT_SHOWN.split()),
        "id": record.id,
        "state": record.state,
        "chroots": dict.fromkeys(record.chroots, record.state),
        "pkg_version": record.source_package.version,
        "src_pkg": record.source_package.url,
        "result_dir": f"{record.id:08d}",
        "is_background": getattr(record, "is_background", None),
        "submitted_on": record.submitted_on,
        "submitted_by": None,
        "canceled": record.state == "canceled",
    }


def _built_packages(packages: Mapping[str, Any]) -> list[str]:
    """Return names and versions of the built packages, each once; source packages are left out."""
    names = [
        f"{each['name']} {each['version']}"
        for chroot in packages.values()
        for each in chroot["packages"]
        if each["arch"] != "src"
    ]
    return list(dict.fromkeys(names))
