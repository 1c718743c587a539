"""What `dnf5 copr enable` writes from the responses of a Copr.

This is written from the rules of its documentation, not from its code:

- It reads `/api_3/rpmrepo/OWNER/DIRECTORY/NAME-VERSION` only, with the name and version of the machine, and
  chooses release and architecture there. It can choose another release, such as `epel-9` for `rhel-9.4`.
- Signatures are checked with `RESULTS/OWNER/PROJECT/pubkey.gpg`. If the response has a `pubkey_url`, this is
  the key, and an empty one means that signatures are not checked.
- A dependency on a project of the same Copr is checked with the key of that project, always. One on an
  external URL is not checked; `$chroot` and `$distname` in it are those of the chosen chroot.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests


class NotEnabled(Exception):
    """The project cannot be enabled; the text has the chroots that it has."""


def repo_file(url: str, owner: str, directory: str, chroot: str, machine: str = "rhel-9.4") -> str:
    """Return the text of the file that enables a project.

    :param url: the URL of the Copr.
    :param owner: owner of the project; a group has an @.
    :param directory: the project's name, or the name of one of its directories.
    :param chroot: name, version and architecture, such as `fedora-45-x86_64`.
    :param machine: name and version of the machine.
    :returns: sections for the project, its second architecture, and its dependencies.
    :raises NotEnabled: the project does not have the chroot.
    """
    release, _, architecture = chroot.rpartition("-")
    response = requests.get(f"{url}/api_3/rpmrepo/{owner}/{directory}/{machine}/", timeout=30)
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    offered = answer["repos"].get(release, {"arch": {}})["arch"]
    if architecture not in offered:
        known = [f"{name}-{each}" for name, repo in answer["repos"].items() for each in repo["arch"]]
        raise NotEnabled(f"{chroot} is not one of {', '.join(sorted(known))}")
    host, results = urlsplit(url).hostname, answer["results_url"]
    name = f"copr:{host}:{owner.replace('@', 'group_')}:{directory}"
    project = directory.partition(":")[0]
    signed = _signed(answer.get("pubkey_url", f"{results}/{owner}/{project}/pubkey.gpg"))
    title = f"Copr repo for {directory} owned by {owner}"
    place = f"{results}/{owner}/{directory}/{release}"
    entry = offered[architecture]
    sections = [_section(name, {"name": title, "baseurl": f"{place}-$basearch/", **signed, **entry["opts"]})]
    for other, second in entry.get("multilib", {}).items():
        options = {"name": f"{title} ({other})", "baseurl": f"{place}-{other}/", **signed, **second["opts"]}
        sections.append(_section(f"{name}:ml", options))
    for needed in answer["dependencies"]:
        options, data = dict(needed["opts"]), needed["data"]
        if needed["type"] == "copr":
            of_project = f"{results}/{data['owner']}/{data['projectname']}"
            more = {"baseurl": f"{of_project}/{release}-$basearch/", **_signed(f"{of_project}/pubkey.gpg")}
        else:
            place = data["pattern"].replace("$chroot", f"{release}-$basearch")
            more = {"baseurl": place.replace("$distname", release.rpartition("-")[0]), "gpgcheck": "0"}
        sections.append(_section(options.pop("id"), {**options, **more}))
    return "\n".join(sections)


def _signed(key: str) -> dict[str, str]:
    """Return the options for a key; those for no signatures if the URL is empty."""
    return {"gpgcheck": "1", "gpgkey": key} if key else {"gpgcheck": "0"}


def _section(name: str, options: dict[str, str]) -> str:
    lines = [f"{option}={value}" for option, value in options.items()]
    return "\n".join([f"[{name}]", *lines, "enabled=1", "repo_gpgcheck=0", "skip_if_unavailable=0", ""])
