"""Build a source RPM on a Copr, follow the logs of the build, and download the packages.

    python build_a_package.py PACKAGE.src.rpm [FOLDER [CHROOT...]]

Without chroots, it builds for a Fedora and for Enterprise Linux.

It uses the Copr of ~/.config/copr, or of the configuration file in COPR_CONFIG.
"""

import platform
import sys
from pathlib import Path

from copr.v3 import Client, CoprException, wait


def main(srpm: str, folder: str = "rpms", *chroots: str) -> None:
    client = Client.create_from_config_file()
    owner = client.base_proxy.auth_username()

    here = [name for name in client.mock_chroot_proxy.get_list() if name.endswith(platform.machine())]
    both = (next(name for name in here if name.startswith(system)) for system in ("fedora", "epel"))
    chroots = chroots or tuple(both)
    project = client.project_proxy.add(owner, "quickstart", list(chroots), exist_ok=True)
    print(f"project {project.full_name} on {client.config['copr_url']}, for {' and '.join(chroots)}")

    options = {"chroots": list(chroots), "progress_callback": show_progress}
    build = client.build_proxy.create_from_file(owner, project.name, srpm, buildopts=options)
    print(f"\nbuild {build.id}")

    for chroot in chroots:
        print(f"\n--- {chroot}")
        client.build_chroot_proxy.follow_log(build.id, chroot, show_log, interval=0.2)
    [build] = wait(build, interval=1)
    print(f"\nbuild {build.id} has {build.state}")
    if build.state != "succeeded":
        sys.exit(1)

    for chroot in chroots:
        for package in client.build_chroot_proxy.download_packages(build.id, chroot, Path(folder, chroot)):
            print(package)
        Path(folder, chroot, "repository").write_text(project.chroot_repos[chroot])


def show_progress(monitor) -> None:
    done = monitor.bytes_read / monitor.len
    print(f"\rupload [{'#' * round(40 * done):40}] {done:4.0%}", end="", flush=True)


def show_log(text) -> None:
    print(text, end="", flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except CoprException as error:
        sys.exit(f"{error}")
