"""Tasks as JSON documents, for builders on other machines.

A document has everything that a builder on another machine needs, and nothing secret: no key, no path of the
service. The builder gets the source file, and the repositories of this service, over HTTP.

Whoever adds a member to a document, or changes one, adds one to `VERSION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .settings import Settings
from .tasks import AnyTask, ChrootTask, Limits, Repository, RootTask, SourceTask

VERSION = 2  # of the documents; a builder takes only tasks of its own version
OTHER_VERSION = "has another version than the service: install the same copr-local on both"

_INDEX = Path("repodata/repomd.xml")
_STEP_FIELDS = ("build_id", "chroot", "network", "claimed_on", "project", "timeout")
_SOURCE_FIELDS = (*_STEP_FIELDS, "source_type", "source", "package")
_LISTS = ("with_options", "without_options", "additional_packages", "additional_modules", "additional_repos")
_CHROOT_FIELDS = (*_STEP_FIELDS, *_LISTS)
_SETTINGS = ("foreign_architecture", "build_requires", "pypi", "rubygems", "private_networks", "lookaside")


@dataclass(frozen=True)
class TaskContext:
    """What a document does not have, because only the builder knows it.

    :param directory: folder for the results and the log of the task.
    :param source: folder for the file to build from, which is downloaded before the build.
    :param chroots: folder for the dnf configurations of chroots.
    :param roots: folder of installed roots, which the tasks share.
    :param service: URL of the service, without a slash at the end.
    :param mark: what the programs of the build are found by if the builder is killed.
    """

    directory: Path
    source: Path
    chroots: Path
    roots: Path
    service: str
    mark: str


def source_of(task: AnyTask) -> Path | None:
    """Return the file that a task is built from.

    :param task: the task.
    :returns: path of the file; None for a source step that downloads its source.
    """
    return task.uploaded if isinstance(task, SourceTask) else task.srpm


def document(task: AnyTask, settings: Settings, results: Path) -> dict[str, Any]:
    """Return the document of a task.

    :param task: the task, as the service has made it.
    :param settings: the settings of the service's builds.
    :param results: folder of all results of the service.
    :returns: a value for JSON.
    """
    file = source_of(task)
    names = _SOURCE_FIELDS if isinstance(task, SourceTask) else _CHROOT_FIELDS
    return {
        "step": "source" if isinstance(task, SourceTask) else "chroot",
        **{name: getattr(task, name) for name in names},
        "file": None if file is None else file.name,
        "limits": asdict(task.limits),
        "root": None if task.root is None else _root(task.root, results),
        "settings": {name: getattr(settings, name) for name in _SETTINGS},
    }


def _root(root: RootTask, results: Path) -> dict[str, Any]:
    """Return what a builder needs to install a root; a repository that does not exist yet is left out."""
    found = (each for each in root.repositories if each.folder is None or (each.folder / _INDEX).exists())
    return {
        "configuration": root.configuration.read_text(encoding="utf-8"),
        "name": root.configuration.name,
        "modules": root.modules,
        "bootstrap": root.bootstrap,
        "repositories": [
            {
                **asdict(each),
                "folder": None if each.folder is None else each.folder.relative_to(results).as_posix(),
            }
            for each in found
        ],
    }


def task_of(document: Mapping[str, Any], context: TaskContext) -> AnyTask:
    """Return the task of a document, as a builder carries it out.

    :param document: the document.
    :param context: the folders of the builder for this task, and more.
    :returns: the task.
    :raises LookupError: a member of the document is missing.
    :raises TypeError: a member has the wrong type, for example since the service has another version.
    :raises OSError: the dnf configuration cannot be written.
    """
    root = None if document["root"] is None else _root_of(document["root"], context)
    given: dict[str, Any] = {"limits": Limits(**document["limits"]), "root": root, "mark": context.mark}
    if document["step"] == "source":
        return SourceTask(
            **{name: document[name] for name in _SOURCE_FIELDS},
            uploaded=None if document["file"] is None else context.source / Path(document["file"]).name,
            directory=context.directory,
            **given,
        )
    values = {name: document[name] for name in _CHROOT_FIELDS}
    return ChrootTask(
        **{**values, **{name: tuple(values[name]) for name in _LISTS}},
        srpm=context.source / Path(document["file"]).name,
        directory=context.directory,
        **given,
    )


def settings_of(document: Mapping[str, Any]) -> Settings:
    """Return the settings of a document.

    :param document: the document.
    :returns: the settings; a builder signs nothing.
    :raises LookupError: a setting is missing.
    """
    return replace(Settings(), **{name: document["settings"][name] for name in _SETTINGS})


def _root_of(root: Mapping[str, Any], context: TaskContext) -> RootTask:
    """Return what a builder installs a root from, and write the dnf configuration."""
    configuration = context.chroots / Path(root["name"]).name
    context.chroots.mkdir(parents=True, exist_ok=True)
    if not configuration.exists() or configuration.read_text(encoding="utf-8") != root["configuration"]:
        partial = context.directory.with_name(f"{context.directory.name}.conf")
        partial.write_text(root["configuration"], encoding="utf-8")
        partial.replace(configuration)
    repositories = tuple(_repository_of(each, context) for each in root["repositories"])
    return RootTask(configuration, context.roots, repositories, tuple(root["modules"]), root["bootstrap"])


def _repository_of(each: Mapping[str, Any], context: TaskContext) -> Repository:
    """Return a repository; one of the service is read over HTTP."""
    if each["folder"] is None:
        return Repository(**each)
    return Repository(**{**each, "folder": None, "url": f"{context.service}/results/{each['folder']}/"})
