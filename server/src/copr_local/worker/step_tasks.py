"""Tasks of steps: all data that a builder needs, read from the database once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..builders.sandbox.leftovers import mark_of
from ..builders.settings import Settings
from ..builders.tasks import AnyTask, ChrootTask, Repository, RootTask, SourceTask
from ..data.database import Transaction
from ..data.models import Build, ProjectChroot
from ..rules import bootstraps, build_repositories, builds, results, source_chroots, webhooks
from ..rules.build_repositories import BuildRepository
from ..rules.queue import Step


def task_of(tx: Transaction, step: Step, settings: Settings, machine: str | None = None) -> AnyTask:
    """Return the task of a step.

    :param tx: the transaction.
    :param step: the step; for a step of a chroot, the source build has finished.
    :param settings: settings of builds: limits, and if packages are signed.
    :param machine: architecture of the builder's machine; None for this one.
    :returns: a task for `build_source` or `build_chroot` of a builder.
    :raises NotFound: the build does not exist, or does not have the chroot.
    """
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        uploaded = None
        if "tmp" in build.source:
            name = build.source.get("pkg", webhooks.PAYLOAD)
            uploaded = tx.data_folder.uploaded(build.source["tmp"], name)
        chroot_name, root = _source_root(tx, build, settings, machine or os.uname().machine)
        return SourceTask(
            build_id=build.id,
            source_type=build.source_type,
            source=build.source,
            uploaded=uploaded,
            directory=directory_of(tx, step),
            network=build.enable_net,
            limits=settings.limits,
            timeout=build.timeout,
            claimed_on=tx.time,
            package=build.package.name if build.package else None,
            project=build.project.full_name,
            mark=mark_of(tx.data_folder.own),
            chroot=chroot_name,
            root=root,
        )
    assert build.srpm is not None
    project = build.project
    known = (own for own in project.all_chroots if own.name == step.chroot)
    chroot = next(known, ProjectChroot(name=step.chroot))
    return ChrootTask(
        build_id=build.id,
        chroot=step.chroot,
        srpm=results.of_source(tx, build) / build.srpm,
        directory=directory_of(tx, step),
        with_options=tuple(chroot.with_opts or ()),
        without_options=tuple(chroot.without_opts or ()),
        network=build.enable_net,
        limits=settings.limits,
        timeout=build.timeout,
        claimed_on=tx.time,
        project=project.full_name,
        repository=results.following(tx, build.dir, step.chroot),
        keys=tx.data_folder.keys if settings.sign else None,
        appstream=project.appstream,
        additional_packages=tuple(chroot.additional_packages or ()),
        additional_modules=tuple(chroot.additional_modules or ()),
        additional_repos=(*project.additional_repos, *(chroot.additional_repos or ())),
        root=_root(tx, build, chroot),
        mark=mark_of(tx.data_folder.own),
    )


def _root(tx: Transaction, build: Build, chroot: ProjectChroot) -> RootTask | None:
    """Return what root a build needs; None if its chroot has no repositories."""
    configuration = tx.data_folder.chroot_configuration(chroot.name)
    if not configuration.exists():
        return None
    found = build_repositories.of_build(tx, build.project, chroot, build.dir.name)
    return RootTask(
        configuration,
        tx.data_folder.roots,
        _repositories(tx, found),
        modules=tuple(chroot.additional_modules or ()),
        bootstrap=bootstraps.of_root(build, chroot),
    )


def _source_root(
    tx: Transaction, build: Build, settings: Settings, machine: str
) -> tuple[str, RootTask | None]:
    """Return the chroot that the source RPM of a build is made in, and its root; None for the machine."""
    source = build.source if build.source_type == "custom" else {}
    named = str(source.get("chroot") or "")
    chroot = source_chroots.choose(tx, settings.source_chroot, named, machine)
    if chroot is None:
        return "", None
    addresses = str(source.get("repos") or "").split()
    found = [build_repositories.additional(tx, address, chroot) for address in addresses]
    configuration = tx.data_folder.chroot_configuration(chroot)
    return chroot, RootTask(configuration, tx.data_folder.roots, _repositories(tx, found))


def _repositories(tx: Transaction, found: Iterable[BuildRepository]) -> tuple[Repository, ...]:
    """Return repositories as builders take them."""
    return tuple(
        Repository(
            id=each.id,
            name=each.name,
            folder=None if each.folder is None else tx.data_folder.results / each.folder,
            url=each.url,
            priority=each.priority,
            module_hotfixes=each.module_hotfixes,
            repo_gpgcheck=each.repo_gpgcheck,
        )
        for each in found
    )


def directory_of(tx: Transaction, step: Step) -> Path:
    """Return the folder for the results of a step.

    :param tx: the transaction.
    :param step: the step; for a step of a chroot, the source build has finished.
    :returns: the folder; it need not exist yet.
    :raises NotFound: the build does not exist, or does not have the chroot.
    """
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        return results.of_source(tx, build)
    return results.of_chroot(tx, builds.get_chroot(tx, build, step.chroot))


def repository_of(task: ChrootTask) -> Path:
    """Return the repository that lists the packages of a build.

    :param task: the task of the build.
    :returns: the folder of the repository.
    """
    return task.repository or task.directory.parent
