"""Repositories of small RPMs for tests, on a web site of their own on loopback, and keys that sign them."""

from __future__ import annotations

import hashlib
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from copr_local.builders.repository.update import update_repository

SPEC = """\
Name: {name}
Version: {version}
Release: 1
Summary: A package of the tests
License: MIT
BuildArch: noarch
%description
A package of the tests.
%files
"""
METALINK = """\
<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/">
 <files><file name="repomd.xml">
  <size>{size}</size>
  <verification><hash type="sha256">{checksum}</hash></verification>
  <resources><url protocol="http" type="http" preference="100">{url}/repodata/repomd.xml</url></resources>
 </file></files>
</metalink>
"""


class Site:
    """A web site with the files of a folder.

    :param folder: the folder.
    :param url: URL of the folder, without a slash at its end.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def metalink(self, name: str, repository: str) -> None:
        """Write a metalink that names one mirror.

        :param name: name of the file.
        :param repository: path of the repository on the site.
        """
        index = (self.folder / repository / "repodata/repomd.xml").read_bytes()
        values = {"size": len(index), "checksum": hashlib.sha256(index).hexdigest()}
        (self.folder / name).write_text(METALINK.format(url=f"{self.url}/{repository}", **values))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Serve a folder.

    :param folder: the folder.
    """
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(folder, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


def make_repository(folder: Path, *packages: str, key: Path | None = None) -> None:
    """Make a repository of packages without files.

    :param folder: the repository; its parents are created.
    :param packages: NAME-VERSION of each package; one that ends with `!` is not signed.
    :param key: home folder of gpg with the key that signs them; None to sign nothing.
    """
    folder.mkdir(parents=True)
    for package in packages:
        name, _, version = package.rstrip("!").rpartition("-")
        path = folder / f"{name}.spec"
        path.write_text(SPEC.format(name=name, version=version))
        defines = ["--define", f"_topdir {folder}/build", "--define", f"_rpmdir {folder}"]
        subprocess.run(["rpmbuild", "-bb", *defines, path], check=True, capture_output=True)
        if key is not None and not package.endswith("!"):
            (made,) = folder.glob(f"noarch/{name}-*.rpm")
            macros = {"__gpg": shutil.which("gpg"), "_gpg_path": key}
            macros |= dict.fromkeys(("_gpg_name", "_openpgp_sign_id"), "test")
            options = [part for name, body in macros.items() for part in ("--define", f"{name} {body}")]
            subprocess.run(["rpmsign", *options, "--addsign", made], check=True, capture_output=True)
    update_repository(folder)


def make_key(home: Path, public: Path) -> Path:
    """Make a key without a passphrase.

    :param home: a new home folder for gpg; its path is short, since gpg has a socket there.
    :param public: the file to write the public key to.
    :returns: `home`.
    """
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "test", "rsa2048", "sign"], check=True, capture_output=True)
    public.write_bytes(subprocess.run([*gpg, "--armor", "--export"], check=True, capture_output=True).stdout)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True, capture_output=True)
    return home
