"""Builders that follow transcripts: each stage is a transition that the rules of the queue allow.

A stage processes all parts of a build that are at the stage before, so a build can be driven in any number of
portions. Nothing is built: these builders report the names, versions and packages that `wire/README.md`
lists.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import func, select

from copr_local.data.database import Database, Transaction
from copr_local.data.models import Build, BuildChroot
from copr_local.data.pending_work import RepositoryUpdate
from copr_local.rules import builds, queue
from copr_local.rules.queue import Step

STAGES = ("srpm-starting", "srpm-running", "importing", "pending", "starting", "running", "over")
BACKGROUND_SECONDS = 30.0


class Builders:
    """All builders of one local Copr whose own builders are switched off.

    :param packages: the kinds of packages that a chroot makes: "" the package itself, "src", "doc".
    """

    def __init__(self, database: Database, packages: Collection[str]) -> None:
        self._database = database
        self._packages = packages

    def drive(
        self,
        build_id: int,
        stages: Iterable[str],
        chroots: Collection[str] | None = None,
        *,
        fail: Collection[str] = (),
        found: tuple[str, str] | None = None,
    ) -> None:
        """Take a build through stages.

        :param build_id: id of the build.
        :param stages: the stages, in their order.
        :param chroots: the chroots to process; None for all.
        :param fail: the parts that fail: `srpm`, `import`, or names of chroots.
        :param found: the package's name and version; None for those that the source suggests.
        """
        for stage in stages:
            with self._database.writing() as tx:
                build = builds.get(tx, build_id)
                if stage in STAGES[:4]:
                    _source_step(tx, build, stage, fail, found)
                else:
                    for chroot in build.chroots:
                        if chroots is None or chroot.name in chroots:
                            _chroot_step(tx, chroot, stage, chroot.name in fail, self._packages)

    def acknowledge_cancels(self) -> None:
        """Finish the steps that were canceled while they ran."""
        with self._database.writing() as tx:
            running = select(BuildChroot).where(
                BuildChroot.state == "canceled",
                BuildChroot.started_on.is_not(None),
                BuildChroot.ended_on.is_(None),
            )
            for chroot in tx.session.scalars(running).all():
                queue.acknowledge_cancel(tx, Step(chroot.build_id, chroot.name))

    def finish_background_work(self) -> None:
        """Wait until the service has written all requested metadata.

        :raises TimeoutError: it has not finished after BACKGROUND_SECONDS.
        """
        deadline = time.monotonic() + BACKGROUND_SECONDS
        while self._wishes():
            if time.monotonic() > deadline:
                raise TimeoutError("metadata of repositories is still not written")
            time.sleep(0.01)

    def _wishes(self) -> int:
        with self._database.reading() as tx:
            return tx.session.scalar(select(func.count()).select_from(RepositoryUpdate)) or 0


def _source_step(
    tx: Transaction, build: Build, stage: str, fail: Collection[str], found: tuple[str, str] | None
) -> None:
    step = Step(build.id)
    match build.source_state, stage:
        case "pending", "srpm-starting":
            queue.claim(tx, step)
        case "starting", "srpm-running":
            queue.begin(tx, step)
        case "running", "importing" if "srpm" in fail:
            queue.fail(tx, step)
        case "running", "importing":
            name, version = found or _suggested(build)
            srpm = f"{name}-{version}.src.rpm"
            digest = hashlib.sha1(srpm.encode()).hexdigest()
            queue.source_built(tx, step, package=name, version=version, srpm=srpm, srpm_digest=digest)
        case "importing", "pending" if "import" in fail:
            queue.fail(tx, step)
        case "importing", "pending":
            queue.imported(tx, step)


def _chroot_step(
    tx: Transaction, chroot: BuildChroot, stage: str, fail: bool, kinds: Collection[str]
) -> None:
    step = Step(chroot.build_id, chroot.name)
    match chroot.state, stage:
        case "pending", "starting":
            queue.claim(tx, step)
        case "starting", "running":
            queue.begin(tx, step)
        case "running", "over" if fail:
            queue.fail(tx, step)
        case "running", "over":
            queue.chroot_built(tx, step, _packages(chroot, kinds))


def _suggested(build: Build) -> tuple[str, str]:
    """Return name and version, as far as the source has them."""
    source = build.source
    file = str(source.get("pkg") or source.get("url") or source.get("clone_url") or "").rpartition("/")[2]
    if whole := re.fullmatch(r"(.+)-([^-]+-[^-]+)\.src\.rpm", file):
        return whole[1], whole[2]
    named = build.package.name if build.package else None
    name = named or source.get("pypi_package_name") or source.get("gem_name")
    version = source.get("pypi_package_version") or "1.0"
    return name or re.sub(r"\.(git|spec)$", "", file), f"{version}-1"


def _packages(chroot: BuildChroot, kinds: Collection[str]) -> list[dict[str, Any]]:
    build = chroot.build
    assert build.package is not None
    assert build.version is not None
    name, (version, _, release) = build.package.name, build.version.partition("-")
    made = {
        "": (name, chroot.name.rpartition("-")[2]),
        "src": (name, "src"),
        "doc": (f"{name}-doc", "noarch"),
    }
    return [
        {"name": each, "epoch": 0, "version": version, "release": release, "arch": arch}
        for each, arch in (made[kind] for kind in kinds)
    ]
